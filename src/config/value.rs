//! Reads one setting's text: out of the environment or a file, then into its type.

use std::fs;
use std::str::FromStr;

use secrecy::SecretString;

use super::{Invalid, Setting};
use crate::schema::{Entity, nearest};

/// Looks up a variable of the environment.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A variable's text, unless it is unset or blank.
pub(super) fn set(lookup: Lookup<'_>, name: &str) -> Option<String> {
    lookup(name).filter(|text| !text.trim().is_empty())
}

/// The setting's own text or its default, without surrounding spaces.
pub(super) fn text(lookup: Lookup<'_>, setting: &Setting) -> Option<String> {
    let given = set(lookup, setting.name).or_else(|| setting.default.map(String::from));
    given.map(|text| text.trim().into())
}

/// The setting read by `parse`, which answers `None` for what the setting does not take.
pub(super) fn typed<T>(
    lookup: Lookup<'_>,
    setting: &Setting,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Invalid> {
    text(lookup, setting)
        .map(|text| parse(&text).ok_or_else(|| Invalid::value(setting)))
        .transpose()
}

/// Like `typed`, for a setting whose default makes it always set.
pub(super) fn always<T>(
    lookup: Lookup<'_>,
    setting: &Setting,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Invalid> {
    typed(lookup, setting, parse)?.ok_or_else(|| Invalid::value(setting))
}

/// A credential, from the variable or from the file that `NAME_FILE` names.
pub(super) fn credential(lookup: Lookup<'_>, setting: &Setting) -> Result<Option<String>, Invalid> {
    let file = format!("{}_FILE", setting.name);
    let text = match (set(lookup, setting.name), set(lookup, &file)) {
        (Some(_), Some(_)) => return Err(Invalid::twice(setting, &file)),
        (None, Some(path)) => content(&file, path.trim())?,
        (text, None) => text,
    };
    let text = text.map(|text| text.trim_end_matches(['\r', '\n']).to_owned());
    match text {
        Some(text) if text.chars().any(char::is_control) => Err(Invalid::value(setting)),
        text => Ok(text),
    }
}

/// Like `credential`, as a value that does not print.
pub(super) fn secret(
    lookup: Lookup<'_>,
    setting: &Setting,
) -> Result<Option<SecretString>, Invalid> {
    Ok(credential(lookup, setting)?.map(SecretString::from))
}

fn content(file: &str, path: &str) -> Result<Option<String>, Invalid> {
    let text = fs::read_to_string(path)
        .map_err(|_| Invalid::new(file, "the path of a readable text file"))?;
    // Some editors put a mark before the text, which belongs to no value.
    let text = text.trim_start_matches('\u{feff}').to_owned();
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

/// A word that means yes or no.
#[must_use]
pub fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// A number no smaller than `least`.
pub(super) fn at_least<T: FromStr + PartialOrd>(least: T) -> impl Fn(&str) -> Option<T> {
    move |text| text.parse().ok().filter(|number| *number >= least)
}

/// The words between commas, without blanks.
pub(super) fn words(text: &str) -> Vec<String> {
    let words = text.split(',').map(str::trim);
    words.filter(|w| !w.is_empty()).map(String::from).collect()
}

/// Codes between commas; at least one.
pub(super) fn codes(text: &str) -> Option<Vec<i64>> {
    let codes: Option<Vec<_>> = words(text).iter().map(|w| at_least(0)(w)).collect();
    codes.filter(|codes| !codes.is_empty())
}

/// The entities a list names, in any letter case, plural or singular.
pub(super) fn entities(setting: &Setting, text: &str) -> Result<Vec<Entity>, Invalid> {
    let names = words(text);
    if names.is_empty() {
        return Err(Invalid::value(setting));
    }
    let find = |name: &String| Entity::find(name).ok_or_else(|| no_entity(setting, name));
    names.iter().map(find).collect()
}

fn no_entity(setting: &Setting, name: &str) -> Invalid {
    let near = nearest(name, Entity::ALL.into_iter().map(Entity::name));
    let mut takes = format!("{}; {name:?} is none", setting.takes);
    if let Some(near) = near.first() {
        takes = format!("{takes}, the nearest is {near}");
    }
    Invalid::new(setting.name, takes)
}
