//! Parsers of setting values.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use tracing_subscriber::filter::Targets;

use super::BaseUrl;
use crate::catalog::{Entity, nearest};

/// A parsed value; the error may contain details in addition to the list of accepted values.
pub(super) type Parsed<T> = Result<T, Option<String>>;

/// Shorter tokens could be guessed.
pub const MIN_TOKEN_CHARS: usize = 16;
const MIN_STATE_KEY_CHARS: usize = 32;

/// Credentials in the examples of the documentation that no rule covers.
const EXAMPLES: [&str; 4] = ["secret", "code", "changeme", "a-token-of-16-characters-at-least"];

/// Any text.
#[expect(clippy::unnecessary_wraps, reason = "a parser as all others")]
pub(super) fn text<T: for<'a> From<&'a str>>(text: &str) -> Parsed<T> {
    Ok(text.into())
}

pub(super) fn base_url(text: &str) -> Parsed<BaseUrl> {
    BaseUrl::parse(text).ok_or(None)
}

/// The URL of an identity provider, as it is written.
pub(super) fn issuer(text: &str) -> Parsed<String> {
    BaseUrl::parse(text).map(|_| text.to_owned()).ok_or(None)
}

/// Scopes between spaces, of the characters that RFC 6749 allows.
pub(super) fn scopes(text: &str) -> Parsed<Vec<String>> {
    let is_valid = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    let scopes: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
    match scopes.iter().all(|scope| scope.bytes().all(is_valid)) {
        true => Ok(scopes),
        false => Err(None),
    }
}

/// Parses `true`, `1`, `yes` or `on`, or their opposites, in any letter case.
#[must_use]
pub fn parse_flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

pub(super) fn flag(text: &str) -> Parsed<bool> {
    parse_flag(text).ok_or(None)
}

/// One of a few words, in any letter case.
pub(super) fn choice<T: Copy>(choices: &[(&str, T)]) -> impl Fn(&str) -> Parsed<T> {
    move |text| {
        let chosen = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        chosen.map(|(_, value)| *value).ok_or(None)
    }
}

pub(super) fn number<T: FromStr + PartialOrd>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Parsed<T> {
    move |text| text.parse().ok().filter(|number| range.contains(number)).ok_or(None)
}

pub(super) fn seconds(range: RangeInclusive<u64>) -> impl Fn(&str) -> Parsed<Duration> {
    let seconds = number(range);
    move |text| seconds(text).map(Duration::from_secs)
}

/// Entries separated by commas; at least one unless the text is empty.
pub(super) fn list(text: &str) -> Parsed<Vec<String>> {
    let entries = comma_list(text);
    if entries.is_empty() && !text.is_empty() { Err(None) } else { Ok(entries) }
}

fn comma_list(text: &str) -> Vec<String> {
    let entries = text.split(',').map(str::trim);
    entries.filter(|entry| !entry.is_empty()).map(String::from).collect()
}

/// Ids separated by commas; at least one.
pub(super) fn ids(text: &str) -> Parsed<Vec<i64>> {
    let id = number(0..=i64::MAX);
    list(text)?.iter().map(|entry| id(entry)).collect()
}

/// Entities separated by commas, in any letter case, plural or singular; at least one.
pub(super) fn entities(text: &str) -> Parsed<Vec<Entity>> {
    let find = |name: &String| Entity::find(name).ok_or_else(|| Some(no_entity(name)));
    list(text)?.iter().map(find).collect()
}

fn no_entity(name: &str) -> String {
    match nearest(name, Entity::ALL.into_iter().map(Entity::name)).first() {
        Some(near) => format!("{name:?} is not one, the nearest is {near}"),
        None => format!("{name:?} is not one"),
    }
}

pub(super) fn time_zone(text: &str) -> Parsed<TimeZone> {
    TimeZone::get(text).map_err(|_| None)
}

pub(super) fn instant(text: &str) -> Parsed<Timestamp> {
    text.parse().map_err(|_| None)
}

pub(super) fn log_filter(text: &str) -> Parsed<String> {
    text.parse::<Targets>().map(|_| text.to_owned()).map_err(|_| None)
}

pub(super) fn redis_url(text: &str) -> Parsed<SecretString> {
    redis::parse_redis_url(text).map(|_| text.into()).ok_or(None)
}

pub(super) fn http_token(text: &str) -> Parsed<SecretString> {
    if is_token(text) { Ok(text.into()) } else { Err(None) }
}

pub(super) fn state_key(text: &str) -> Parsed<SecretString> {
    if text.len() >= MIN_STATE_KEY_CHARS { Ok(text.into()) } else { Err(None) }
}

/// Whether a text can be a bearer token: long enough, and only characters that are valid in a header.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.len() >= MIN_TOKEN_CHARS && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a credential is clearly not a real one: an unexpanded variable, a quoted value or an example.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.to_lowercase();
    let encloses =
        |start: &str, end: &str| text.strip_prefix(start).is_some_and(|rest| rest.ends_with(end));
    [("${", "}"), ("<", ">"), ("\"", "\""), ("'", "'")].iter().any(|(s, e)| encloses(s, e))
        || ["your ", "your-", "your_"].iter().any(|start| text.starts_with(start))
        || text.ends_with("@example.com")
        || EXAMPLES.contains(&text.as_str())
}
