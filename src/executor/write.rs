//! Writes: shown, confirmed, sent once.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::outcome_check::with_check_hint;
use super::preview::{PendingWrite, reject_no_op};
use super::recent_creates::{CreateReservation, fingerprint};
use super::side_effects::task_creator_notice;
use super::{CallContext, Executor, RecordFields};
use crate::audit::Attempt;
use crate::client::request::{PriorCreate, Request};
use crate::client::{self, OutcomeCallback, created_id};
use crate::confirm::decision::ConfirmStep;
use crate::error::{Code, Error};
use crate::plan::address::{Address, ParentRef, collection_path};
use crate::plan::{Change, Duplicates, Write};
use crate::resolver::resolved::MAX_LISTED_RESOLUTIONS;
use crate::resolver::{ResolutionNotes, Resolved};

/// How far back an equal create is noticed, as a date can be held against it.
const RECENT_CREATE_WINDOW: SignedDuration = SignedDuration::from_mins(10);

impl Executor {
    /// Shows a write, or sends it, once somebody gave leave.
    pub(super) async fn write(
        &self,
        call: CallContext<'_>,
        mut write: Write,
    ) -> Result<Value, Error> {
        call.attempt.plans(&write);
        let mut notes = ResolutionNotes::default();
        let current = self.prepare(&mut write, &mut notes).await?;
        let step = self.confirm_step(call)?;
        let current = match step {
            ConfirmStep::Preview | ConfirmStep::Elicit if current.is_none() => {
                self.current_record(&write).await?
            }
            _ => current,
        };
        let parent = self.resolve_parent_id(&write, current.as_ref()).await?;
        set_parent_field(&mut write, parent);
        let request = build_request(&write, parent)?;
        call.attempt.draws(&request);
        reject_no_op(&write, current.as_ref())?;
        let prior = self.prior_create(&write, &request);
        let is_duplicate = prior.is_some() && write.duplicates == Duplicates::Reject;
        match (&step, prior) {
            (ConfirmStep::Elicit, Some(prior)) if is_duplicate => {
                return Err(self.duplicate_error(&write, prior));
            }
            (ConfirmStep::Elicit | ConfirmStep::Preview, Some(prior)) => {
                write.warnings.push(duplicate_message(&write, prior))
            }
            _ => {}
        }
        let pending = PendingWrite {
            write: &write,
            request: &request,
            current: current.as_ref(),
            impersonation: self.impersonation,
            notes: &notes,
            is_duplicate,
        };
        let confirmed = self.obtain_approval(call, step, pending).await?;
        // The user may have taken minutes.
        call.attempt.ready()?;
        let at = Address { entity: write.entity, parent };
        let reservation = self.reserve(&write, &request).await?;
        let callback = also_audit(call.attempt.clone(), reservation.into_callback());
        let sent = self.client.tenant_time();
        let reply = self.client.write(&request, confirmed, callback).await;
        let named = reply.and_then(|reply| match (created_id(&reply), &write.change) {
            (None, Change::Delete(id)) => Ok(*id),
            (named, _) => named.ok_or_else(no_id_error),
        });
        let id = match named {
            Ok(id) => id,
            Err(error) => return Err(self.explain_failure(error, &write, (at, sent)).await),
        };
        self.resolver.invalidate(write.entity, id);
        if matches!(write.change, Change::Delete(_)) {
            self.recent_creates.deleted(write.entity, id);
        }
        let ignored = self.read_back(&write, at, id).await;
        let mut warnings = [write.warnings.clone(), ignored].concat();
        warnings.extend(task_creator_notice(&write, self.impersonation));
        Ok(write_response(id, warnings, &notes.resolved))
    }

    /// Why a write failed, as far as that can be said.
    async fn explain_failure(
        &self,
        error: Error,
        write: &Write,
        sent: (Address, Timestamp),
    ) -> Error {
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
            _ => self.check_outcome(error, write, sent).await,
        }
    }

    /// The record as it is now, for a change or a delete.
    pub(super) async fn current_record(
        &self,
        write: &Write,
    ) -> Result<Option<RecordFields>, Error> {
        let Some(id) = write.id() else {
            return Ok(None);
        };
        let parent = match write.parent {
            ParentRef::Id(id) => Some(id),
            _ => None,
        };
        let at = Address { entity: write.entity, parent };
        match at.get(id) {
            Ok(_) => {
                let found = self.fetch_record(at, id).await;
                found.map(Some).map_err(|error| wrong_parent_error(error, write))
            }
            Err(_) => Ok(None),
        }
    }

    /// The parent's id, looked up where the caller did not give it.
    async fn resolve_parent_id(
        &self,
        write: &Write,
        present: Option<&RecordFields>,
    ) -> Result<Option<i64>, Error> {
        let field = match &write.parent {
            ParentRef::None => return Ok(None),
            ParentRef::Id(id) => return Ok(Some(*id)),
            ParentRef::TicketNumber(number) => {
                let ticket = self.fetch_ticket_by_number(number).await?;
                return Ok(ticket.get("id").and_then(Value::as_i64));
            }
            ParentRef::ByName(field, _) => {
                return Err(Error::internal(format!("{} is not settled.", field.name)));
            }
            ParentRef::FromRecord(field) => *field,
        };
        let Some(id) = write.id() else {
            return Err(Error::internal("A create has no stored parent."));
        };
        let found = match present {
            Some(record) => record.get(field).and_then(Value::as_i64),
            None => self
                .fetch_record(Address::root(write.entity), id)
                .await?
                .get(field)
                .and_then(Value::as_i64),
        };
        found.map(Some).ok_or_else(|| no_parent_error(write, field))
    }

    /// What became of an equal create of a moment ago.
    fn prior_create(&self, write: &Write, request: &Request) -> Option<PriorCreate> {
        match write.change {
            Change::Create(_) => self.recent_creates.find_prior(fingerprint(request)),
            Change::Update(..) | Change::Delete(_) => None,
        }
    }

    /// Books a create, so that no equal one is sent beside it or after it.
    async fn reserve(&self, write: &Write, request: &Request) -> Result<Reservation, Error> {
        if !matches!(write.change, Change::Create(_)) {
            return Ok(Reservation(None));
        }
        let (entity, mark) = (write.entity, fingerprint(request));
        match self.recent_creates.reserve(entity, mark).await {
            Ok(booked) => Ok(Reservation(Some(booked))),
            Err(_) if write.duplicates == Duplicates::Allow => {
                Ok(Reservation(Some(self.recent_creates.reserve_duplicate(entity, mark))))
            }
            Err(before) => Err(self.duplicate_error(write, before)),
        }
    }

    fn duplicate_error(&self, write: &Write, before: PriorCreate) -> Error {
        let name = write.entity.singular();
        let error = Error::new(Code::DuplicateWrite, duplicate_message(write, before))
            .accepts("allowDuplicate: true, if a second one is wanted");
        match before {
            PriorCreate::Created(id) => error.next(format!("Use {name} {id}.")),
            PriorCreate::Unknown => {
                let now = self.client.tenant_time();
                let earliest = now.checked_sub(RECENT_CREATE_WINDOW).unwrap_or(now);
                with_check_hint(error, write, earliest)
            }
        }
    }
}

/// A create's place among the recent ones, if it is one.
struct Reservation(Option<CreateReservation>);

impl Reservation {
    /// Who hears of the outcome: it holds the place until then.
    fn into_callback(self) -> OutcomeCallback {
        Arc::new(move |outcome| {
            if let (Some(booked), Some(is)) = (&self.0, create_result(outcome)) {
                booked.finish(is);
            }
        })
    }
}

/// What a create came to; nothing where it made no record.
fn create_result(outcome: &client::WriteOutcome) -> Option<PriorCreate> {
    match outcome {
        Ok(reply) => Some(created_id(reply).map_or(PriorCreate::Unknown, PriorCreate::Created)),
        Err(error) => (error.code() == Code::OutcomeUnknown).then_some(PriorCreate::Unknown),
    }
}

/// The parent's id is repeated in the body of a create.
fn set_parent_field(write: &mut Write, parent: Option<i64>) {
    let field = write.parent_field();
    if let (Change::Create(record), Some(id), Some(field)) = (&mut write.change, parent, field) {
        record.set(field, id.into());
    }
}

/// The one request of a write: children under their parent, the id of an update in the body.
fn build_request(write: &Write, parent: Option<i64>) -> Result<Request, Error> {
    let path = collection_path(write.entity, parent)?;
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
fn also_audit(attempt: Attempt, told: OutcomeCallback) -> OutcomeCallback {
    Arc::new(move |outcome| {
        attempt.heard(outcome.as_ref());
        told(outcome);
    })
}

fn no_id_error() -> Error {
    Error::new(
        Code::OutcomeUnknown,
        "Autotask accepted the write but did not say which record it is.",
    )
}

fn write_response(id: i64, warnings: Vec<String>, resolved: &Resolved) -> Value {
    let mut answer = json!({ "itemId": id });
    if let Some(resolved) = resolved.json(MAX_LISTED_RESOLUTIONS) {
        answer["resolved"] = resolved;
    }
    if !warnings.is_empty() {
        answer["warnings"] = warnings.into();
    }
    answer
}

fn duplicate_message(write: &Write, before: PriorCreate) -> String {
    let name = write.entity.singular();
    match before {
        PriorCreate::Created(id) => {
            format!("An equal {name} was created in the last ten minutes; its id is {id}.")
        }
        PriorCreate::Unknown => format!(
            "An equal {name} was sent in the last ten minutes, and nobody knows whether it was made."
        ),
    }
}

/// A record that is not where it was looked for may be under another parent.
fn wrong_parent_error(error: Error, write: &Write) -> Error {
    match (error.code(), &write.parent, write.parent_field()) {
        (Code::NotFound, ParentRef::Id(id), Some(field)) => {
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

fn no_parent_error(write: &Write, field: &str) -> Error {
    Error::new(
        Code::MissingField,
        format!("The record's {field} is empty, so its address is not known."),
    )
    .accepts(format!("parentEntity and parentId of the {}", write.entity.singular()))
}
