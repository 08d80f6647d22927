//! Fields that Autotask is known to take, to answer with success, and to leave as they were: read once more.

use serde_json::Value;

use super::difference::same;
use super::{Fields, Performer};
use crate::address::Address;
use crate::plan::{Change, Write};
use crate::record::Record;
use crate::schema::Entity;

/// Seen by several integrators on live tenants, and documented by nobody; the like that the schema calls read-only
/// never gets here. A ticket's status is not among them: a workflow rule reverts it later, not at once.
const CREATED: &[(Entity, &str)] = &[(Entity::TicketNotes, "createdByContactID")];
const CHANGED: &[(Entity, &str)] = &[
    (Entity::Projects, "status"),
    (Entity::TimeEntries, "ticketID"),
    (Entity::TimeEntries, "taskID"),
    (Entity::TimeEntries, "hoursWorked"),
];

impl Performer {
    /// Warnings where a doubtful field was not taken over; no request where none was written.
    pub(super) async fn read_back(&self, write: &Write, at: Address, id: i64) -> Vec<String> {
        let (record, known) = match &write.change {
            Change::Create(record) => (record, CREATED),
            Change::Update(_, record) => (record, CHANGED),
            Change::Delete(_) => return Vec::new(),
        };
        let doubtful = doubtful(write.entity, record, known);
        if doubtful.is_empty() {
            return Vec::new();
        }
        match self.record(at, id).await {
            Ok(stored) => ignored(&doubtful, &stored),
            Err(_) => vec![unread(&doubtful)],
        }
    }
}

/// The doubtful fields of a write, with the values they should have.
fn doubtful<'a>(
    entity: Entity,
    record: &'a Record,
    known: &[(Entity, &'static str)],
) -> Vec<(&'static str, &'a Value)> {
    let fields = known.iter().filter(|(of, _)| *of == entity);
    fields
        .filter_map(|(_, field)| Some((*field, record.get(field)?)))
        .collect()
}

fn ignored(doubtful: &[(&str, &Value)], stored: &Fields) -> Vec<String> {
    let warning = |(field, asked): &(&str, &Value)| {
        let is = stored.get(*field).unwrap_or(&Value::Null);
        let why = match *field {
            "hoursWorked" => "; hours follow startDateTime and endDateTime",
            _ => "",
        };
        let text =
            format!("Autotask answered with success, but {field} is {is}, not {asked}{why}.");
        (!same(is, asked)).then_some(text)
    };
    doubtful.iter().filter_map(warning).collect()
}

fn unread(doubtful: &[(&str, &Value)]) -> String {
    let names: Vec<_> = doubtful.iter().map(|(field, _)| *field).collect();
    format!(
        "Autotask sometimes ignores {}; the record could not be read to see.",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_doubtful_field_exists() {
        for (entity, field) in CREATED.iter().chain(CHANGED) {
            assert!(entity.field(field).is_some(), "{} {field}", entity.name());
        }
    }
}
