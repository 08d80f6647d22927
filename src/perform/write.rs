//! Writes: shown, confirmed, sent once.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::besides::api_user;
use super::doubt::with_search;
use super::preview::{Drawn, changes_something};
use super::recent::{Booked, mark};
use super::settle::Notes;
use super::{Call, Fields, Performer};
use crate::address::{Address, Parent, collection};
use crate::audit::AuditAttempt;
use crate::client::{self, Told, item_id};
use crate::error::{Code, Error};
use crate::gate::confirm::Way;
use crate::names::Resolved;
use crate::names::resolved::TOLD;
use crate::plan::{Change, Duplicates, Write};
use crate::request::{Before, Request};

/// How far back an equal create is noticed, as a date can be held against it.
const RECENT: SignedDuration = SignedDuration::from_mins(10);

impl Performer {
    /// Shows a write, or sends it, once somebody gave leave.
    pub(super) async fn write(&self, call: Call<'_>, write: Write) -> Result<Value, Error> {
        call.attempt.record_plan(&write);
        let mut notes = Notes::default();
        let mut write = self.settled_write(write, &mut notes).await?;
        let way = self.way(call)?;
        let present = match way {
            Way::Show | Way::Ask if notes.present.is_none() => self.present(&write).await?,
            _ => notes.present.take(),
        };
        let parent = self.parent(&write, present.as_ref()).await?;
        fill(&mut write, parent);
        let request = request(&write, parent)?;
        call.attempt.record_request(&request);
        changes_something(&write, present.as_ref())?;
        let twin = self.twin(&write, &request);
        let is_refused = twin.is_some() && write.duplicates == Duplicates::Refuse;
        match (&way, twin) {
            (Way::Ask, Some(before)) if is_refused => return Err(self.repeated(&write, before)),
            (Way::Ask | Way::Show, Some(before)) => write.warnings.push(repeats(&write, before)),
            _ => {}
        }
        let drawn = Drawn {
            write: &write,
            request: &request,
            present: present.as_ref(),
            impersonation: self.impersonation,
            notes: &notes,
            is_refused,
        };
        let confirmed = self.leave(call, way, drawn).await?;
        let at = Address { entity: write.entity, parent };
        let booking = self.booked(&write, &request).await?;
        call.attempt.record_sending()?;
        let told = heard_by(call.attempt.clone(), booking.told());
        let sent = self.client.tenant_time();
        let reply = self.client.write(&request, confirmed, told).await;
        let named = reply.and_then(|reply| match (item_id(&reply), &write.change) {
            (None, Change::Delete(id)) => Ok(*id),
            (named, _) => named.ok_or_else(nameless),
        });
        let id = match named {
            Ok(id) => id,
            Err(error) => return Err(self.explained(error, &write, (at, sent)).await),
        };
        self.names.forget(write.entity, id);
        self.meant.forget();
        self.beginnings.forget();
        if matches!(write.change, Change::Delete(_)) {
            self.recent.deleted(write.entity, id);
        }
        let ignored = self.read_back(&write, at, id).await;
        let mut warnings = [write.warnings.clone(), ignored].concat();
        warnings.extend(api_user(&write, self.impersonation));
        Ok(written(id, warnings, &notes.resolved))
    }

    /// Why a write failed, as far as that can be said.
    async fn explained(&self, error: Error, write: &Write, sent: (Address, Timestamp)) -> Error {
        match (error.code(), self.impersonation) {
            (Code::Forbidden, Some(id)) => error.next(format!(
                "It was tried in the name of resource {id}: the API user's security level must allow impersonation for {}, and that resource must be active and its level allow being impersonated.",
                write.entity.name()
            )),
            (Code::NotFound, Some(id)) if matches!(write.change, Change::Delete(_)) => {
                let entity = write.entity.name();
                let call = json!({ "entity": entity, "id": write.id() });
                error.next(format!(
                    "It was tried in the name of resource {id}, which may lack the right to delete {entity}: get-entity {call} shows whether it is there."
                ))
            }
            _ => self.in_doubt(error, write, sent).await,
        }
    }

    /// The record as it is now, for a change or a delete.
    pub(super) async fn present(&self, write: &Write) -> Result<Option<Fields>, Error> {
        let Some(id) = write.id() else {
            return Ok(None);
        };
        let parent = match write.parent {
            Parent::Id(id) => Some(id),
            _ => None,
        };
        let at = Address { entity: write.entity, parent };
        match at.get(id) {
            Ok(_) => {
                let found = self.record(at, id).await;
                found.map(Some).map_err(|error| misplaced(error, write))
            }
            Err(_) => Ok(None),
        }
    }

    /// The parent's id, looked up where the caller did not give it.
    async fn parent(&self, write: &Write, present: Option<&Fields>) -> Result<Option<i64>, Error> {
        let field = match &write.parent {
            Parent::None => return Ok(None),
            Parent::Id(id) => return Ok(Some(*id)),
            Parent::Ticket(number) => {
                let ticket = self.numbered(number).await?;
                return Ok(ticket.get("id").and_then(Value::as_i64));
            }
            Parent::Named(field, _) => {
                return Err(Error::internal(format!("{} is not settled.", field.name)));
            }
            Parent::Stored(field) => *field,
        };
        let Some(id) = write.id() else {
            return Err(Error::internal("A create has no stored parent."));
        };
        let found = match present {
            Some(record) => record.get(field).and_then(Value::as_i64),
            None => self
                .record(Address::root(write.entity), id)
                .await?
                .get(field)
                .and_then(Value::as_i64),
        };
        found.map(Some).ok_or_else(|| orphan(write, field))
    }

    /// What became of an equal create of a moment ago.
    fn twin(&self, write: &Write, request: &Request) -> Option<Before> {
        match write.change {
            Change::Create(_) => self.recent.before(mark(request)),
            Change::Update(..) | Change::Delete(_) => None,
        }
    }

    /// Books a create, so that no equal one is sent beside it or after it.
    async fn booked(&self, write: &Write, request: &Request) -> Result<Booking, Error> {
        if !matches!(write.change, Change::Create(_)) {
            return Ok(Booking(None));
        }
        let (entity, mark) = (write.entity, mark(request));
        match self.recent.book(entity, mark).await {
            Ok(booked) => Ok(Booking(Some(booked))),
            Err(_) if write.duplicates == Duplicates::Allow => {
                Ok(Booking(Some(self.recent.beside(entity, mark))))
            }
            Err(before) => Err(self.repeated(write, before)),
        }
    }

    fn repeated(&self, write: &Write, before: Before) -> Error {
        let name = write.entity.singular();
        let error = Error::new(Code::DuplicateWrite, repeats(write, before))
            .accepts("allowDuplicate: true, if a second one is wanted");
        match before {
            Before::Made(id) => error.next(format!("Use {name} {id}.")),
            Before::Doubtful => {
                let now = self.client.tenant_time();
                let earliest = now.checked_sub(RECENT).unwrap_or(now);
                with_search(error, write, earliest)
            }
        }
    }
}

/// A create's place among the recent ones, if it is one.
struct Booking(Option<Booked>);

impl Booking {
    /// Who hears of the outcome: it holds the place until then.
    fn told(self) -> Told {
        Arc::new(move |outcome| {
            if let (Some(booked), Some(is)) = (&self.0, came_to(outcome)) {
                booked.settle(is);
            }
        })
    }
}

/// What a create came to; nothing where it made no record.
fn came_to(outcome: &client::Outcome) -> Option<Before> {
    match outcome {
        Ok(reply) => Some(item_id(reply).map_or(Before::Doubtful, Before::Made)),
        Err(error) => (error.code() == Code::OutcomeUnknown).then_some(Before::Doubtful),
    }
}

/// The parent's id is repeated in the body of a create.
fn fill(write: &mut Write, parent: Option<i64>) {
    let field = write.parent_field();
    if let (Change::Create(record), Some(id), Some(field)) = (&mut write.change, parent, field) {
        record.set(field, id.into());
    }
}

/// The one request of a write: children under their parent, the id of an update in the body.
fn request(write: &Write, parent: Option<i64>) -> Result<Request, Error> {
    let path = collection(write.entity, parent)?;
    Ok(match &write.change {
        Change::Create(record) => Request::post(path, record.clone().into_value()),
        Change::Update(id, record) => {
            let mut body = Map::new();
            body.insert("id".to_owned(), (*id).into());
            body.extend(record.iter().map(|(name, value)| (name.clone(), value.clone())));
            Request::patch(path, body.into())
        }
        Change::Delete(id) => Request::delete(format!("{path}/{id}")),
    })
}

/// The audit log hears of the outcome too, even if the caller has left.
fn heard_by(attempt: AuditAttempt, told: Told) -> Told {
    Arc::new(move |outcome| {
        attempt.record_response(outcome.as_ref());
        told(outcome);
    })
}

fn nameless() -> Error {
    Error::new(
        Code::OutcomeUnknown,
        "Autotask accepted the write but did not say which record it is.",
    )
}

fn written(id: i64, warnings: Vec<String>, resolved: &Resolved) -> Value {
    let mut answer = json!({ "itemId": id });
    if let Some(resolved) = resolved.json(TOLD) {
        answer["resolved"] = resolved;
    }
    if !warnings.is_empty() {
        answer["warnings"] = warnings.into();
    }
    answer
}

fn repeats(write: &Write, before: Before) -> String {
    let name = write.entity.singular();
    match before {
        Before::Made(id) => {
            format!("An equal {name} was created in the last ten minutes; its id is {id}.")
        }
        Before::Doubtful => format!(
            "An equal {name} was sent in the last ten minutes, and nobody knows whether it was made."
        ),
    }
}

/// A record that is not where it was looked for may be under another parent.
fn misplaced(error: Error, write: &Write) -> Error {
    match (error.code(), &write.parent, write.parent_field()) {
        (Code::NotFound, Parent::Id(id), Some(field)) => {
            let (name, of) = (write.entity.singular(), write.entity.field(field));
            let stays = match of.is_some_and(|field| field.read_only.is_yes()) {
                true => format!(", which is set on create only: a {name} stays where it was made"),
                false => String::new(),
            };
            let call = json!({ "entity": write.entity.name(), "id": write.id() });
            error
                .also(&format!("It was looked for where {field} is {id}{stays}."))
                .next(format!(
                    "get-entity {call} shows its {field}; where neither that nor a parent is given, it is looked up."
                ))
        }
        _ => error,
    }
}

fn orphan(write: &Write, field: &str) -> Error {
    Error::new(
        Code::MissingField,
        format!("The record's {field} is empty, so its address is not known."),
    )
    .accepts(format!("parentEntity and parentId of the {}", write.entity.singular()))
}
