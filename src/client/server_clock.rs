//! The tenant's time: dates that it sets are held against its own clock, not against ours.

use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use http::Response;
use http::header::DATE;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};

/// How many seconds the tenant is ahead of us; nothing until it said so.
#[derive(Default)]
pub struct ServerClock(AtomicI64);

impl ServerClock {
    /// Hears the time at which a reply was sent.
    pub fn observe(&self, reply: &Response<Bytes>) {
        let date = reply.headers().get(DATE).and_then(|date| date.to_str().ok());
        let sent = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
        if let Some(sent) = sent {
            let ahead = sent.duration_since(Timestamp::now());
            self.0.store(ahead.as_secs(), Ordering::Relaxed);
        }
    }

    /// What time it is there.
    pub fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.0.load(Ordering::Relaxed));
        let ours = Timestamp::now();
        ours.checked_add(ahead).unwrap_or(ours)
    }
}
