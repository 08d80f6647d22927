//! Which records the names in filters meant, kept for a quarter of an hour; what is written is looked up anew.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use tokio::time::Instant;

use super::kept::{VALUE_TTL, lock};
use crate::catalog::Entity;
use crate::resolver::{NameCandidate, NameRef};

/// More names than anybody asks for in a quarter of an hour; a bound for the memory.
const MAX_CACHED_NAMES: usize = 5_000;

/// What names came to.
#[derive(Default)]
pub struct NameCache(Mutex<HashMap<NameCacheKey, (Instant, NameCandidate)>>);

/// Where a name was given, the name, and the code it stands under.
type NameCacheKey = (Entity, &'static str, String, Option<i64>);

impl NameCache {
    /// What a name came to a moment ago.
    pub(super) fn get(&self, asked: &NameRef) -> Option<NameCandidate> {
        let all = self.all();
        let (at, found) = all.get(&key(asked))?;
        (at.elapsed() < VALUE_TTL).then(|| found.clone())
    }

    /// Labels are not kept: the metadata that they are found in is.
    pub(super) fn insert(&self, asked: &NameRef, found: &NameCandidate) {
        if !asked.field.picklist.is_no() {
            return;
        }
        let mut all = self.all();
        if all.len() >= MAX_CACHED_NAMES {
            all.clear();
        }
        all.insert(key(asked), (Instant::now(), found.clone()));
    }

    /// After a write any name may mean another record.
    pub(super) fn clear(&self) {
        self.all().clear();
    }

    fn all(&self) -> MutexGuard<'_, HashMap<NameCacheKey, (Instant, NameCandidate)>> {
        lock(&self.0)
    }
}

fn key(asked: &NameRef) -> NameCacheKey {
    (asked.entity, asked.field.name, asked.name.clone(), asked.under)
}
