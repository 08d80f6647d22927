//! The tenant's clock: dates that Autotask sets are compared with its own time, not with ours.

use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use http::Response;
use http::header::DATE;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};

/// How many seconds the tenant is ahead of us; 0 until the first response.
#[derive(Default)]
pub struct ServerClock(AtomicI64);

impl ServerClock {
    /// Records the time at which a response was sent.
    pub fn observe(&self, response: &Response<Bytes>) {
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        let sent = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
        if let Some(sent) = sent {
            let ahead = sent.duration_since(Timestamp::now());
            self.0.store(ahead.as_secs(), Ordering::Relaxed);
        }
    }

    /// The tenant's current time.
    pub fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.0.load(Ordering::Relaxed));
        let ours = Timestamp::now();
        ours.checked_add(ahead).unwrap_or(ours)
    }
}
