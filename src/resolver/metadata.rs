//! The tenant's fields, picklists and UDFs, read on demand and cached for 15 minutes.

use std::sync::Arc;

use super::Resolver;
use crate::catalog::tenant_fields::TenantFields;
use crate::catalog::{DiscoveredSchema, Entity, UDFS};
use crate::error::{Code, Error};
use crate::plan::request::Request;
use crate::value::cache::{ERROR_TTL, VALUE_TTL};
use crate::value::lock::lock;

/// The two lists of fields of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldList {
    Fields,
    Udfs,
}

impl Resolver {
    /// The tenant's list; empty for the UDFs of an entity that cannot have any.
    ///
    /// # Errors
    /// The error of reading the list, which may be a recent cached one.
    pub async fn tenant_fields(
        &self,
        entity: Entity,
        list: FieldList,
    ) -> Result<Arc<TenantFields>, Error> {
        match self.cached_fields(entity, list) {
            Some(cached) => cached,
            None => self.fetch_fields(entity, list).await,
        }
    }

    /// Checks something against the tenant's list. If the check fails on a cached list, which may be outdated, the list is
    /// read again and checked once more, at most once a minute.
    ///
    /// # Errors
    /// The error of reading the list; the inner error is the check's.
    pub async fn check_fields<T>(
        &self,
        (entity, list): (Entity, FieldList),
        check: impl Fn(&TenantFields) -> Result<T, Error> + Send + Sync,
    ) -> Result<Result<T, Error>, Error>
    where
        T: Send,
    {
        let Some(cached) = self.cached_fields(entity, list) else {
            return Ok(check(&*self.fetch_fields(entity, list).await?));
        };
        let is_first_miss = |error: &Error| {
            matches!(error.code(), Code::NoSuchName | Code::UnknownField)
                && self.refreshed_lists.insert_new((entity, list), (), ERROR_TTL)
        };
        let error = match check(&*cached?) {
            Err(error) if is_first_miss(&error) => error,
            checked => return Ok(checked),
        };
        match self.fetch_fields(entity, list).await {
            Ok(fields) => Ok(check(&fields)),
            Err(_) => Ok(Err(error)),
        }
    }

    /// The fields and UDFs beyond the built-in schema that were read so far.
    #[must_use]
    pub fn discovered_schema(&self) -> Arc<DiscoveredSchema> {
        lock(&self.discovered).clone()
    }

    /// Whether a list, or why it could not be read, is known.
    pub(super) fn is_cached(&self, entity: Entity, list: FieldList) -> bool {
        self.cached_fields(entity, list).is_some()
    }

    fn cached_fields(
        &self,
        entity: Entity,
        list: FieldList,
    ) -> Option<Result<Arc<TenantFields>, Error>> {
        if list == FieldList::Udfs && !entity.has_udfs() {
            return Some(Ok(Arc::default()));
        }
        self.field_lists.get(&(entity, list))
    }

    async fn fetch_fields(
        &self,
        entity: Entity,
        list: FieldList,
    ) -> Result<Arc<TenantFields>, Error> {
        let read = match self.fetch_field_list(entity, list).await {
            // Some entities have no such path because they have no UDFs.
            Err(error) if list == FieldList::Udfs && error.code() == Code::NotFound => {
                Ok(Arc::default())
            }
            read => read.map(Arc::new),
        };
        let ttl = match &read {
            Ok(fields) => {
                self.record_discoveries(entity, list, fields);
                VALUE_TTL
            }
            Err(error) if is_local_failure(error) => return read,
            Err(_) => ERROR_TTL,
        };
        self.field_lists.insert((entity, list), read.clone(), ttl);
        read
    }

    async fn fetch_field_list(
        &self,
        entity: Entity,
        list: FieldList,
    ) -> Result<TenantFields, Error> {
        let path = format!("{}/entityInformation/{}", entity.name(), list.segment());
        let body = self.client.read(&Request::get(path)).await?;
        TenantFields::read(&body).ok_or_else(|| {
            let message = "Autotask answered without a list of fields.";
            Error::new(Code::UpstreamUnavailable, message).next("Try again in a moment.")
        })
    }

    /// Records the fields that the built-in schema does not contain, and the names of UDFs.
    fn record_discoveries(&self, entity: Entity, list: FieldList, fields: &TenantFields) {
        let mut discovered = lock(&self.discovered);
        match list {
            FieldList::Fields => {
                for field in fields.not_in_schema(entity) {
                    if !discovered.has(entity, &field.name) {
                        let schema = Arc::make_mut(&mut discovered);
                        schema.add_field(entity, &field.name, field.as_field());
                    }
                }
            }
            FieldList::Udfs => {
                for udf in fields.iter() {
                    if !discovered.has_udf(entity, &udf.name) {
                        Arc::make_mut(&mut discovered).add_udf(entity, &udf.name);
                    }
                }
            }
        }
    }
}

/// Whether a failure comes from the settings or this program's own limits rather than the tenant.
#[must_use]
pub fn is_local_failure(error: &Error) -> bool {
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
