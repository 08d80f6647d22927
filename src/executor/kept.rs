//! How long what a tenant told is believed, and the lock on it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Metadata and names are asked for again after a quarter of an hour.
pub(super) const VALUE_TTL: Duration = Duration::from_secs(900);
/// What could not be read is not asked for again and again.
pub(super) const ERROR_TTL: Duration = Duration::from_secs(60);

/// What is kept; whoever panicked while holding it left it whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
