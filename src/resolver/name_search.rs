//! Searches for records by name: the conditions of the query, and the names of a found record.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::NameCandidate;
use super::name_ref::{COMPANY, NameRef, PROJECT};
use crate::catalog::{DataType, Entity, Field, Verb, instant};
use crate::filter::{Condition, Op};
use crate::value::record::RecordFields;

/// The field with the contract of a ticket.
pub const CONTRACT: &str = "contractID";
/// The license type of API users; the picklist code is the same in all tenants.
const API_USER_LICENSE: i64 = 7;
/// A name with more words is not split into first and last name.
const MAX_NAME_WORDS: usize = 6;

/// Whether records of an entity can be found by name.
#[must_use]
pub fn has_searchable_names(entity: Entity) -> bool {
    entity.root_supports(Verb::Query) && entity.has_names()
}

/// The fields with names, and those that distinguish records with the same name.
#[must_use]
pub fn columns(entity: Entity) -> Vec<&'static str> {
    let mut columns = vec!["id"];
    let names = entity.names().flatten().chain(entity.disambiguating_fields());
    let extra_fields = known_fields(entity).into_iter().chain(["isActive"]);
    let extra_fields = extra_fields.filter_map(|name| entity.field(name));
    for field in names.chain(extra_fields).filter(|field| !field.queryable.is_no()) {
        if !columns.contains(&field.name) {
            columns.push(field.name);
        }
    }
    columns
}

/// Whether a query by id can return a description of an entity's records.
#[must_use]
pub fn can_be_described(entity: Entity) -> bool {
    entity.root_supports(Verb::Query) && entity.field("id").is_some()
}

/// Text fields that describe a record without a name, the most specific first.
const DESCRIPTIVE_FIELDS: [&str; 4] = ["itemName", "activityDescription", "description", "reason"];
/// Date fields that describe a record without a name.
const TIME_FIELDS: [&str; 3] = ["startDateTime", "requestDate", "startDate"];

/// The fields that describe a record without a name.
fn descriptive_fields(entity: Entity) -> impl Iterator<Item = &'static str> {
    let names = DESCRIPTIVE_FIELDS.into_iter().chain(TIME_FIELDS);
    names.filter(move |name| !entity.has_names() && entity.field(name).is_some())
}

/// The name of a record, or its description: a text, and its date in the time zone.
#[must_use]
pub fn describe(entity: Entity, record: &RecordFields, zone: Option<&TimeZone>) -> Option<String> {
    const MAX_DESCRIPTION_CHARS: usize = 80;
    if entity.has_names() {
        return display_name(entity, record);
    }
    let text = |name: &&str| record.get(*name)?.as_str().filter(|text| !text.trim().is_empty());
    let description = DESCRIPTIVE_FIELDS.iter().find_map(text);
    let description =
        description.map(|text| text.trim().chars().take(MAX_DESCRIPTION_CHARS).collect::<String>());
    let when = TIME_FIELDS.iter().find_map(|name| {
        let mut value = Value::from(text(name)?);
        instant::localize(entity, name, &mut value, zone);
        value.as_str().map(str::to_owned)
    });
    let parts: Vec<_> = description.into_iter().chain(when).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The fields of the name to show, and those that checks of a write need to know about a referenced record.
#[must_use]
pub fn name_columns(entity: Entity) -> Vec<&'static str> {
    let first = entity.names().next().into_iter().flatten().map(|field| field.name);
    let all = ["id"].into_iter().chain(first).chain(descriptive_fields(entity));
    let mut columns: Vec<_> = Vec::new();
    for name in all.chain(known_fields(entity)) {
        if !columns.contains(&name) && entity.field(name).is_some_and(|f| !f.queryable.is_no()) {
            columns.push(name);
        }
    }
    columns
}

/// The fields of a referenced record, apart from its name, that checks of a write need.
fn known_fields(entity: Entity) -> Vec<&'static str> {
    let state: &[_] = match entity {
        Entity::Resources => &["isActive", "licenseType"],
        Entity::Contacts | Entity::Companies => &["isActive"],
        Entity::Contracts => &["status"],
        Entity::Tickets => &[CONTRACT],
        _ => &[],
    };
    state.iter().copied().chain(owner_field(entity).map(|(field, _)| field)).collect()
}

/// The field with the owner of a record, and the owner's entity.
#[must_use]
pub fn owner_field(entity: Entity) -> Option<(&'static str, Entity)> {
    match entity {
        Entity::Contacts
        | Entity::ConfigurationItems
        | Entity::Contracts
        | Entity::Opportunities
        | Entity::Projects
        | Entity::ServiceCalls
        | Entity::Tickets => Some((COMPANY, Entity::Companies)),
        Entity::Tasks | Entity::Phases | Entity::ProjectNotes => Some((PROJECT, Entity::Projects)),
        Entity::TicketNotes => Some(("ticketID", Entity::Tickets)),
        Entity::TaskNotes => Some(("taskID", Entity::Tasks)),
        Entity::ServiceCallTickets | Entity::ServiceCallTasks => {
            Some(("serviceCallID", Entity::ServiceCalls))
        }
        _ => None,
    }
}

/// A filter by the longest word of a name that also occurs in the name of a candidate.
#[must_use]
pub fn partial_name_filter(
    entity: Entity,
    name: &str,
    candidates: &[NameCandidate],
) -> Option<Condition> {
    let occurs = |word: &&str| {
        let word = word.to_lowercase();
        let mut names = candidates.iter().flat_map(|one| &one.names);
        names.any(|name| name.to_lowercase().contains(&word))
    };
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty()).filter(occurs);
    let word = words.max_by_key(|word| word.chars().count())?;
    let fields = entity.names().flatten();
    let fields = fields.filter(|field| !field.queryable.is_no() && field.kind == DataType::Text);
    let contains = |field: &'static Field| Condition::test(field, Op::Contains, word.into());
    let mut any: Vec<_> = fields.map(contains).collect();
    any.dedup();
    match any.len() {
        0 | 1 => any.pop(),
        _ => Some(Condition::Or(any)),
    }
}

/// A filter for every record that a name may mean.
#[must_use]
pub fn name_filter(entity: Entity, name: &str) -> Condition {
    Condition::Or(name_conditions(entity, name))
}

/// The conditions of `name_filter`, which joins them by OR.
#[must_use]
pub fn name_conditions(entity: Entity, name: &str) -> Vec<Condition> {
    let begins =
        |field: &'static Field, text: &str| Condition::test(field, Op::BeginsWith, text.into());
    let one_spaced = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut any = Vec::new();
    for by in entity.names() {
        any.extend(by.iter().map(|field| begins(field, name)));
        // Extra spaces make no difference.
        if one_spaced != name {
            any.extend(by.iter().map(|field| begins(field, &one_spaced)));
        }
        if let [first, second] = by.as_slice() {
            for (one, other) in split_full_name(name) {
                any.push(Condition::And(vec![begins(first, &one), begins(second, &other)]));
            }
        }
    }
    any
}

/// The scopes in which a name is searched one after another: a contact in its company and then everywhere, a phase in its
/// project, a work type only among billing codes with the right use.
#[must_use]
pub fn search_scopes(entity: Entity, name: &NameRef) -> Vec<Option<Condition>> {
    let test = |field: &str, value: i64| {
        let field = entity.field(field)?;
        Some(Condition::test(field, Op::Eq, value.into()))
    };
    match (entity, name.parent_value, billing_code_use(name)) {
        (Entity::Contacts, Some(company), _) => vec![test(COMPANY, company), None],
        (Entity::Phases, Some(project), _) => vec![test(PROJECT, project)],
        (Entity::BillingCodes, _, Some(code)) => vec![test("useType", code)],
        _ => vec![None],
    }
}

/// The required use type of a billing code; Autotask rejects others. The codes are the same in all tenants.
fn billing_code_use(name: &NameRef) -> Option<i64> {
    const GENERAL_USE: i64 = 1;
    const INTERNAL_USE: i64 = 3;
    match (name.entity, name.argument()) {
        (Entity::TimeEntries | Entity::Tickets | Entity::Tasks, "billingCodeID") => {
            Some(GENERAL_USE)
        }
        (_, "internalBillingCodeID") => Some(INTERNAL_USE),
        _ => None,
    }
}

/// A filter for records with exactly this name, if the prefix matches too many.
#[must_use]
pub fn exact_name_filter(entity: Entity, name: &str) -> Condition {
    let equals = |field: &&'static Field| Condition::test(field, Op::Eq, name.into());
    Condition::Or(entity.names().flatten().map(|field| equals(&field)).collect())
}

/// A filter for suggestions: records whose name contains a word of this name.
#[must_use]
pub fn similar_name_filter(entity: Entity, name: &str) -> Condition {
    const MIN_WORD_CHARS: usize = 3;
    let words = name.split_whitespace().take(MAX_NAME_WORDS);
    let prefixes = words.map(|word| word.chars().take(MIN_WORD_CHARS).collect::<String>());
    let fields: Vec<_> = entity.names().flatten().collect();
    let contains = |word: String| {
        let fields = fields.iter();
        fields
            .map(move |field| Condition::test(field, Op::Contains, word.as_str().into()))
            .collect::<Vec<_>>()
    };
    Condition::Or(prefixes.flat_map(contains).collect())
}

/// Splits a full name into first and last name at every possible position, as in `Ada Lena Holt`; also `Holt, Ada` and
/// `Ada Holt, MD`.
fn split_full_name(name: &str) -> Vec<(String, String)> {
    let words: Vec<_> = name.split_whitespace().collect();
    if words.len() > MAX_NAME_WORDS {
        return Vec::new();
    }
    let half = |index: usize| {
        let (before, after) = words.split_at_checked(index)?;
        Some((before.join(" "), after.join(" ")))
    };
    let (reversed, straight): (Vec<_>, Vec<_>) =
        (1..words.len()).filter_map(half).partition(|(before, _)| before.ends_with(','));
    let reversed = reversed
        .into_iter()
        .filter_map(|(last, first)| Some((first, last.strip_suffix(',')?.to_owned())));
    reversed.chain(straight).collect()
}

/// The name of a record, if it has one.
#[must_use]
pub fn display_name(entity: Entity, record: &RecordFields) -> Option<String> {
    let parts = entity.names().next()?;
    let parts: Vec<_> = parts.iter().filter_map(|f| text(record, f)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The candidate for a found record.
#[must_use]
pub fn candidate(entity: Entity, record: &RecordFields) -> Option<NameCandidate> {
    let mut names = vec![display_name(entity, record)?];
    for by in entity.names() {
        let parts: Vec<_> = by.iter().filter_map(|f| text(record, f)).collect();
        if let [first, last] = parts.as_slice() {
            names.push(format!("{first} {last}"));
            names.push(format!("{last}, {first}"));
        }
        names.extend(parts);
    }
    let details = entity.disambiguating_fields();
    Some(NameCandidate {
        number: record.get("id")?.clone(),
        names,
        caveat: inactive_reason(entity, record),
        details: details.filter_map(|field| disambiguation_text(record, field)).collect(),
        namesakes: Vec::new(),
    })
}

/// The reason why a record matches only by its full name, such as `inactive`.
pub(super) fn inactive_reason(entity: Entity, record: &RecordFields) -> Option<&'static str> {
    let is_false = |value: &Value| *value == Value::Bool(false) || *value == 0;
    let license = record.get("licenseType").and_then(Value::as_i64);
    let is_ended = entity == Entity::Contracts && record.get("status").is_some_and(is_false);
    match record.get("isActive") {
        _ if is_ended => Some("inactive"),
        Some(value) if is_false(value) => Some("inactive"),
        _ if entity == Entity::Resources && license == Some(API_USER_LICENSE) => {
            Some("an API user")
        }
        _ => None,
    }
}

fn text(record: &RecordFields, field: &Field) -> Option<String> {
    let text = record.get(field.name)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A text unchanged, or a number with the name of its field.
fn disambiguation_text(record: &RecordFields, field: &Field) -> Option<String> {
    match record.get(field.name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(format!("{} {number}", field.name)),
        _ => None,
    }
}
