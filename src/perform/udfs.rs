//! Which user-defined fields the tenant has, asked when a filter needs to know.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::Performer;
use crate::error::Error;
use crate::filter::{Clause, is_unsettled, settle};
use crate::request::Request;
use crate::schema::Entity;

const KEPT: Duration = Duration::from_secs(900);

/// The names of UDFs, by entity, as they were a moment ago.
#[derive(Default)]
pub struct Udfs(Mutex<HashMap<Entity, (Instant, Vec<String>)>>);

impl Performer {
    /// The clauses with every name that may be a UDF settled; nothing is asked where none is.
    pub(super) async fn settled(
        &self,
        entity: Entity,
        clauses: &[Clause],
    ) -> Result<Vec<Clause>, Error> {
        if !is_unsettled(clauses) {
            return Ok(clauses.to_vec());
        }
        settle(entity, clauses, &self.udf_names(entity).await?)
    }

    async fn udf_names(&self, entity: Entity) -> Result<Vec<String>, Error> {
        if let Some(names) = self.udfs.fresh(entity) {
            return Ok(names);
        }
        let path = format!("{}/entityInformation/userDefinedFields", entity.name());
        let body = self.read(&Request::get(path)).await?;
        let listed = body["fields"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let name = |row: &Value| row["name"].as_str().map(str::to_owned);
        let names: Vec<_> = listed.iter().filter_map(name).collect();
        self.udfs.keep(entity, names.clone());
        Ok(names)
    }
}

impl Udfs {
    fn fresh(&self, entity: Entity) -> Option<Vec<String>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, names) = kept.get(&entity)?;
        (at.elapsed() < KEPT).then(|| names.clone())
    }

    fn keep(&self, entity: Entity, names: Vec<String>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(entity, (Instant::now(), names));
    }
}
