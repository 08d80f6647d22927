//! What a look after a create of unknown outcome came to, in words that claim no more than was seen.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::super::RecordFields;
use crate::catalog::{Entity, Field};
use crate::value::datetime::DateOrInstant;

/// What Autotask calls the date of a record's creation, from entity to entity.
const CREATED_AT_FIELDS: [&str; 5] =
    ["createDate", "createDateTime", "createdDateTime", "createdTime", "attachDate"];
/// Clocks differ, also among Autotask's own machines.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(15);
/// More are not named.
const MAX_LISTED_RECORDS: usize = 3;

/// The field that tells when a record was made, where the entity has one.
pub fn created_at_field(entity: Entity) -> Option<&'static Field> {
    let mut fields = CREATED_AT_FIELDS.iter().filter_map(|name| entity.field(name));
    fields.find(|field| field.kind.is_date())
}

/// Nothing that a write sent then made is older than this.
pub fn earliest_created(sent: Timestamp) -> Timestamp {
    sent.checked_sub(MAX_CLOCK_SKEW).unwrap_or(sent)
}

/// The sentence for the records that fit, all of them, by their ids.
pub fn report(entity: Entity, found: &[RecordFields], sent: Timestamp) -> String {
    let name = entity.singular();
    let field = created_at_field(entity);
    let age = |record: &&RecordFields| classify_age(record, field, earliest_created(sent));
    let of = |wanted: Age| found.iter().rev().filter(move |record| age(record) == wanted);
    let list = |wanted: Age| {
        let told: Vec<_> = of(wanted)
            .take(MAX_LISTED_RECORDS)
            .map(|one| record_with_date(entity, one, field))
            .collect();
        told.join(", ")
    };
    let (fresh, unknown) = (of(Age::Fresh).count(), of(Age::Unknown).count());
    match (fresh, unknown, found.len()) {
        (_, _, 0) => {
            format!("A search right after found no such {name}; Autotask may still be at work.")
        }
        (1, ..) => format!("A search right after found one that fits: {}.", list(Age::Fresh)),
        (2.., ..) => format!("A search right after found {fresh} that fit: {}.", list(Age::Fresh)),
        (0, 0, _) => format!(
            "A search right after found only older ones that fit: {}; Autotask may still be at work.",
            list(Age::Older)
        ),
        (0, some, _) => format!(
            "A search right after found {some} of unknown age that fit: {}.",
            list(Age::Unknown)
        ),
    }
}

/// When a record was made, beside the write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    Fresh,
    Older,
    Unknown,
}

/// A bare day, or a midnight that stands for one, is as young as its end.
fn classify_age(record: &RecordFields, field: Option<&Field>, since: Timestamp) -> Age {
    let made = field.and_then(|field| record.get(field.name)?.as_str());
    let end = match made.and_then(DateOrInstant::read) {
        Some(DateOrInstant::Instant(made)) if made.to_string().ends_with("T00:00:00Z") => {
            made.checked_add(SignedDuration::from_hours(24)).ok()
        }
        Some(DateOrInstant::Instant(made)) => Some(made),
        Some(day @ DateOrInstant::Date(_)) => day.exclusive_end().to_wire().parse().ok(),
        None => None,
    };
    match end {
        Some(end) if end >= since => Age::Fresh,
        Some(_) => Age::Older,
        None => Age::Unknown,
    }
}

fn record_with_date(entity: Entity, record: &RecordFields, field: Option<&Field>) -> String {
    let id = record.get("id").and_then(Value::as_i64).unwrap_or_default();
    let made = field.and_then(|field| record.get(field.name)?.as_str());
    let made = made.map(|made| format!(", made {made}"));
    format!("{} {id}{}", entity.singular(), made.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(entity: Entity, dates: &[&str]) -> String {
        let record = |(at, made): (usize, &&str)| {
            let field = created_at_field(entity).map_or("none", |field| field.name);
            let record = json!({ "id": 31 + at, field: made });
            record.as_object().cloned().unwrap_or_default()
        };
        let found: Vec<_> = dates.iter().enumerate().map(record).collect();
        let sent: Timestamp = "2026-06-30T15:00:00Z".parse().unwrap();
        report(entity, &found, sent)
    }

    #[test]
    fn a_sighting_claims_no_more_than_was_seen() {
        let fits = "A search right after found one that fits: Contact";
        let older = "A search right after found only older ones that fit: Contact";
        let work = "; Autotask may still be at work.";
        for (dates, expected) in [
            (&[][..], format!("A search right after found no such Contact{work}")),
            (&["2026-06-30T15:00:01Z"], format!("{fits} 31, made 2026-06-30T15:00:01Z.")),
            (&["2026-06-30T14:45:00"], format!("{fits} 31, made 2026-06-30T14:45:00.")),
            (&["2026-06-30"], format!("{fits} 31, made 2026-06-30.")),
            (&["2026-06-30T00:00:00Z"], format!("{fits} 31, made 2026-06-30T00:00:00Z.")),
            (&["2026-06-30T14:44:59Z"], format!("{older} 31, made 2026-06-30T14:44:59Z{work}")),
            (&["2026-06-29"], format!("{older} 31, made 2026-06-29{work}")),
            (
                &["2020-01-01", "2026-06-30T15:00:01Z"],
                format!("{fits} 32, made 2026-06-30T15:00:01Z."),
            ),
            (
                &["2026-06-30T15:00:01Z", "2026-06-30T15:00:02Z"],
                "A search right after found 2 that fit: Contact 32, made 2026-06-30T15:00:02Z, Contact 31, made 2026-06-30T15:00:01Z.".to_owned(),
            ),
            (
                &["soon"],
                "A search right after found 1 of unknown age that fit: Contact 31, made soon.".to_owned(),
            ),
        ] {
            assert_eq!(check(Entity::Contacts, dates), expected);
        }
        assert_eq!(
            check(Entity::Departments, &["", ""]),
            "A search right after found 2 of unknown age that fit: Department 32, Department 31."
        );
    }
}
