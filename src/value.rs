//! Single values and records: lenient in spelling, strict in meaning.

pub mod cache;
pub mod coerce;
pub mod datetime;
pub mod hmac;
pub mod lock;
pub mod record;
pub mod row;
pub mod strings;
