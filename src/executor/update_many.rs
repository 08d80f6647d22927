//! The same change for several records: one preview, one confirmation, one request after the other.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::approval::Proposal;
use super::diff::{differences, localized, with_plain_days};
use super::preview_labels::{add_from_labels, add_warnings, labels_for, request_fields};
use super::ready_write::{ReadyWrite, changed};
use super::undo::{previous_fields, undo};
use super::{CallContext, Executor, RecordFields};
use crate::catalog::{Entity, Verb};
use crate::client::page::MAX_PAGE_SIZE;
use crate::confirm::Confirmed;
use crate::confirm::decision::{ConfirmStep, describe_write};
use crate::error::{Code, Error};
use crate::filter::{Condition, Op, json_of};
use crate::plan::address::Address;
use crate::plan::request::Request;
use crate::plan::{Change, LabelMode, Projection, RecordKey, Write};
use crate::resolver::ResolutionNotes;
use crate::resolver::resolved::MAX_LISTED_RESOLUTIONS;
use crate::tools::Tool;
use crate::validate::{current_record, rules};
use crate::value::coerce::join_first;

/// More missing ids are counted.
const MAX_LISTED_IDS: usize = 20;

/// What is to be done: the writes, and the records that need none.
struct Batch {
    /// The write that was planned, resolved and validated.
    write: Write,
    ready: Vec<ReadyWrite>,
    skipped: Vec<i64>,
}

impl Executor {
    /// Previews an update of several records, or sends it if it is confirmed.
    pub(super) async fn update_many(
        &self,
        call: CallContext<'_>,
        mut write: Write,
        mut notes: ResolutionNotes,
    ) -> Result<Value, Error> {
        call.attempt.record_plan(&write);
        self.prepare(&mut write, &mut notes).await?;
        let ids = self.resolve_ids(&mut write, &mut notes).await?;
        let batch = self.batch(write, &ids).await?;
        let step = self.confirm_step(call)?;
        let request = batch.request()?;
        call.attempt.record_request(&request);
        let confirmed = self.approve_many(call, step, (&batch, &request, &notes)).await?;
        self.send_many(call, batch, confirmed, &notes).await
    }

    /// The ids of the records, each once.
    async fn resolve_ids(
        &self,
        write: &mut Write,
        notes: &mut ResolutionNotes,
    ) -> Result<Vec<i64>, Error> {
        let Change::UpdateMany(keys, _) = &write.change else {
            return Err(Error::internal("Only several records have several keys."));
        };
        let mut ids = Vec::new();
        for id in self.resolver.resolve_keys(write.entity, keys, notes).await? {
            match ids.contains(&id) {
                true => write.warnings.push(format!("{id} was given twice and is updated once.")),
                false => ids.push(id),
            }
        }
        write.warnings.append(&mut notes.warnings);
        Ok(ids)
    }

    /// One write for each record that would change.
    async fn batch(&self, write: Write, ids: &[i64]) -> Result<Batch, Error> {
        let mut records = self.read_records(&write, ids).await?;
        let missing: Vec<_> = ids.iter().filter(|id| !records.contains_key(id)).collect();
        if !missing.is_empty() {
            return Err(missing_error(write.entity, &missing));
        }
        let (mut ready, mut skipped) = (Vec::new(), Vec::new());
        for id in ids {
            let (Some(current), Some(record)) = (records.remove(id), write.change.record()) else {
                continue;
            };
            if differences(record, &current).is_empty() {
                skipped.push(*id);
                continue;
            }
            let mut single = write.clone();
            single.change = Change::Update(RecordKey::Id(*id), record.clone());
            current_record::check(single.entity, &single.change, &current)?;
            rules::resend_required_fields(single.entity, &mut single.change, &current);
            self.check_tenant_rules(&single, Some(&current)).await?;
            ready.push(self.ready(single, Some(current)).await?);
        }
        match ready.is_empty() {
            true => Err(no_change_error(write.entity)),
            false => Ok(Batch { write, ready, skipped }),
        }
    }

    /// The records as they are: with one query, if the entity can be queried.
    async fn read_records(
        &self,
        write: &Write,
        ids: &[i64],
    ) -> Result<BTreeMap<i64, RecordFields>, Error> {
        let entity = write.entity;
        let mut records = BTreeMap::new();
        match entity.field("id").filter(|_| entity.root_supports(Verb::Query)) {
            Some(field) => {
                let condition = Condition::test(field, Op::In, ids.into());
                let filter = json_of(&[condition]);
                let body = json!({ "filter": filter, "MaxRecords": MAX_PAGE_SIZE });
                let request = Request::post(format!("{}/query", entity.name()), body);
                for record in self.client.read_page(&request).await?.items {
                    records.extend(record.get("id").and_then(Value::as_i64).map(|id| (id, record)));
                }
            }
            None => {
                for id in ids {
                    let record = self.fetch_record(Address::root(entity), *id).await?;
                    records.insert(*id, record);
                }
            }
        }
        Ok(records)
    }

    async fn approve_many(
        &self,
        call: CallContext<'_>,
        step: ConfirmStep,
        (batch, request, notes): (&Batch, &Request, &ResolutionNotes),
    ) -> Result<Confirmed, Error> {
        let write = &batch.write;
        let (mut would, mut preview) = (String::new(), Value::Null);
        if step.shows_preview() {
            let mut warnings: Vec<String> = Vec::new();
            for ready in &batch.ready {
                let found = self.check_references(&ready.write, ready.current.as_ref()).await?;
                for warning in found {
                    if !warnings.contains(&warning) {
                        warnings.push(warning);
                    }
                }
            }
            let subject = match batch.ready.len() {
                1 => format!("1 {}", write.entity.singular()),
                count => format!("{count} {}", write.entity.name()),
            };
            would = describe_write(write, &subject);
            preview = self.preview_many(batch, request, notes).await;
            add_warnings(&mut preview, warnings);
        }
        let duplicates = write.duplicates;
        let proposal = Proposal { request, duplicates, is_duplicate: false, would, preview };
        self.obtain_approval(call, step, proposal).await
    }

    /// The preview: a row for each record with its name and its changes.
    async fn preview_many(
        &self,
        batch: &Batch,
        request: &Request,
        notes: &ResolutionNotes,
    ) -> Value {
        let (write, sent) = (&batch.write, request_fields(&batch.write));
        let currents = batch.ready.iter().filter_map(|ready| ready.current.as_ref());
        let records: Vec<_> = [&sent].into_iter().chain(currents).cloned().collect();
        let shown = Projection::fields(sent.keys().cloned());
        let mut warnings = Vec::new();
        let shown = (&shown, LabelMode::Labels);
        let labels = self.preview_labels(write.entity, &records, shown, &mut warnings).await;
        let subjects: Vec<_> = batch
            .ready
            .iter()
            .filter_map(|ready| Some((ready.write.id(), ready.current.as_ref()?)))
            .collect();
        let subjects = self.describe_records(write.entity, &subjects).await;
        let rows = batch.ready.iter().zip(subjects).map(|(ready, subject)| {
            let changes = changed(ready).unwrap_or_default();
            let mut changes = Value::from(with_plain_days(write.entity, changes));
            add_from_labels(Some(&mut changes), &labels);
            json!({ "id": ready.write.id(), "record": subject, "changes": changes })
        });
        let rows: Vec<_> = rows.collect();
        let mut paths: Vec<_> = batch.ready.iter().map(|ready| &*ready.request.path).collect();
        paths.dedup();
        let (method, path) = (request.method.as_str(), paths.join(", "));
        let mut preview = json!({ "method": method, "path": path, "body": sent, "records": rows });
        let sent_labels = labels_for(&sent, &labels);
        if !sent_labels.is_empty() {
            preview["labels"] = sent_labels.into();
        }
        if !batch.skipped.is_empty() {
            preview["skipped"] = batch.skipped.clone().into();
        }
        self.add_side_effects(&mut preview, write, None);
        add_warnings(&mut preview, warnings);
        if let Some(resolved) = notes.resolved.json(MAX_LISTED_RESOLUTIONS) {
            preview["resolved"] = resolved;
        }
        preview
    }

    /// Sends one request after the other, and stops if the next ones would fail for the same reason.
    async fn send_many(
        &self,
        call: CallContext<'_>,
        batch: Batch,
        confirmed: Confirmed,
        notes: &ResolutionNotes,
    ) -> Result<Value, Error> {
        let total = batch.ready.len();
        let (mut results, mut undone, mut failed) = (Vec::new(), Vec::new(), None);
        let mut rest = batch.ready.iter().zip(confirmed.for_each(total));
        for (ready, confirmed) in rest.by_ref() {
            let id = ready.write.id().unwrap_or_default();
            let attempt = call.attempt.for_record(id, &ready.request);
            let sent = self.send(&attempt, ready, confirmed).await;
            let reply = sent.as_ref().map(|id| json!({ "itemId": id }));
            let audited = match &reply {
                Ok(reply) => attempt.close(Ok(reply)),
                Err(error) => attempt.close(Err(error)),
            };
            let sent = audited.and(sent);
            call.channel.progress(results.len() as u64 + 1, Some(total as u64), "records updated");
            match sent {
                Ok(id) => {
                    let changed =
                        changed(ready).map(|all| localized(ready.write.entity, all, self.zone()));
                    results.push(json!({ "itemId": id, "changed": changed }));
                    undone.push(ready);
                }
                Err(error) => {
                    results.push(json!({ "itemId": id, "error": error.structured()["error"] }));
                    let is_final = stops(&error);
                    failed.get_or_insert(error);
                    if is_final {
                        break;
                    }
                }
            }
        }
        let not_attempted: Vec<_> = rest.filter_map(|(ready, _)| ready.write.id()).collect();
        if let Some(error) = failed.filter(|_| undone.is_empty()) {
            return Err(error.also(&format!("None of the {total} records was updated.")));
        }
        let mut response = json!({
            "results": results, "skipped": batch.skipped, "notAttempted": not_attempted,
        });
        response["undo"] = undo_many(call, &undone).into();
        if let Some(resolved) = notes.resolved.json(MAX_LISTED_RESOLUTIONS) {
            response["resolved"] = resolved;
        }
        if !batch.write.warnings.is_empty() {
            response["warnings"] = batch.write.warnings.into();
        }
        Ok(response)
    }
}

impl Batch {
    /// What an approval is bound to: all the records and the fields that they get.
    fn request(&self) -> Result<Request, Error> {
        let first = self.ready.first();
        let first = first.ok_or_else(|| Error::internal("There is nothing to update."))?;
        let requests =
            self.ready.iter().map(|ready| json!([ready.request.path, ready.request.body]));
        let body = json!({ "requests": requests.collect::<Vec<_>>() });
        Ok(Request::patch(first.request.path.clone(), body).with_author(first.request.author))
    }
}

/// Whether the next request would fail for the same reason.
fn stops(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::AuthFailed
            | Code::NotConfigured
            | Code::Forbidden
            | Code::NotAllowed
            | Code::ReadOnly
            | Code::ThresholdReached
    )
}

/// The calls that revert the updates: one for all records that had the same values.
fn undo_many(call: CallContext<'_>, done: &[&ReadyWrite]) -> Vec<Value> {
    let mut groups: BTreeMap<String, (Map<String, Value>, Vec<&ReadyWrite>)> = BTreeMap::new();
    for ready in done {
        let changed = changed(ready).unwrap_or_default();
        if let Some(fields) = previous_fields(&ready.write, &changed) {
            let key = Value::from(fields.clone()).to_string();
            groups.entry(key).or_insert_with(|| (fields, Vec::new())).1.push(ready);
        }
    }
    let has_many = call.caller.access().tools().contains(&Tool::UpdateEntity);
    let calls = groups.into_values().flat_map(|(fields, group)| match group.as_slice() {
        [first, _, ..] if has_many => {
            let ids: Vec<_> = group.iter().filter_map(|ready| ready.write.id()).collect();
            let entity = first.write.entity.name();
            let arguments = json!({ "entity": entity, "ids": ids, "fields": fields });
            vec![json!({ "tool": Tool::UpdateEntity.name(), "arguments": arguments })]
        }
        group => {
            let undo = |ready: &&ReadyWrite| undo(call, &ready.write, &changed(ready)?);
            group.iter().filter_map(undo).collect()
        }
    });
    calls.collect()
}

fn missing_error(entity: Entity, ids: &[&i64]) -> Error {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    let (name, ids) = (entity.name(), join_first(&ids, ", ", MAX_LISTED_IDS));
    Error::new(
        Code::NotFound,
        format!("No {name} with these ids, or the API user may not see them: {ids}."),
    )
    .accepts("ids of existing records")
    .next("Remove them from ids; nothing was changed.")
}

fn no_change_error(entity: Entity) -> Error {
    let message = format!("No change: all these {} already have these values.", entity.name());
    Error::new(Code::BadArgument, message).accepts("other values")
}
