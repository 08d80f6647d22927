//! The history that tickets leave behind: opened, and perhaps completed.

use serde_json::{Value, json};

use crate::schema::Entity;

use super::super::store::{Record, Store, has};

const FIRST_ROW: i64 = 20_001;

/// Writes the history of all tickets as they stand.
pub(super) fn fill(store: &mut Store) {
    let tickets = store.all(Entity::Tickets);
    let rows: Vec<Value> = tickets.flat_map(|(id, ticket)| rows(id, ticket)).collect();
    for (id, row) in (FIRST_ROW..).zip(rows) {
        if let Value::Object(row) = row {
            store.put(Entity::TicketHistory, id, row);
        }
    }
}

fn rows(id: i64, ticket: &Record) -> impl Iterator<Item = Value> + use<> {
    let created = json!({
        "ticketID": id, "action": "Created", "detail": "Ticket created.",
        "resourceID": 3002, "date": ticket.get("createDate"),
    });
    let completed = has(ticket, "completedDate").then(|| {
        json!({
            "ticketID": id, "action": "Status", "detail": "Status changed from 8 to 5.",
            "resourceID": ticket.get("completedByResourceID"), "date": ticket.get("completedDate"),
        })
    });
    [Some(created), completed].into_iter().flatten()
}
