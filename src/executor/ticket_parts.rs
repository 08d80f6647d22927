//! What a ticket is returned with on request: notes, time entries, attachments and the like, the newest of each.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::{Executor, RecordFields, RelatedList};
use crate::catalog::Entity;
use crate::client::page::MAX_PAGE_SIZE;
use crate::error::Error;
use crate::plan::request::Request;
use crate::plan::{Include, LabelMode, Projection};
use crate::resolver::Labels;

/// At most this many records of a part are returned, the newest first.
const MAX_RELATED_RECORDS: usize = 25;
/// A longer list is not read to its end.
const MAX_PAGES: usize = 20;

/// The records of a part, by entity, and a warning if there are more.
pub(super) struct TicketPart {
    pub lists: Vec<(Entity, Vec<RecordFields>)>,
    warning: Option<String>,
}

impl Executor {
    /// One part of a ticket.
    pub(super) async fn ticket_part(
        &self,
        part: Include,
        ticket: i64,
    ) -> Result<TicketPart, Error> {
        let (mut lists, mut warnings) = (Vec::new(), Vec::new());
        for entity in entities(part) {
            let (records, warning) = self.newest_of_ticket(part, *entity, ticket).await?;
            lists.push((*entity, records));
            warnings.extend(warning);
        }
        Ok(TicketPart { lists, warning: (!warnings.is_empty()).then(|| warnings.join(" ")) })
    }

    /// The parts with their labels; one that could not be read becomes a warning.
    pub(super) async fn related_lists(
        &self,
        include: &[Include],
        parts: Vec<Result<TicketPart, Error>>,
        warnings: &mut Vec<String>,
    ) -> Vec<RelatedList> {
        let mut lists = Vec::new();
        for (include, part) in include.iter().zip(parts) {
            let part = match part {
                Ok(part) => part,
                Err(error) => {
                    warnings.push(unreadable_warning(*include, &error));
                    continue;
                }
            };
            let (mut records, mut labels) = (Vec::new(), Labels::default());
            let entity = part.lists.first().map_or(Entity::Tickets, |(entity, _)| *entity);
            for (entity, found) in part.lists {
                let shown = (&Projection::All, LabelMode::Labels);
                labels.merge(self.resolver.labels(entity, found.as_slice(), shown, warnings).await);
                records.extend(found);
            }
            warnings.extend(part.warning);
            lists.push(RelatedList { name: include.name(), entity, records, labels });
        }
        lists
    }

    /// Pages are in order of id, and late entries may be for earlier days: every page is read, and the newest records
    /// are kept.
    async fn newest_of_ticket(
        &self,
        part: Include,
        entity: Entity,
        ticket: i64,
    ) -> Result<(Vec<RecordFields>, Option<String>), Error> {
        let (mut newest, mut count, mut after) = (Vec::new(), 0, None);
        let mut is_complete = false;
        for _ in 0..MAX_PAGES {
            let reply = self.client.read_page(&request(part, entity, (ticket, after))).await?;
            count += reply.items.len();
            let last = reply.items.last().and_then(id);
            newest.extend(reply.items);
            newest.sort_by_cached_key(|record| Reverse((date(part, record), id(record))));
            newest.truncate(MAX_RELATED_RECORDS);
            let is_last = reply.next.is_none();
            // A history cannot be continued after an id.
            is_complete = is_last && (part != Include::History || count < MAX_PAGE_SIZE);
            if is_last || last <= after || part == Include::History {
                break;
            }
            after = last;
        }
        let name = part.name();
        let call = json!({ "entity": entity.name(), "query": [{ "op": "eq", "field": "ticketID", "value": ticket }] });
        let warning = match is_complete {
            true if count <= MAX_RELATED_RECORDS => None,
            true => Some(format!(
                "{name}: the newest {MAX_RELATED_RECORDS} of {count}; query-entity {call} returns all."
            )),
            false => Some(format!(
                "{name}: incomplete, Autotask returned only the first {count}; newer ones may be missing."
            )),
        };
        Ok((newest, warning))
    }
}

fn request(part: Include, entity: Entity, (ticket, after): (i64, Option<i64>)) -> Request {
    let mut filter = vec![json!({ "op": "eq", "field": "ticketID", "value": ticket })];
    // A history accepts no other condition.
    if part != Include::History {
        let after = after.unwrap_or_default();
        filter.push(json!({ "op": "gt", "field": "id", "value": after }));
    }
    let fields = fields(entity);
    let body = json!({ "filter": filter, "MaxRecords": MAX_PAGE_SIZE, "IncludeFields": fields });
    Request::post(format!("{}/query", entity.name()), body)
}

/// When a record was created, or the time that it logs.
fn date(part: Include, record: &RecordFields) -> Option<String> {
    let names: &[&str] = match part {
        Include::Notes => &["createDateTime"],
        Include::TimeEntries => &["startDateTime", "dateWorked"],
        Include::Attachments => &["attachDate"],
        Include::History => &["date"],
        Include::Charges => &["datePurchased"],
        Include::Checklist | Include::People => &[],
    };
    let date = |name: &&str| Some(record.get(*name)?.as_str()?.to_owned());
    names.iter().find_map(date)
}

fn entities(part: Include) -> &'static [Entity] {
    match part {
        Include::Notes => &[Entity::TicketNotes],
        Include::TimeEntries => &[Entity::TimeEntries],
        Include::Attachments => &[Entity::TicketAttachments],
        Include::Checklist => &[Entity::TicketChecklistItems],
        Include::History => &[Entity::TicketHistory],
        Include::People => &[Entity::TicketSecondaryResources, Entity::TicketAdditionalContacts],
        Include::Charges => &[Entity::TicketCharges],
    }
}

fn fields(entity: Entity) -> &'static [&'static str] {
    match entity {
        Entity::TicketNotes => &[
            "id",
            "title",
            "description",
            "noteType",
            "publish",
            "creatorResourceID",
            "createdByContactID",
            "createDateTime",
        ],
        Entity::TimeEntries => &[
            "id",
            "resourceID",
            "roleID",
            "dateWorked",
            "startDateTime",
            "endDateTime",
            "hoursWorked",
            "summaryNotes",
            "internalNotes",
        ],
        Entity::TicketAttachments => {
            &["id", "title", "fullPath", "contentType", "attachDate", "publish"]
        }
        Entity::TicketChecklistItems => {
            &["id", "itemName", "isCompleted", "isImportant", "position", "completedDateTime"]
        }
        Entity::TicketHistory => &["id", "action", "detail", "date", "resourceID"],
        Entity::TicketSecondaryResources => &["id", "resourceID", "roleID"],
        Entity::TicketAdditionalContacts => &["id", "contactID"],
        Entity::TicketCharges => &[
            "id",
            "name",
            "datePurchased",
            "unitQuantity",
            "unitPrice",
            "billableAmount",
            "isBilled",
        ],
        _ => &["id"],
    }
}

fn unreadable_warning(part: Include, error: &Error) -> String {
    let (name, code) = (part.name(), error.code().name());
    format!("{name} could not be read ({code}) and are left out.")
}

fn id(record: &RecordFields) -> Option<i64> {
    record.get("id").and_then(Value::as_i64)
}
