//! Which records the names in filters meant, kept for a quarter of an hour; what is written is looked up anew.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use tokio::time::Instant;

use super::kept::{KEPT, lock};
use crate::names::{Asked, Candidate};
use crate::schema::Entity;

/// More names than anybody asks for in a quarter of an hour; a bound for the memory.
const MOST: usize = 5_000;

/// What names came to.
#[derive(Default)]
pub struct Meant(Mutex<HashMap<Key, (Instant, Candidate)>>);

/// Where a name was given, the name, and the code it stands under.
type Key = (Entity, &'static str, String, Option<i64>);

impl Meant {
    /// What a name came to a moment ago.
    pub(super) fn of(&self, asked: &Asked) -> Option<Candidate> {
        let all = self.all();
        let (at, found) = all.get(&key(asked))?;
        (at.elapsed() < KEPT).then(|| found.clone())
    }

    /// Labels are not kept: the metadata that they are found in is.
    pub(super) fn keep(&self, asked: &Asked, found: &Candidate) {
        if !asked.field.picklist.is_no() {
            return;
        }
        let mut all = self.all();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key(asked), (Instant::now(), found.clone()));
    }

    /// After a write any name may mean another record.
    pub(super) fn forget(&self) {
        self.all().clear();
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Key, (Instant, Candidate)>> {
        lock(&self.0)
    }
}

fn key(asked: &Asked) -> Key {
    (asked.entity, asked.field.name, asked.name.clone(), asked.under)
}
