//! What the tenant says of its fields: asked for when needed, kept for a quarter of an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::time::Instant;

use super::Performer;
use super::kept::{KEPT, REFUSAL_KEPT, lock};
use super::meet::Strangers;
use crate::error::{Code, Error};
use crate::live::Live;
use crate::request::Request;
use crate::schema::{Entity, Learnt, Novelty, UDFS};

/// A list of fields that an entity has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum List {
    Fields,
    Udfs,
}

/// The tenant's lists of fields as they were a moment ago. Equal requests in flight are one at the client.
#[derive(Default)]
pub struct Metadata {
    lists: Mutex<HashMap<(Entity, List), Kept>>,
    learnt: Mutex<Arc<Learnt>>,
    pub(super) strangers: Strangers,
}

struct Kept {
    at: Instant,
    read: Result<Arc<Live>, Error>,
}

impl Performer {
    /// The tenant's list; an entity that cannot have UDFs is not asked for them.
    pub(super) async fn live(&self, entity: Entity, list: List) -> Result<Arc<Live>, Error> {
        if list == List::Udfs && !entity.has_udfs() {
            return Ok(Arc::default());
        }
        if let Some(read) = self.metadata.fresh(entity, list) {
            return read;
        }
        let read = self.listed(entity, list).await;
        self.metadata.keep(entity, list, read.clone());
        read
    }

    async fn listed(&self, entity: Entity, list: List) -> Result<Arc<Live>, Error> {
        match self.list_of(entity.name(), list).await {
            // Some entities have no such address, which says that they have no UDFs.
            Err(error) if list == List::Udfs && error.code() == Code::NotFound => {
                Ok(Arc::default())
            }
            read => read.map(Arc::new),
        }
    }

    /// The list that the tenant gives under an entity's name.
    pub(super) async fn list_of(&self, entity: &str, list: List) -> Result<Live, Error> {
        let path = format!("{entity}/entityInformation/{}", list.segment());
        let body = self.read(&Request::get(path)).await?;
        Live::read(&body).ok_or_else(|| {
            let message = "Autotask answered without a list of fields.";
            Error::new(Code::UpstreamUnavailable, message).next("Try again in a moment.")
        })
    }
}

/// What the settings or a pause refused is no fact about the tenant.
pub(super) fn is_ours(error: &Error) -> bool {
    matches!(error.code(), Code::NotConfigured | Code::AuthFailed | Code::ThresholdReached)
}

impl List {
    fn segment(self) -> &'static str {
        match self {
            Self::Fields => "fields",
            Self::Udfs => UDFS,
        }
    }
}

impl Metadata {
    fn fresh(&self, entity: Entity, list: List) -> Option<Result<Arc<Live>, Error>> {
        let lists = lock(&self.lists);
        let kept = lists.get(&(entity, list))?;
        let time = match kept.read {
            Ok(_) => KEPT,
            Err(_) => REFUSAL_KEPT,
        };
        (kept.at.elapsed() < time).then(|| kept.read.clone())
    }

    fn keep(&self, entity: Entity, list: List, read: Result<Arc<Live>, Error>) {
        if let Ok(live) = &read {
            self.learn(entity, list, live);
        }
        if !read.as_ref().is_err_and(is_ours) {
            let at = Instant::now();
            lock(&self.lists).insert((entity, list), Kept { at, read });
        }
    }

    /// Keeps the fields that the schema does not know, and what UDFs are called.
    fn learn(&self, entity: Entity, list: List, live: &Live) {
        let mut learnt = lock(&self.learnt);
        match list {
            List::Fields => {
                for field in live.beyond(entity) {
                    if !learnt.has(entity, &field.name) {
                        Arc::make_mut(&mut learnt).learn(entity, &field.name, field.as_field());
                    }
                }
            }
            List::Udfs => {
                for udf in live.iter() {
                    if !learnt.has_udf(entity, &udf.name) {
                        Arc::make_mut(&mut learnt).learn_udf(entity, &udf.name);
                    }
                }
            }
        }
    }

    /// Keeps an entity that the schema does not know, and its fields.
    pub(super) fn meet(&self, new: Novelty, fields: Live) -> Option<Entity> {
        let entity = Arc::make_mut(&mut lock(&self.learnt)).meet(new)?;
        self.keep(entity, List::Fields, Ok(Arc::new(fields)));
        Some(entity)
    }

    /// What the tenant has told of beyond the schema.
    pub(super) fn learnt(&self) -> Arc<Learnt> {
        lock(&self.learnt).clone()
    }
}
