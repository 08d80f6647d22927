//! The history that tickets leave behind: opened, and perhaps completed.

use serde_json::Value;

use crate::catalog::Entity;

use super::super::store::{Record, Store, has, record};

const FIRST_ROW: i64 = 20_001;

/// Writes the history of all tickets as they stand.
pub(super) fn fill(store: &mut Store) {
    let tickets = store.all(Entity::Tickets);
    let rows: Vec<Record> = tickets.flat_map(|(id, ticket)| rows(id, ticket)).collect();
    for (id, row) in (FIRST_ROW..).zip(rows) {
        store.put(Entity::TicketHistory, id, row);
    }
}

fn rows(id: i64, ticket: &Record) -> impl Iterator<Item = Record> + use<> {
    let field = |name: &str| ticket.get(name).cloned().unwrap_or_default();
    let by = field("completedByResourceID");
    let completed = has(ticket, "completedDate");
    let completed = completed.then(|| {
        let detail = "Status changed from 8 to 5.";
        row(id, ("Status", detail), (by, field("completedDate")))
    });
    let created = row(id, ("Created", "Ticket created."), (3002.into(), field("createDate")));
    [Some(created), completed].into_iter().flatten()
}

fn row(ticket: i64, said: (&str, &str), by_and_at: (Value, Value)) -> Record {
    record([
        ("ticketID", ticket.into()),
        ("action", said.0.into()),
        ("detail", said.1.into()),
        ("resourceID", by_and_at.0),
        ("date", by_and_at.1),
    ])
}
