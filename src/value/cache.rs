//! A bounded cache whose entries expire.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::lock::lock;

/// How long a value stays valid.
pub const VALUE_TTL: Duration = Duration::from_secs(900);
/// How long a failure is remembered, so that it is not requested again at once.
pub const ERROR_TTL: Duration = Duration::from_secs(60);

/// Values by key, each until its own expiry, and no more than a fixed number of them.
pub struct Cache<K, V> {
    entries: Mutex<HashMap<K, Entry<V>>>,
    max_entries: usize,
}

struct Entry<V> {
    inserted: Instant,
    expires: Instant,
    value: V,
}

impl<K: Eq + Hash + Clone, V: Clone> Cache<K, V> {
    /// An empty cache with room for this many entries.
    #[must_use]
    pub fn new(max_entries: usize) -> Self {
        Self { entries: Mutex::default(), max_entries }
    }

    /// The value, unless it has expired.
    pub fn get(&self, key: &K) -> Option<V> {
        Some(self.get_with_age(key)?.0)
    }

    /// The value and its age, unless it has expired.
    pub fn get_with_age(&self, key: &K) -> Option<(V, Duration)> {
        let entries = lock(&self.entries);
        let entry = entries.get(key).filter(|entry| Instant::now() < entry.expires)?;
        Some((entry.value.clone(), entry.inserted.elapsed()))
    }

    /// Adds or replaces a value; if there is no room, the others are dropped.
    pub fn insert(&self, key: K, value: V, ttl: Duration) {
        self.extend([(key, value)], ttl);
    }

    /// Adds or replaces several values.
    pub fn extend(&self, values: impl IntoIterator<Item = (K, V)>, ttl: Duration) {
        let values: Vec<_> = values.into_iter().take(self.max_entries).collect();
        let mut entries = lock(&self.entries);
        if !has_room(&mut entries, values.len(), self.max_entries) {
            entries.clear();
        }
        entries.extend(values.into_iter().map(|(key, value)| (key, Entry::new(value, ttl))));
    }

    /// Adds a value if its key is new and there is room; nothing is dropped for it.
    pub fn insert_new(&self, key: K, value: V, ttl: Duration) -> bool {
        let mut entries = lock(&self.entries);
        let is_known = entries.get(&key).is_some_and(|entry| Instant::now() < entry.expires);
        let is_added = !is_known && has_room(&mut entries, 1, self.max_entries);
        if is_added {
            entries.insert(key, Entry::new(value, ttl));
        }
        is_added
    }

    /// The values that have not expired, and how long they remain valid.
    pub fn remaining(&self) -> Vec<(K, V, Duration)> {
        let (entries, now) = (lock(&self.entries), Instant::now());
        let valid = entries.iter().filter(|(_, entry)| now < entry.expires);
        valid.map(|(key, entry)| (key.clone(), entry.value.clone(), entry.expires - now)).collect()
    }

    /// Drops one value.
    pub fn remove(&self, key: &K) {
        lock(&self.entries).remove(key);
    }

    /// Drops every value.
    pub fn clear(&self) {
        lock(&self.entries).clear();
    }
}

impl<V> Entry<V> {
    fn new(value: V, ttl: Duration) -> Self {
        let inserted = Instant::now();
        Self { inserted, expires: inserted + ttl, value }
    }
}

/// Whether so many more entries fit, once the expired ones are dropped.
fn has_room<K: Eq + Hash, V>(
    entries: &mut HashMap<K, Entry<V>>,
    added: usize,
    max_entries: usize,
) -> bool {
    if entries.len() + added > max_entries {
        let now = Instant::now();
        entries.retain(|_, entry| now < entry.expires);
    }
    entries.len() + added <= max_entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn entries_expire_and_are_bounded() {
        let cache = Cache::new(2);
        cache.insert("a", 1, VALUE_TTL);
        cache.insert("b", 2, ERROR_TTL);
        assert!(!cache.insert_new("a", 9, VALUE_TTL), "known");
        assert!(!cache.insert_new("c", 9, VALUE_TTL), "full");
        assert_eq!((cache.get(&"a"), cache.get(&"b"), cache.get(&"c")), (Some(1), Some(2), None));
        tokio::time::sleep(ERROR_TTL).await;
        assert_eq!((cache.get(&"a"), cache.get(&"b")), (Some(1), None));
        assert!(cache.insert_new("c", 3, VALUE_TTL), "an expired entry makes room");
        cache.insert("d", 4, VALUE_TTL);
        assert_eq!((cache.get(&"c"), cache.get(&"d")), (None, Some(4)), "full: the others go");
    }
}
