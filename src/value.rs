//! Single values and records: lenient in spelling, strict in meaning.

pub mod coerce;
pub mod datetime;
pub mod hmac;
pub mod record;
