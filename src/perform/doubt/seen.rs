//! What a look after a create of unknown outcome came to, in words that claim no more than was seen.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::super::Fields;
use crate::moment::Moment;
use crate::schema::{Entity, Field, Kind};

/// What Autotask calls the date of a record's creation, from entity to entity.
const MADE: [&str; 5] =
    ["createDate", "createDateTime", "createdDateTime", "createdTime", "attachDate"];
/// Clocks differ, also among Autotask's own machines.
const SKEW: SignedDuration = SignedDuration::from_mins(15);
/// More are not named.
const MOST: usize = 3;

/// The field that tells when a record was made, where the entity has one.
pub fn made_field(entity: Entity) -> Option<&'static Field> {
    let mut fields = MADE.iter().filter_map(|name| entity.field(name));
    fields.find(|field| field.kind == Kind::Datetime)
}

/// Nothing that a write sent then made is older than this.
pub fn since(sent: Timestamp) -> Timestamp {
    sent.checked_sub(SKEW).unwrap_or(sent)
}

/// The sentence for the records that fit, all of them, by their ids.
pub fn told(entity: Entity, found: &[Fields], sent: Timestamp) -> String {
    let name = entity.singular();
    let field = made_field(entity);
    let age = |record: &&Fields| age(record, field, since(sent));
    let of = |wanted: Age| found.iter().rev().filter(move |record| age(record) == wanted);
    let list = |wanted: Age| {
        let told: Vec<_> = of(wanted).take(MOST).map(|one| named(entity, one, field)).collect();
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
fn age(record: &Fields, field: Option<&Field>, since: Timestamp) -> Age {
    let made = field.and_then(|field| record.get(field.name)?.as_str());
    let end = match made.and_then(Moment::read) {
        Some(Moment::Instant(made)) if made.to_string().ends_with("T00:00:00Z") => {
            made.checked_add(SignedDuration::from_hours(24)).ok()
        }
        Some(Moment::Instant(made)) => Some(made),
        Some(day @ Moment::Day(_)) => day.end().stored().parse().ok(),
        None => None,
    };
    match end {
        Some(end) if end >= since => Age::Fresh,
        Some(_) => Age::Older,
        None => Age::Unknown,
    }
}

fn named(entity: Entity, record: &Fields, field: Option<&Field>) -> String {
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
            let field = made_field(entity).map_or("none", |field| field.name);
            let record = json!({ "id": 31 + at, field: made });
            record.as_object().cloned().unwrap_or_default()
        };
        let found: Vec<_> = dates.iter().enumerate().map(record).collect();
        let sent: Timestamp = "2026-06-30T15:00:00Z".parse().unwrap();
        told(entity, &found, sent)
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
