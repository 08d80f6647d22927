//! One record, and what belongs to a ticket.

use std::cmp::Reverse;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Executor, RecordFields, RecordView, RelatedList};
use crate::catalog::Entity;
use crate::client::request::Request;
use crate::error::{Code, Error};
use crate::filter::{Condition, Op, json_of};
use crate::plan::address::Address;
use crate::plan::{Get, Include, LabelMode, Projection, RecordKey};
use crate::resolver::ResolutionNotes;

/// At most this many notes, entries or attachments come with a ticket, newest first.
const MAX_RELATED_RECORDS: usize = 25;

/// Records that come with a ticket, and what is to be told where there are more.
type Included = (Vec<RecordFields>, Option<String>);

impl Executor {
    /// One record, perhaps with lists that belong to it.
    pub(super) async fn get(&self, get: Get) -> Result<RecordView, Error> {
        let mut notes = ResolutionNotes::default();
        let shown = self.resolver.resolve_projection(get.at.entity, get.shown, &mut notes).await?;
        let item = match &get.key {
            RecordKey::Id(id) => self.fetch_record(get.at, *id).await?,
            RecordKey::Number(number) => self.fetch_ticket_by_number(number).await?,
            RecordKey::Name(name) => {
                let id = self.resolver.resolve_id(get.at.entity, name, &mut notes).await?;
                self.fetch_record(get.at, id).await?
            }
        };
        let id = item.get("id").and_then(Value::as_i64).unwrap_or_default();
        let mut warnings = [get.warnings, notes.warnings].concat();
        let found = get.include.iter().map(|one| self.fetch_related(*one, id));
        let found = join_all(found).await;
        let items = std::slice::from_ref(&item);
        if !get.include.is_empty() && get.labels == LabelMode::Labels {
            let lists = get.include.iter().zip(&found);
            let lists = lists.filter_map(|(include, found)| Some((include, found.as_ref().ok()?)));
            let lists = lists.map(|(include, (records, _))| (include.entity(), records.as_slice()));
            let lists = lists.map(|(entity, records)| (entity, records, &Projection::All));
            let all = [(get.at.entity, items, &shown)].into_iter().chain(lists);
            self.resolver.prefetch(&all.collect::<Vec<_>>()).await;
        }
        let labels =
            self.resolver.labels(get.at.entity, items, (&shown, get.labels), &mut warnings).await;
        let lists = self.related_lists(&get.include, found, &mut warnings).await;
        Ok(RecordView { item, shown, labels, lists, resolved: notes.resolved, warnings })
    }

    /// The lists with their labels; one that could not be read is told, and the rest is answered.
    async fn related_lists(
        &self,
        include: &[Include],
        found: Vec<Result<Included, Error>>,
        warnings: &mut Vec<String>,
    ) -> Vec<RelatedList> {
        let mut lists = Vec::new();
        for (include, found) in include.iter().zip(found) {
            let (records, cut) = match found {
                Ok(found) => found,
                Err(error) => {
                    warnings.push(include.unreadable_warning(&error));
                    continue;
                }
            };
            let (entity, shown) = (include.entity(), (&Projection::All, LabelMode::Labels));
            let labels = self.resolver.labels(entity, &records, shown, warnings).await;
            warnings.extend(cut);
            lists.push(RelatedList { name: include.name(), records, labels });
        }
        lists
    }

    /// The record of an id.
    pub(super) async fn fetch_record(&self, at: Address, id: i64) -> Result<RecordFields, Error> {
        let reply = self.client.read(&Request::get(at.get(id)?)).await;
        let found = reply
            .map_err(|error| if error.is_no_record() { record_not_found(at, id) } else { error })?;
        single_item(found).ok_or_else(|| record_not_found(at, id))
    }

    /// The ticket of a number.
    pub(super) async fn fetch_ticket_by_number(&self, number: &str) -> Result<RecordFields, Error> {
        let field = Entity::Tickets.field("ticketNumber");
        let field = field.ok_or_else(|| Error::internal("Tickets have no ticketNumber."))?;
        let filter = json_of(&[Condition::test(field, Op::Eq, number.into())]);
        let request = Request::post("Tickets/query", json!({ "filter": filter, "MaxRecords": 1 }));
        self.client.read_page(&request).await?.items.into_iter().next().ok_or_else(|| {
            Error::new(Code::NotFound, format!("There is no ticket {number}."))
                .next("search-tickets finds tickets by title, company or date.")
        })
    }

    /// Pages come in order of id, and late entries are for earlier days: every page is read, and the newest are kept.
    async fn fetch_related(&self, include: Include, ticket: i64) -> Result<Included, Error> {
        let (mut kept, mut count, mut after) = (Vec::new(), 0, 0);
        loop {
            let reply = self.client.read_page(&include.request(ticket, after)).await?;
            count += reply.items.len();
            let last = reply.items.last().and_then(id);
            kept.extend(reply.items);
            kept.sort_by_cached_key(|record| Reverse((include.date(record), id(record))));
            kept.truncate(MAX_RELATED_RECORDS);
            match last.filter(|last| reply.next.is_some() && *last > after) {
                Some(last) => after = last,
                None => break,
            }
        }
        let (name, entity) = (include.name(), include.entity().name());
        let cut = (count > MAX_RELATED_RECORDS).then(|| {
            format!("{name}: the newest {MAX_RELATED_RECORDS} of {count}; query-entity {entity} has all.")
        });
        Ok((kept, cut))
    }
}

impl Include {
    fn request(self, ticket: i64, after: i64) -> Request {
        let filter = json!([
            { "op": "eq", "field": "ticketID", "value": ticket },
            { "op": "gt", "field": "id", "value": after },
        ]);
        let body = json!({ "filter": filter, "MaxRecords": 500, "IncludeFields": self.fields() });
        Request::post(format!("{}/query", self.entity().name()), body)
    }

    /// When a record was made, or the time that it logs.
    fn date(self, record: &RecordFields) -> Option<String> {
        let names: &[&str] = match self {
            Self::Notes => &["createDateTime"],
            Self::TimeEntries => &["startDateTime", "dateWorked"],
            Self::Attachments => &["attachDate"],
            Self::History => &["date"],
            Self::Charges => &["datePurchased"],
            Self::Checklist | Self::People => &[],
        };
        let date = |name: &&str| Some(record.get(*name)?.as_str()?.to_owned());
        names.iter().find_map(date)
    }

    fn unreadable_warning(self, error: &Error) -> String {
        let (name, entity, code) = (self.name(), self.entity().name(), error.code().name());
        format!("{name}: {entity} could not be read ({code}) and are left out.")
    }

    fn entity(self) -> Entity {
        match self {
            Self::Notes => Entity::TicketNotes,
            Self::TimeEntries => Entity::TimeEntries,
            Self::Attachments => Entity::TicketAttachments,
            Self::Checklist => Entity::TicketChecklistItems,
            Self::History => Entity::TicketHistory,
            Self::People => Entity::TicketSecondaryResources,
            Self::Charges => Entity::TicketCharges,
        }
    }

    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Notes => &[
                "id",
                "title",
                "description",
                "noteType",
                "publish",
                "creatorResourceID",
                "createdByContactID",
                "createDateTime",
            ],
            Self::TimeEntries => &[
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
            Self::Attachments => {
                &["id", "title", "fullPath", "contentType", "attachDate", "publish"]
            }
            Self::Checklist => {
                &["id", "itemName", "isCompleted", "isImportant", "position", "completedDateTime"]
            }
            Self::History => &["id", "action", "detail", "date", "resourceID"],
            Self::People => &["id", "resourceID", "roleID"],
            Self::Charges => &[
                "id", "name", "datePurchased", "unitQuantity", "unitPrice", "billableAmount",
                "isBilled",
            ],
        }
    }
}

fn id(record: &RecordFields) -> Option<i64> {
    record.get("id")?.as_i64()
}

/// The record of a reply: `item`, or for attachments the first of `items`; some zones answer a null item.
fn single_item(mut body: Value) -> Option<RecordFields> {
    let item = match body.get_mut("item").map(Value::take) {
        Some(item) => item,
        None => body.get_mut("items")?.get_mut(0)?.take(),
    };
    match item {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

fn record_not_found(at: Address, id: i64) -> Error {
    let (name, entity) = (at.entity.singular(), at.entity.name());
    Error::new(Code::NotFound, format!("There is no {name} {id}, or the API user may not see it."))
        .next(format!("query-entity {entity} finds records by their fields."))
}
