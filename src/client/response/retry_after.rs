//! How long a reply asks to wait.

use bytes::Bytes;
use http::Response;
use http::header::{DATE, HeaderName, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The tenant's threshold looks one hour back, so no longer wait makes sense.
const MAX_RETRY_AFTER_SECONDS: u64 = 3600;

/// The seconds of `Retry-After`, from 1 to 3600; a date counts from the reply's own `Date`, or else from now.
pub(super) fn retry_after(reply: &Response<Bytes>) -> Option<u64> {
    let text = header(reply, &RETRY_AFTER)?;
    let seconds = text.parse().ok().or_else(|| until(text, reply))?;
    Some(seconds.clamp(1, MAX_RETRY_AFTER_SECONDS))
}

fn until(date: &str, reply: &Response<Bytes>) -> Option<u64> {
    let sent = header(reply, &DATE).and_then(moment).unwrap_or_else(Timestamp::now);
    let wait = moment(date)?.duration_since(sent);
    Some(u64::try_from(wait.as_secs()).unwrap_or_default())
}

fn header<'a>(reply: &'a Response<Bytes>, name: &HeaderName) -> Option<&'a str> {
    let value = reply.headers().get(name)?;
    value.to_str().ok().map(str::trim)
}

fn moment(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}
