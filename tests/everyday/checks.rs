//! Checks the expectations of a request, which are sentences; README.md lists them.

use jiff::Timestamp;
use serde_json::Value;

use crate::facts::{Facts, NONE};
use crate::server::{Response, Server};

/// The expectations that are not met, in their order.
pub fn problems(
    expect: &[String],
    responses: &[Response],
    server: &mut Server,
    facts: &Facts,
) -> Vec<String> {
    let unexpected = responses
        .iter()
        .enumerate()
        .filter(|(index, response)| !is_as_expected(expect, *index, responses.len(), response));
    let mut problems: Vec<String> =
        unexpected.map(|(_, response)| excerpt(&response.text)).collect();
    for sentence in expect {
        let sentence = fill(sentence, responses);
        let (index, rule) = addressed(&sentence, responses.len());
        let response =
            responses.get(index).unwrap_or_else(|| panic!("no response {index}: {sentence}"));
        let holds = match rule.split_once(" has ") {
            Some((record, rest)) if record.contains('/') => record_has(server, record, rest),
            _ => holds(rule, response, facts),
        };
        problems.extend(holds.err().map(|found| format!("{sentence}: {found}")));
    }
    problems
}

/// Whether a response is a success, a preview, or the expected error.
pub fn is_as_expected(expect: &[String], index: usize, calls: usize, response: &Response) -> bool {
    let is_error_expected = expect
        .iter()
        .map(|sentence| addressed(sentence, calls))
        .any(|(at, rule)| at == index && rule.starts_with("error "));
    match &response.error {
        None => true,
        Some(code) => is_error_expected || (code == "confirm-required" && index + 1 < calls),
    }
}

/// Splits off the response that an expectation is about: `$2` is the second one, without a number the last one.
fn addressed(sentence: &str, calls: usize) -> (usize, &str) {
    let number = sentence.strip_prefix('$').and_then(|rest| rest.split_once(' '));
    match number.and_then(|(number, rest)| Some((number.parse::<usize>().ok()?, rest))) {
        Some((number, rest)) => (number - 1, rest),
        None => (calls.saturating_sub(1), sentence),
    }
}

fn holds(rule: &str, response: &Response, facts: &Facts) -> Result<(), String> {
    let (verb, rest) = rule.split_once(' ').unwrap_or((rule, ""));
    let says =
        |text: &str| rest.split(" | ").any(|one| text.to_lowercase().contains(&one.to_lowercase()));
    match verb {
        "error" => expect(
            response.error.as_deref().is_some_and(|code| rest.split(" | ").any(|one| one == code)),
            &response.text,
        ),
        "says" => expect(says(&response.text), &response.text),
        "omits" => expect(!says(&response.text), &response.text),
        "warns" => expect(
            says(&response.json["warnings"].to_string()),
            &response.json["warnings"].to_string(),
        ),
        "content" => expect(
            response.content.iter().any(|part| part["type"] == rest || part["mimeType"] == rest),
            &response.text,
        ),
        "gives" => {
            let value = facts.number(rest).unwrap_or_else(|| panic!("no facts: {rest}"))?;
            expect(has_leaf(&response.json, &value), &format!("{value} not in {}", response.text))
        }
        "items" => same_items(rest.strip_prefix("are ").unwrap_or(rest), response, facts),
        "groups" => same_groups(rest.strip_prefix("are ").unwrap_or(rest), response, facts),
        path => {
            let value =
                rest.strip_prefix("is ").unwrap_or_else(|| panic!("no expectation: {rule}"));
            let literal =
                || serde_json::from_str(value).map_err(|error| format!("{rule}: {error}"));
            let value = facts.number(value).unwrap_or_else(literal)?;
            let found = at(&response.json, path);
            expect(
                is_same(found, &value),
                &format!("{found} instead of {value} in {}", response.text),
            )
        }
    }
}

/// Compares the ids of the items; their order matters only for `newest`.
fn same_items(text: &str, response: &Response, facts: &Facts) -> Result<(), String> {
    let expected = if text == "none" { Vec::new() } else { facts.ids(text) };
    if expected.is_empty() && text != "none" {
        return Err(NONE.to_owned());
    }
    let items = response.json["items"].as_array().ok_or_else(|| excerpt(&response.text))?;
    let found: Vec<Value> = items.iter().map(|item| item["id"].clone()).collect();
    expect(found == expected, &format!("{found:?} instead of {expected:?}"))
}

/// Compares the groups by key and number, whatever the names of their fields.
fn same_groups(text: &str, response: &Response, facts: &Facts) -> Result<(), String> {
    let expected = facts.groups(text);
    if expected.is_empty() {
        return Err(NONE.to_owned());
    }
    let groups = response.json["groups"].as_array().ok_or_else(|| excerpt(&response.text))?;
    let has = |key: &Value, number: f64| {
        groups.iter().any(|group| has_leaf(group, key) && has_leaf(group, &Value::from(number)))
    };
    let missing: Vec<_> = expected.iter().filter(|(key, number)| !has(key, *number)).collect();
    expect(
        missing.is_empty() && groups.len() == expected.len(),
        &format!("{missing:?} missing in {}", response.text),
    )
}

/// `ENTITY/ID has FIELD VALUE`, read through the server that made the calls.
fn record_has(server: &mut Server, record: &str, rest: &str) -> Result<(), String> {
    let (entity, id) = record.split_once('/').unwrap_or((record, ""));
    let (field, value) = rest.split_once(' ').unwrap_or((rest, "null"));
    let value: Value =
        serde_json::from_str(value).unwrap_or_else(|error| panic!("{rest}: {error}"));
    let response = server
        .call(&format!(r#"get-entity {{"entity":"{entity}","id":{id},"fields":["{field}"]}}"#));
    let found = at(&response.json, &format!("item.{field}"));
    expect(
        response.error.is_none() && is_same(found, &value),
        &format!("{found} in {}", response.text),
    )
}

fn expect(holds: bool, found: &str) -> Result<(), String> {
    holds.then_some(()).ok_or_else(|| excerpt(found))
}

/// Replaces `{$1.items[0].id}`, with any quotes around it, by a value of an earlier response, and `{A*9}` by nine `A`.
pub fn fill(text: &str, responses: &[Response]) -> String {
    if let Some((before, rest)) = text.split_once("{A*") {
        let (number, after) = rest.split_once('}').unwrap_or((rest, ""));
        return format!("{before}{}{after}", "A".repeat(number.parse().unwrap_or_default()));
    }
    let Some((before, rest)) = text.split_once("{$") else { return text.to_owned() };
    let (reference, after) = rest.split_once('}').unwrap_or((rest, ""));
    let (number, path) = reference.split_once('.').unwrap_or((reference, ""));
    let response = number.parse::<usize>().ok().and_then(|number| responses.get(number - 1));
    let value = response.map_or(&Value::Null, |response| at(&response.json, path));
    let after = fill(after, responses);
    match (before.strip_suffix('"'), after.strip_prefix('"')) {
        (Some(before), Some(after)) => format!("{before}{value}{after}"),
        _ => format!(
            "{before}{}{after}",
            value.as_str().map_or_else(|| value.to_string(), str::to_owned)
        ),
    }
}

/// The value at a path such as `items[0].id`.
fn at<'a>(json: &'a Value, path: &str) -> &'a Value {
    let pointer = path.replace('[', ".").replace(']', "");
    pointer.split('.').fold(json, |value, step| match step.parse::<usize>() {
        Ok(index) if value.is_array() => &value[index],
        _ => &value[step],
    })
}

fn has_leaf(json: &Value, value: &Value) -> bool {
    match json {
        Value::Array(values) => values.iter().any(|inner| has_leaf(inner, value)),
        Value::Object(fields) => fields.values().any(|inner| has_leaf(inner, value)),
        leaf => is_same(leaf, value),
    }
}

/// Whether two values are equal: numbers to a hundredth, instants regardless of their offset.
fn is_same(found: &Value, expected: &Value) -> bool {
    let instant = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found - expected).abs() < 0.011,
        _ => {
            found == expected
                || instant(found)
                    .is_some_and(|instant_found| instant(expected) == Some(instant_found))
        }
    }
}

fn excerpt(text: &str) -> String {
    let line = text.replace('\n', " ");
    match line.chars().count() > 300 {
        true => line.chars().take(300).collect::<String>() + " …",
        false => line,
    }
}
