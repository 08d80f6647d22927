//! Writes: previewed, confirmed, sent once.

use futures_util::FutureExt;
use std::sync::Arc;

use futures_util::future::join;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::approval::Proposal;
use super::author::task_creator_notice;
use super::diff::localized;
use super::outcome_check::with_check_hint;
use super::preview::{PendingWrite, reject_no_op};
use super::preview_labels::request_fields;
use super::ready_write::{ReadyWrite, build_request, changed, set_parent_field};
use super::recent_creates::{CreateReservation, fingerprint};
use super::undo::undo;
use super::write_errors::{duplicate_message, no_id_error, no_parent_error, wrong_parent_error};
use super::{CallContext, Executor, RecordFields};
use crate::audit::{AuditAttempt, also_audit};
use crate::client::{self, OutcomeCallback, created_id};
use crate::cluster::at_most_once::PriorCreate;
use crate::confirm::Confirmed;
use crate::confirm::decision::{ConfirmStep, describe_write};
use crate::error::{Code, Error, Retry};
use crate::plan::address::{Address, ParentRef};
use crate::plan::request::Request;
use crate::plan::{Change, Duplicates, LabelMode, Projection, Write};
use crate::resolver::ResolutionNotes;
use crate::resolver::resolved::MAX_LISTED_RESOLUTIONS;

/// How far back an identical create is noticed, for a date condition.
const RECENT_CREATE_WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// The wait after too many creates; older ones expire after ten minutes.
const RECENT_CREATES_RETRY_SECONDS: u64 = 60;

impl Executor {
    /// Previews a write, or sends it if it is confirmed.
    pub(super) async fn write(
        &self,
        call: CallContext<'_>,
        mut write: Write,
    ) -> Result<Value, Error> {
        let mut notes = ResolutionNotes::new(call.me());
        self.set_author(call, &mut write).await?;
        if let Change::UpdateMany(..) = write.change {
            return self.update_many(call, write, notes).await;
        }
        let current = self.prepare(&mut write, &mut notes).await?;
        call.attempt.record_plan(&write);
        let step = self.confirm_step(call)?;
        let current = match current {
            None if step.shows_preview() => {
                let shown = (&Projection::All, LabelMode::Labels);
                let current = self.current_record(&write).boxed();
                self.resolver.with_lists(write.entity, shown, current).await?
            }
            current => current,
        };
        let ready = self.ready(write, current).await?;
        call.attempt.record_request(&ready.request);
        reject_no_op(&ready.write, ready.current.as_ref())?;
        let confirmed = self.approve(call, step, (&ready, &notes)).await?;
        let id = self.send(call.attempt, &ready, confirmed).await?;
        Ok(self.respond(call, (id, &ready), &notes).await)
    }

    /// The write with its parent and its request.
    pub(super) async fn ready(
        &self,
        mut write: Write,
        current: Option<RecordFields>,
    ) -> Result<ReadyWrite, Error> {
        let parent = self.resolve_parent_id(&write, current.as_ref()).await?;
        set_parent_field(&mut write, parent)?;
        let request = build_request(&write, parent)?.with_author(write.author);
        Ok(ReadyWrite { write, request, parent, current })
    }

    /// Approval of a single write; what is shown is checked and described first.
    async fn approve(
        &self,
        call: CallContext<'_>,
        step: ConfirmStep,
        (ready, notes): (&ReadyWrite, &ResolutionNotes),
    ) -> Result<Confirmed, Error> {
        let prior = self.prior_create(&ready.write, &ready.request);
        let is_duplicate = prior.is_some() && ready.write.duplicates == Duplicates::Reject;
        let (mut would, mut preview) = (String::new(), Value::Null);
        if step.shows_preview() {
            let mut write = ready.write.clone();
            let current = ready.current.as_ref();
            match (&step, prior) {
                (ConfirmStep::Elicit, Some(prior)) if is_duplicate => {
                    return Err(self.duplicate_error(&write, prior));
                }
                (_, Some(prior)) => write.warnings.push(duplicate_message(&write, prior)),
                (_, None) => {
                    let names = self.prefetch_names(&write, current);
                    let (similar, ()) = join(self.similar_records(&write), names).await;
                    write.warnings.extend(similar);
                }
            }
            write.warnings.extend(self.check_references(&write, current).await?);
            let fields = current.cloned().unwrap_or_else(|| request_fields(&write));
            let subject = self.describe_record(write.entity, write.id(), &fields).await;
            would = describe_write(&write, &subject);
            let pending = PendingWrite { write: &write, request: &ready.request, current, notes };
            preview = self.preview(pending).await;
        }
        let duplicates = ready.write.duplicates;
        let request = &ready.request;
        let proposal = Proposal { request, duplicates, is_duplicate, would, preview };
        self.obtain_approval(call, step, proposal).await
    }

    /// Sends a write once, and returns the id of its record.
    pub(super) async fn send(
        &self,
        attempt: &AuditAttempt,
        ready: &ReadyWrite,
        confirmed: Confirmed,
    ) -> Result<i64, Error> {
        let write = &ready.write;
        let reservation = self.reserve(write, &ready.request).await?;
        attempt.record_sending()?;
        let callback = also_audit(attempt.clone(), reservation.into_callback());
        let sent = self.client.tenant_time();
        let reply = self.client.write(&ready.request, confirmed, callback).await;
        let id = reply.and_then(|reply| match (created_id(&reply), &write.change) {
            (None, Change::Delete(key)) => key.id().ok_or_else(no_id_error),
            (id, _) => id.ok_or_else(no_id_error),
        });
        let at = Address { entity: write.entity, parent: ready.parent };
        let id = match id {
            Ok(id) => id,
            Err(error) => return Err(self.explain_failure(error, write, (at, sent)).await),
        };
        self.resolver.invalidate(write.entity, id);
        if matches!(write.change, Change::Delete(_)) {
            self.recent_creates.deleted(write.entity, id);
        }
        Ok(id)
    }

    /// The response: the id, what changed, the call that reverts it, and what to know about it.
    async fn respond(
        &self,
        call: CallContext<'_>,
        (id, ready): (i64, &ReadyWrite),
        notes: &ResolutionNotes,
    ) -> Value {
        let mut response = json!({ "itemId": id });
        let at = Address { entity: ready.write.entity, parent: ready.parent };
        let stored = self.read_back(&ready.write, at, id).await;
        if let Some(mut changed) = changed(ready) {
            changed.retain(|name, _| !stored.ignored.contains(&name.as_str()));
            let undo = undo(call, &ready.write, &changed);
            response["changed"] = localized(at.entity, changed, self.zone()).into();
            if let Some(undo) = undo {
                response["undo"] = undo;
            }
        }
        if let Some(resolved) = notes.resolved.json(MAX_LISTED_RESOLUTIONS) {
            response["resolved"] = resolved;
        }
        let mut warnings = [ready.write.warnings.clone(), stored.warnings].concat();
        warnings.extend(task_creator_notice(&ready.write));
        if !warnings.is_empty() {
            response["warnings"] = warnings.into();
        }
        response
    }

    /// Explains why a write failed, as far as possible.
    async fn explain_failure(
        &self,
        error: Error,
        write: &Write,
        sent: (Address, Timestamp),
    ) -> Error {
        match (error.code(), write.author) {
            (Code::Forbidden, Some(id)) => error.next(format!(
                "The write was made in the name of resource {id}: the API user's security level must allow impersonation for {}, the resource must be active, and its level must allow being impersonated.",
                write.entity.name()
            )),
            (Code::NotFound, Some(id)) if matches!(write.change, Change::Delete(_)) => {
                let entity = write.entity.name();
                let call = json!({ "entity": entity, "id": write.id() });
                error.next(format!(
                    "The delete was made in the name of resource {id}, which may lack the right to delete {entity}: get-entity {call} shows whether the record exists."
                ))
            }
            _ => self.check_outcome(error, write, sent).await,
        }
    }

    /// The current record of an update or a delete.
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

    /// The parent's id, looked up if the caller did not give it.
    async fn resolve_parent_id(
        &self,
        write: &Write,
        current: Option<&RecordFields>,
    ) -> Result<Option<i64>, Error> {
        let field = match &write.parent {
            ParentRef::None => return Ok(None),
            ParentRef::Id(id) => return Ok(Some(*id)),
            ParentRef::TicketNumber(number) => {
                let ticket = self.fetch_ticket_by_number(number).await?;
                return Ok(ticket.get("id").and_then(Value::as_i64));
            }
            ParentRef::ByName(field, _) => {
                return Err(Error::internal(format!("{} is not resolved.", field.name)));
            }
            ParentRef::FromRecord(field) => *field,
        };
        let Some(id) = write.id() else {
            return Err(Error::internal("A create has no stored parent."));
        };
        let found = match current {
            Some(record) => record.get(field).and_then(Value::as_i64),
            None => self
                .fetch_record(Address::root(write.entity), id)
                .await?
                .get(field)
                .and_then(Value::as_i64),
        };
        found.map(Some).ok_or_else(|| no_parent_error(write, field))
    }

    /// The result of an identical create a moment ago.
    fn prior_create(&self, write: &Write, request: &Request) -> Option<PriorCreate> {
        match write.change {
            Change::Create(_) => self.recent_creates.find_prior(fingerprint(request)),
            Change::Update(..) | Change::UpdateMany(..) | Change::Delete(_) => None,
        }
    }

    /// Reserves a create, so that no identical one is sent with it or after it.
    async fn reserve(&self, write: &Write, request: &Request) -> Result<Reservation, Error> {
        if !matches!(write.change, Change::Create(_)) {
            return Ok(Reservation(None));
        }
        let (entity, fingerprint) = (write.entity, fingerprint(request));
        match self.recent_creates.reserve(entity, fingerprint).await {
            Ok(reservation) => Ok(Reservation(Some(reservation))),
            Err(_) if write.duplicates == Duplicates::Allow => {
                Ok(Reservation(Some(self.recent_creates.reserve_duplicate(entity, fingerprint))))
            }
            Err(prior) => Err(self.duplicate_error(write, prior)),
        }
    }

    fn duplicate_error(&self, write: &Write, prior: PriorCreate) -> Error {
        let name = write.entity.singular();
        if prior == PriorCreate::Untracked {
            return Error::new(Code::RateLimited, duplicate_message(write, prior))
                .with_retry(Retry::Later(RECENT_CREATES_RETRY_SECONDS))
                .next("Wait a minute, then repeat the call.");
        }
        let error = Error::new(Code::DuplicateWrite, duplicate_message(write, prior))
            .accepts("allowDuplicate: true, if a second one is intended");
        match prior {
            PriorCreate::Created(id) => error.next(format!("Use {name} {id}.")),
            PriorCreate::Unknown | PriorCreate::Untracked => {
                let now = self.client.tenant_time();
                let earliest = now.checked_sub(RECENT_CREATE_WINDOW).unwrap_or(now);
                with_check_hint(error, write, earliest)
            }
        }
    }
}

/// A reserved create, if the write is one.
struct Reservation(Option<CreateReservation>);

impl Reservation {
    /// The callback for the outcome, which holds the reservation until then.
    fn into_callback(self) -> OutcomeCallback {
        Arc::new(move |outcome| {
            if let (Some(reservation), Some(result)) = (&self.0, create_result(outcome)) {
                reservation.finish(result);
            }
        })
    }
}

/// The result of a create; none if it made no record.
fn create_result(outcome: &client::WriteOutcome) -> Option<PriorCreate> {
    match outcome {
        Ok(reply) => Some(created_id(reply).map_or(PriorCreate::Unknown, PriorCreate::Created)),
        Err(error) => (error.code() == Code::OutcomeUnknown).then_some(PriorCreate::Unknown),
    }
}
