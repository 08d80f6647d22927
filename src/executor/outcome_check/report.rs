//! What a search after a create of unknown outcome found.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::catalog::{DataType, Entity, Field};
use crate::value::record::RecordFields;

/// Autotask's names for the date of creation, which differ by entity.
const CREATED_AT_FIELDS: [&str; 5] =
    ["createDate", "createDateTime", "createdDateTime", "createdTime", "attachDate"];
/// Clocks differ, even among Autotask's own servers.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(15);
/// More records are not listed.
const MAX_LISTED_RECORDS: usize = 3;

/// The field with the date of creation, if the entity has one.
pub fn created_at_field(entity: Entity) -> Option<&'static Field> {
    let mut fields = CREATED_AT_FIELDS.iter().filter_map(|name| entity.field(name));
    fields.find(|field| field.kind == DataType::Datetime)
}

/// A record created by a write of this time is not older than this.
pub fn earliest_created(sent: Timestamp) -> Timestamp {
    sent.checked_sub(MAX_CLOCK_SKEW).unwrap_or(sent)
}

/// The sentence on the matching records: how many there are, and the dates of the newest.
pub fn report(entity: Entity, found: &[RecordFields]) -> String {
    let name = entity.singular();
    let field = created_at_field(entity);
    let listed = found.iter().rev().take(MAX_LISTED_RECORDS);
    let listed: Vec<_> = listed.map(|record| record_with_date(entity, record, field)).collect();
    let listed = listed.join(", ");
    match found.len() {
        0 => {
            format!("A search right after found no such {name}; Autotask may still be processing.")
        }
        1 => format!("A search right after found one match: {listed}."),
        count if count > MAX_LISTED_RECORDS => {
            format!("A search right after found {count} matches, the newest: {listed}.")
        }
        count => format!("A search right after found {count} matches: {listed}."),
    }
}

fn record_with_date(entity: Entity, record: &RecordFields, field: Option<&Field>) -> String {
    let id = record.get("id").and_then(Value::as_i64).unwrap_or_default();
    let created = field.and_then(|field| record.get(field.name)?.as_str());
    let created = created.map(|created| format!(", created {created}"));
    format!("{} {id}{}", entity.singular(), created.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(entity: Entity, dates: &[&str]) -> String {
        let record = |(at, created): (usize, &&str)| {
            let field = created_at_field(entity).map_or("none", |field| field.name);
            let record = json!({ "id": 31 + at, field: created });
            record.as_object().cloned().unwrap_or_default()
        };
        let found: Vec<_> = dates.iter().enumerate().map(record).collect();
        report(entity, &found)
    }

    #[test]
    fn a_report_claims_no_more_than_was_found() {
        for (dates, expected) in [
            (&[][..], "no such Contact; Autotask may still be processing."),
            (&["2026-06-30T15:00:01Z"], "one match: Contact 31, created 2026-06-30T15:00:01Z."),
            (
                &["2020-01-01", "2026-06-30"],
                "2 matches: Contact 32, created 2026-06-30, Contact 31, created 2020-01-01.",
            ),
        ] {
            let expected = format!("A search right after found {expected}");
            assert_eq!(check(Entity::Contacts, dates), expected);
        }
        assert_eq!(
            check(Entity::Departments, &["", "", "", ""]),
            "A search right after found 4 matches, the newest: Department 34, Department 33, Department 32."
        );
    }
}
