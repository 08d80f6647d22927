//! What the tenant says of its fields: asked for when needed, kept for a quarter of an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Performer;
use crate::error::{Code, Error};
use crate::live::Live;
use crate::request::Request;
use crate::schema::Entity;

const KEPT: Duration = Duration::from_secs(900);
/// What could not be read is not asked for again and again.
const REFUSAL_KEPT: Duration = Duration::from_secs(60);

/// A list of fields that an entity has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum List {
    Fields,
    Udfs,
}

/// The tenant's lists of fields as they were a moment ago. Equal requests in flight are one at the client.
#[derive(Default)]
pub struct Metadata(Mutex<HashMap<(Entity, List), Kept>>);

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
        let path = format!("{}/entityInformation/{}", entity.name(), list.segment());
        let body = match self.read(&Request::get(path)).await {
            // Some entities have no such address, which says that they have no UDFs.
            Err(error) if list == List::Udfs && error.code() == Code::NotFound => {
                return Ok(Arc::default());
            }
            read => read?,
        };
        let live = Live::read(&body).ok_or_else(|| {
            let message = "Autotask answered without a list of fields.";
            Error::new(Code::UpstreamUnavailable, message).next("Try again in a moment.")
        });
        live.map(Arc::new)
    }
}

/// What the settings or a pause refused is no fact about the tenant.
pub(super) fn is_ours(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::NotConfigured | Code::AuthFailed | Code::ThresholdReached
    )
}

impl List {
    fn segment(self) -> &'static str {
        match self {
            Self::Fields => "fields",
            Self::Udfs => "userDefinedFields",
        }
    }
}

impl Metadata {
    fn fresh(&self, entity: Entity, list: List) -> Option<Result<Arc<Live>, Error>> {
        let all = self.all();
        let kept = all.get(&(entity, list))?;
        let time = match kept.read {
            Ok(_) => KEPT,
            Err(_) => REFUSAL_KEPT,
        };
        (kept.at.elapsed() < time).then(|| kept.read.clone())
    }

    fn keep(&self, entity: Entity, list: List, read: Result<Arc<Live>, Error>) {
        if !read.as_ref().is_err_and(is_ours) {
            let at = Instant::now();
            self.all().insert((entity, list), Kept { at, read });
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<(Entity, List), Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
