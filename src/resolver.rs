//! Resolves names to ids and codes, and back. A name is never guessed: an ambiguous one is an error.

mod batch;
mod errors;
mod keys;
mod label_lookup;
pub mod labels;
pub mod matching;
mod metadata;
pub mod name_ref;
pub mod name_search;
mod people;
mod picklists;
mod record_names;
mod resolve;
pub mod resolved;
mod target;

use std::sync::{Arc, Mutex};

use crate::catalog::tenant_fields::TenantFields;
use crate::catalog::{DiscoveredSchema, Entity};
use crate::client::Client;
use crate::error::Error;
use crate::value::cache::Cache;
pub use labels::Labels;
pub use matching::{NameCandidate, match_name};
pub use metadata::{FieldList, is_local_failure};
pub use name_ref::NameRef;
pub use picklists::find_picklist_value;
pub use record_names::{RecordName, RecordNames};
pub use resolved::{ResolutionNotes, Resolved};

/// Enough for the two field lists of all entities.
const MAX_CACHED_FIELD_LISTS: usize = 1_000;
/// More names than anyone sees within 15 minutes, the time to live.
const MAX_CACHED_RECORD_NAMES: usize = 50_000;
/// More names than anyone filters by within 15 minutes, the time to live.
const MAX_CACHED_NAMES: usize = 5_000;

/// More people than act through one server.
const MAX_CACHED_PEOPLE: usize = 1_000;

/// Resolves names of fields, codes and records of a tenant; caches them for some minutes.
pub struct Resolver {
    client: Client,
    /// Lists of fields, or the error of reading one.
    field_lists: Cache<(Entity, FieldList), Result<Arc<TenantFields>, Error>>,
    /// Lists that were read again because the cached list lacked something.
    refreshed_lists: Cache<(Entity, FieldList), ()>,
    discovered: Mutex<Arc<DiscoveredSchema>>,
    /// Names by id; none for records that do not exist or are not visible.
    record_names: Cache<(Entity, i64), Option<RecordName>>,
    /// Entities whose records the API user may not read.
    denials: Cache<Entity, Error>,
    /// Resolved names of filters; names in writes are always looked up.
    names: Cache<NameCacheKey, NameCandidate>,
    /// The people of e-mail addresses; also why there is none.
    people: Cache<String, Result<i64, Error>>,
    /// The ticket statuses that count as closed.
    closed_status_ids: Vec<i64>,
}

/// The entity and field of a name, the name, and the code it depends on.
type NameCacheKey = (Entity, &'static str, String, Option<i64>);

impl Resolver {
    /// A resolver for the tenant of this client.
    #[must_use]
    pub fn new(client: &Client, closed_status_ids: &[i64]) -> Self {
        Self {
            client: client.clone(),
            field_lists: Cache::new(MAX_CACHED_FIELD_LISTS),
            refreshed_lists: Cache::new(MAX_CACHED_FIELD_LISTS),
            discovered: Mutex::default(),
            record_names: Cache::new(MAX_CACHED_RECORD_NAMES),
            denials: Cache::new(MAX_CACHED_FIELD_LISTS),
            names: Cache::new(MAX_CACHED_NAMES),
            people: Cache::new(MAX_CACHED_PEOPLE),
            closed_status_ids: closed_status_ids.to_vec(),
        }
    }

    /// Drops what a write may have changed: the record's name, and all resolved names.
    pub fn invalidate(&self, entity: Entity, id: i64) {
        self.record_names.remove(&(entity, id));
        self.names.clear();
    }
}
