//! One record, with its file if it is an attachment, and with its parts if it is a ticket.

use futures_util::FutureExt;
use futures_util::future::{join_all, try_join};
use serde_json::{Value, json};

use super::ticket_parts::TicketPart;
use super::{CallContext, Executor, RecordFields, RecordView};
use crate::catalog::{DataType, Entity, Verb};
use crate::error::{Code, Error};
use crate::filter::{Condition, Op, json_of};
use crate::plan::address::Address;
use crate::plan::request::Request;
use crate::plan::{Get, Include, LabelMode, Projection, RecordKey};
use crate::resolver::ResolutionNotes;

impl Executor {
    /// One record, perhaps with lists that belong to it.
    pub(super) async fn get(&self, call: CallContext<'_>, get: Get) -> Result<RecordView, Error> {
        let (mut notes, entity) = (ResolutionNotes::new(call.me()), get.address.entity);
        let shown = self.resolver.resolve_projection(entity, get.projection, &mut notes).await?;
        let item = self.fetch_with_parts((get.address, &get.key), &get.include, &mut notes).boxed();
        let (item, parts) = self.resolver.with_lists(entity, (&shown, get.labels), item).await?;
        let item = self.with_file_content(get.address, item, &shown).await;
        let mut warnings = [get.warnings, notes.warnings].concat();
        let items = std::slice::from_ref(&item);
        if !get.include.is_empty() && get.labels == LabelMode::Labels {
            let lists = parts.iter().flatten().flat_map(|part| &part.lists);
            let lists =
                lists.map(|(entity, records)| (*entity, records.as_slice(), &Projection::All));
            let all = [(entity, items, &shown)].into_iter().chain(lists);
            self.resolver.prefetch(&all.collect::<Vec<_>>(), []).await;
        }
        let labels = (&shown, get.labels);
        let labels = self.resolver.labels(entity, items, labels, &mut warnings).await;
        let lists = self.related_lists(&get.include, parts, &mut warnings).await;
        Ok(RecordView {
            entity: get.address.entity,
            item,
            projection: shown,
            labels,
            lists,
            resolved: notes.resolved,
            warnings,
        })
    }

    /// The record and its parts: at once if its id is known.
    async fn fetch_with_parts(
        &self,
        (at, key): (Address, &RecordKey),
        include: &[Include],
        notes: &mut ResolutionNotes,
    ) -> Result<(RecordFields, Vec<Result<TicketPart, Error>>), Error> {
        let item = self.fetch_by_key(at, key, notes);
        let parts = |id| join_all(include.iter().map(move |part| self.ticket_part(*part, id)));
        if let RecordKey::Id(id) = key {
            return try_join(item, parts(*id).map(Ok)).await;
        }
        let item = item.await?;
        let id = item.get("id").and_then(Value::as_i64).unwrap_or_default();
        Ok((item, parts(id).await))
    }

    async fn fetch_by_key(
        &self,
        at: Address,
        key: &RecordKey,
        notes: &mut ResolutionNotes,
    ) -> Result<RecordFields, Error> {
        match key {
            RecordKey::Id(id) => {
                let item = self.fetch_record(at, *id).await?;
                check_parent(at, *id, &item)?;
                Ok(item)
            }
            RecordKey::Number(number) => self.fetch_ticket_by_number(number).await,
            RecordKey::Name(name) => {
                let id = self.resolver.resolve_id(at.entity, name, notes).await?;
                self.fetch_record(at, id).await
            }
        }
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

    /// An attachment with its content: if one of its two addresses returns none, the other is tried.
    async fn with_file_content(
        &self,
        at: Address,
        item: RecordFields,
        shown: &Projection,
    ) -> RecordFields {
        let fields = at.entity.fields().iter();
        let content = fields.clone().find(|field| field.kind == DataType::Bytes);
        let Some(content) = content.filter(|field| shown.includes(field.name)) else {
            return item;
        };
        let is_file = item.get("attachmentType").is_none_or(|kind| kind == "FILE_ATTACHMENT");
        let has_content =
            |item: &RecordFields| item.get(content.name).is_some_and(Value::is_string);
        let other = other_address(at, &item).filter(|_| is_file && !has_content(&item));
        let (Some(other), Some(id)) = (other, item.get("id").and_then(Value::as_i64)) else {
            return item;
        };
        match self.fetch_record(other, id).await {
            Ok(found) if has_content(&found) => found,
            _ => item,
        }
    }
}

/// Autotask finds some records under any parent.
fn check_parent(at: Address, id: i64, item: &RecordFields) -> Result<(), Error> {
    let field = at.entity.as_child().and_then(|child| child.parent_field);
    let stored = field.and_then(|field| item.get(field)?.as_i64());
    match (at.parent, stored) {
        (Some(parent), Some(stored)) if parent != stored => Err(record_not_found(at, id)),
        _ => Ok(()),
    }
}

/// The root for a record that was read under its parent, and the other way round.
fn other_address(at: Address, item: &RecordFields) -> Option<Address> {
    if at.parent.is_some() {
        return Some(Address::root(at.entity));
    }
    let parent = at.entity.as_child()?.parent_field.unwrap_or("parentID");
    let parent = [parent, "parentID"].into_iter().find_map(|name| item.get(name)?.as_i64())?;
    Some(Address { entity: at.entity, parent: Some(parent) })
}

/// The record of a reply: `item`, or for attachments the first of `items`; some zones return a null item.
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
    let name = at.entity.singular();
    let message = format!("There is no {name} {id}, or the API user may not see it.");
    let error = Error::new(Code::NotFound, message);
    if !at.entity.root_supports(Verb::Query) {
        return error;
    }
    // What looks like an id may be the number on an invoice.
    let number = at.entity.names().flatten().find(|field| field.name == "invoiceNumber");
    let Some(field) = number else {
        return error.next("Search for it by another field, such as its name.");
    };
    let clause = json!({ "op": "eq", "field": field.name, "value": id.to_string() });
    let query = json!({ "filter": [clause], "MaxRecords": 5 });
    error.next(format!("query-entity {}", json!({ "entity": at.entity.name(), "query": query })))
}
