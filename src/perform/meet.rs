//! An entity that the schema does not know: asked for once, and known from then on.

use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::Value;
use tokio::time::Instant;

use super::Performer;
use super::kept::{REFUSAL_KEPT, lock};
use super::metadata::{List, is_ours};
use crate::address::unknown;
use crate::error::{Code, Error};
use crate::live::Live;
use crate::plan::{Describe, Meet};
use crate::request::Request;
use crate::schema::{Entity, Novelty};

/// Nobody misspells more in a minute; the names are a caller's words, and must not fill the memory.
const MOST: usize = 100;

/// Names under which the tenant gave no entity a moment ago.
#[derive(Default)]
pub(super) struct Strangers(Mutex<HashMap<String, (Instant, Error)>>);

impl Strangers {
    fn refused(&self, name: &str) -> Option<Error> {
        let mut kept = lock(&self.0);
        kept.retain(|_, (at, _)| at.elapsed() < REFUSAL_KEPT);
        kept.get(name).map(|(_, refusal)| refusal.clone())
    }

    fn keep(&self, name: &str, refusal: &Error) {
        let mut kept = lock(&self.0);
        if kept.len() < MOST && !is_ours(refusal) {
            kept.insert(name.to_owned(), (Instant::now(), refusal.clone()));
        }
    }
}

impl Performer {
    /// The description of an entity that only the tenant knows.
    pub(super) async fn meet(&self, meet: Meet) -> Result<Value, Error> {
        let entity = match self.metadata.strangers.refused(&meet.name) {
            Some(refusal) => return Err(refusal),
            None => self.stranger(&meet.name).await,
        };
        let entity = entity.inspect_err(|error| self.metadata.strangers.keep(&meet.name, error))?;
        self.describe(&Describe { entity, field: meet.field, about: meet.about }).await
    }

    /// The entity of a name, if the tenant has one.
    async fn stranger(&self, name: &str) -> Result<Entity, Error> {
        let address = format!("{name}/entityInformation");
        let told = match self.read(&Request::get(address)).await {
            Err(error) if error.code() == Code::NotFound => return Err(unknown(name)),
            told => told?,
        };
        let fields = self.list_of(name, List::Fields).await?;
        let entity = self.introduced(name, &told["info"], &fields);
        entity.ok_or_else(|| unknown(name))
    }

    /// The entity that `entityInformation` tells of; none where it tells nothing.
    fn introduced(&self, name: &str, info: &Value, live: &Live) -> Option<Entity> {
        let rights =
            [("canQuery", 'Q'), ("canCreate", 'C'), ("canUpdate", 'U'), ("canDelete", 'D')];
        let has = |key: &str| info[key] == Value::Bool(true);
        let can = rights.into_iter().filter(|(key, _)| has(key));
        let can: String = can.map(|(_, letter)| letter).collect();
        let fields = live.iter().map(|field| (field.name.as_str(), field.as_field()));
        let new = Novelty {
            name,
            singular: info.get("name")?.as_str()?,
            can: &can,
            has_udfs: has("hasUserDefinedFields"),
            fields: fields.collect(),
        };
        self.metadata.meet(new, live.clone())
    }
}
