//! What the tenant says of its fields: asked for when needed, kept for a quarter of an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::time::Instant;

use super::Executor;
use super::kept::{ERROR_TTL, VALUE_TTL, lock};
use crate::catalog::tenant_fields::TenantFields;
use crate::catalog::{DiscoveredSchema, Entity, UDFS};
use crate::client::request::Request;
use crate::error::{Code, Error};

/// A list of fields that an entity has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum FieldList {
    Fields,
    Udfs,
}

/// The tenant's lists of fields as they were a moment ago. Equal requests in flight are one at the client.
#[derive(Default)]
pub struct Metadata {
    lists: Mutex<HashMap<(Entity, FieldList), CachedMetadata>>,
    learnt: Mutex<Arc<DiscoveredSchema>>,
}

struct CachedMetadata {
    at: Instant,
    read: Result<Arc<TenantFields>, Error>,
}

impl Executor {
    /// The tenant's list; an entity that cannot have UDFs is not asked for them.
    pub(super) async fn tenant_fields(
        &self,
        entity: Entity,
        list: FieldList,
    ) -> Result<Arc<TenantFields>, Error> {
        if list == FieldList::Udfs && !entity.has_udfs() {
            return Ok(Arc::default());
        }
        if let Some(read) = self.metadata.cached(entity, list) {
            return read;
        }
        let read = self.fetch_fields(entity, list).await;
        self.metadata.keep(entity, list, read.clone());
        read
    }

    async fn fetch_fields(
        &self,
        entity: Entity,
        list: FieldList,
    ) -> Result<Arc<TenantFields>, Error> {
        match self.fetch_field_list(entity.name(), list).await {
            // Some entities have no such address, which says that they have no UDFs.
            Err(error) if list == FieldList::Udfs && error.code() == Code::NotFound => {
                Ok(Arc::default())
            }
            read => read.map(Arc::new),
        }
    }

    /// The list that the tenant gives under an entity's name.
    pub(super) async fn fetch_field_list(
        &self,
        entity: &str,
        list: FieldList,
    ) -> Result<TenantFields, Error> {
        let path = format!("{entity}/entityInformation/{}", list.segment());
        let body = self.read(&Request::get(path)).await?;
        TenantFields::read(&body).ok_or_else(|| {
            let message = "Autotask answered without a list of fields.";
            Error::new(Code::UpstreamUnavailable, message).next("Try again in a moment.")
        })
    }
}

/// What the settings or a pause refused is no fact about the tenant.
pub(super) fn is_local_failure(error: &Error) -> bool {
    matches!(error.code(), Code::NotConfigured | Code::AuthFailed | Code::ThresholdReached)
}

impl FieldList {
    fn segment(self) -> &'static str {
        match self {
            Self::Fields => "fields",
            Self::Udfs => UDFS,
        }
    }
}

impl Metadata {
    fn cached(&self, entity: Entity, list: FieldList) -> Option<Result<Arc<TenantFields>, Error>> {
        let lists = lock(&self.lists);
        let kept = lists.get(&(entity, list))?;
        let time = match kept.read {
            Ok(_) => VALUE_TTL,
            Err(_) => ERROR_TTL,
        };
        (kept.at.elapsed() < time).then(|| kept.read.clone())
    }

    fn keep(&self, entity: Entity, list: FieldList, read: Result<Arc<TenantFields>, Error>) {
        if let Ok(live) = &read {
            self.record_discoveries(entity, list, live);
        }
        if !read.as_ref().is_err_and(is_local_failure) {
            let at = Instant::now();
            lock(&self.lists).insert((entity, list), CachedMetadata { at, read });
        }
    }

    /// Keeps the fields that the schema does not know, and what UDFs are called.
    fn record_discoveries(&self, entity: Entity, list: FieldList, live: &TenantFields) {
        let mut learnt = lock(&self.learnt);
        match list {
            FieldList::Fields => {
                for field in live.not_in_schema(entity) {
                    if !learnt.has(entity, &field.name) {
                        Arc::make_mut(&mut learnt).add_field(entity, &field.name, field.as_field());
                    }
                }
            }
            FieldList::Udfs => {
                for udf in live.iter() {
                    if !learnt.has_udf(entity, &udf.name) {
                        Arc::make_mut(&mut learnt).add_udf(entity, &udf.name);
                    }
                }
            }
        }
    }

    /// What the tenant has told of beyond the schema.
    pub(super) fn discovered(&self) -> Arc<DiscoveredSchema> {
        lock(&self.learnt).clone()
    }
}
