//! An entity that the schema does not know: asked for once, and known from then on.

use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::Value;
use tokio::time::Instant;

use super::Executor;
use super::kept::{ERROR_TTL, lock};
use super::metadata::{FieldList, is_local_failure};
use crate::catalog::tenant_fields::TenantFields;
use crate::catalog::{DiscoveredEntity, Entity};
use crate::client::request::Request;
use crate::error::{Code, Error};
use crate::plan::address::unknown_entity_error;
use crate::plan::{Describe, DiscoverEntity};

/// Nobody misspells more in a minute; the names are a caller's words, and must not fill the memory.
const MAX_UNKNOWN_ENTITIES: usize = 100;

/// Names under which the tenant gave no entity a moment ago.
#[derive(Default)]
pub(super) struct UnknownEntityCache(Mutex<HashMap<String, (Instant, Error)>>);

impl UnknownEntityCache {
    fn cached_refusal(&self, name: &str) -> Option<Error> {
        let mut kept = lock(&self.0);
        kept.retain(|_, (at, _)| at.elapsed() < ERROR_TTL);
        kept.get(name).map(|(_, refusal)| refusal.clone())
    }

    fn keep(&self, name: &str, refusal: &Error) {
        let mut kept = lock(&self.0);
        if kept.len() < MAX_UNKNOWN_ENTITIES && !is_local_failure(refusal) {
            kept.insert(name.to_owned(), (Instant::now(), refusal.clone()));
        }
    }
}

impl Executor {
    /// The description of an entity that only the tenant knows.
    pub(super) async fn discover(&self, meet: DiscoverEntity) -> Result<Value, Error> {
        let entity = match self.metadata.strangers.cached_refusal(&meet.name) {
            Some(refusal) => return Err(refusal),
            None => self.fetch_entity(&meet.name).await,
        };
        let entity = entity.inspect_err(|error| self.metadata.strangers.keep(&meet.name, error))?;
        self.describe(&Describe { entity, field: meet.field, about: meet.about }).await
    }

    /// The entity of a name, if the tenant has one.
    async fn fetch_entity(&self, name: &str) -> Result<Entity, Error> {
        let address = format!("{name}/entityInformation");
        let told = match self.read(&Request::get(address)).await {
            Err(error) if error.code() == Code::NotFound => return Err(unknown_entity_error(name)),
            told => told?,
        };
        let fields = self.fetch_field_list(name, FieldList::Fields).await?;
        let entity = self.register(name, &told["info"], &fields);
        entity.ok_or_else(|| unknown_entity_error(name))
    }

    /// The entity that `entityInformation` tells of; none where it tells nothing.
    fn register(&self, name: &str, info: &Value, live: &TenantFields) -> Option<Entity> {
        let rights =
            [("canQuery", 'Q'), ("canCreate", 'C'), ("canUpdate", 'U'), ("canDelete", 'D')];
        let has = |key: &str| info[key] == Value::Bool(true);
        let can = rights.into_iter().filter(|(key, _)| has(key));
        let can: String = can.map(|(_, letter)| letter).collect();
        let fields = live.iter().map(|field| (field.name.as_str(), field.as_field()));
        let new = DiscoveredEntity {
            name,
            singular: info.get("name")?.as_str()?,
            can: &can,
            has_udfs: has("hasUserDefinedFields"),
            fields: fields.collect(),
        };
        self.metadata.add_entity(new, live.clone())
    }
}
