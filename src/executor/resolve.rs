//! Settling: each name in a plan becomes the number that Autotask takes.

use futures_util::future::try_join_all;
use serde_json::Value;

use super::metadata::{FieldList, is_local_failure};
use super::text_picklists::unchecked_warning;
use super::{Executor, RecordFields};
use crate::catalog::tenant_fields::TenantField;
use crate::catalog::udf_types::unknown_udf_error;
use crate::catalog::{Entity, Field};
use crate::error::{Code, Error, Retry};
use crate::filter::{Condition, has_udf, has_unresolved_udf, resolve_udfs, ticket_status};
use crate::plan::address::ParentRef;
use crate::plan::{Change, Projection, RecordKey, SelectedFields, Write};
use crate::resolver::matching::{MatchError, ambiguous, describe_all_if_few, unknown};
use crate::resolver::name_ref::{self, NameVisitor};
use crate::resolver::{NameCandidate, NameRef, Resolved, match_name};
use crate::validate::{missing_fields_error, rules};
use crate::value::record::Record;

/// Names asked for at a time; more would wait for a place anyway.
const MAX_CONCURRENT_LOOKUPS: usize = 3;

/// What is to be told of a plan besides its outcome.
#[derive(Debug, Default)]
pub(super) struct ResolutionNotes {
    pub resolved: Resolved,
    pub warnings: Vec<String>,
    /// The record as it is, where a change had to be held against it.
    pub present: Option<RecordFields>,
}

impl Executor {
    /// A filter in which every UDF is known and every name is a number.
    pub(super) async fn resolve_filter(
        &self,
        entity: Entity,
        clauses: &[Condition],
        notes: &mut ResolutionNotes,
    ) -> Result<Vec<Condition>, Error> {
        let clauses = self.resolve_udfs(entity, clauses, notes).await?;
        let mut clauses = self.expand_status_words(entity, clauses).await;
        self.apply_cached(entity, &mut clauses, notes);
        let mut walk = |see: &mut NameVisitor| name_ref::visit_filter(entity, &mut clauses, see);
        self.resolve_in_rounds(notes, &mut walk).await?;
        self.resolve_text_codes(entity, &mut clauses, notes).await?;
        let closed = &self.closed_status_ids;
        let warning = ticket_status::partly_closed_warning(entity, &clauses, closed);
        notes.warnings.extend(warning);
        Ok(clauses)
    }

    /// The filter with `open` and `closed` as statuses, unless the tenant has such a label.
    async fn expand_status_words(&self, entity: Entity, clauses: Vec<Condition>) -> Vec<Condition> {
        if !ticket_status::uses_status_words(entity, &clauses) {
            return clauses;
        }
        let tenant = self.tenant_fields(entity, FieldList::Fields).await.ok();
        let status = tenant.as_ref().and_then(|tenant| tenant.find("status"));
        let is_label = |word: &str| {
            let choices = status.into_iter().flat_map(TenantField::choices);
            choices.into_iter().any(|choice| choice.label.eq_ignore_ascii_case(word))
        };
        ticket_status::expand_status_words(clauses, &self.closed_status_ids, &is_label)
    }

    /// Names that a filter held a moment ago mean what they meant then.
    fn apply_cached(&self, entity: Entity, clauses: &mut [Condition], notes: &mut ResolutionNotes) {
        let mut is_new = true;
        // A name below another is seen once that one is a number.
        while is_new {
            is_new = false;
            name_ref::visit_filter(entity, clauses, &mut |one| {
                let found = self.meant.get(&one)?;
                is_new = true;
                Some(notes.record(&one, found))
            });
        }
    }

    /// The clauses with each UDF as the tenant lists it; what the caller calls one is taken for one where it lists none.
    async fn resolve_udfs(
        &self,
        entity: Entity,
        clauses: &[Condition],
        notes: &mut ResolutionNotes,
    ) -> Result<Vec<Condition>, Error> {
        if !has_udf(clauses) {
            return Ok(clauses.to_vec());
        }
        match self.tenant_fields(entity, FieldList::Udfs).await {
            Ok(udfs) => resolve_udfs(entity, clauses, &udfs),
            Err(error) if is_local_failure(&error) => Err(error),
            Err(error) if has_unresolved_udf(clauses) => Err(error.next(format!(
                "The user-defined fields of {} could not be read; \"udf\":true asks for one unchecked.",
                entity.name()
            ))),
            Err(error) => {
                notes.warnings.push(unchecked_warning(entity, FieldList::Udfs, &error));
                Ok(clauses.to_vec())
            }
        }
    }

    /// A write in which every name is a number, checked, with what is to be told of it among its warnings.
    pub(super) async fn resolve_write(
        &self,
        mut write: Write,
        notes: &mut ResolutionNotes,
    ) -> Result<Write, Error> {
        let entity = write.entity;
        if let Some(problem) = write.problem.take() {
            // The names are looked up too, so that the caller learns everything that is wrong at once.
            let mut record = write.change.record().cloned().unwrap_or_default();
            let resolved = self.resolve_record(entity, &mut record, notes).await;
            return Err(match resolved {
                Err(error) if !is_local_failure(&error) => problem.also(error.message()),
                _ => problem,
            });
        }
        self.check_required(&write).await?;
        self.resolve_key(&mut write, notes).await?;
        if let ParentRef::ByName(field, name) = &write.parent {
            let number = self.resolve_name(entity, field, name, notes).await?;
            if let Change::Create(record) = &mut write.change {
                record.set(field.name, number.clone());
            }
            let id = number.as_i64();
            let id = id.ok_or_else(|| Error::internal("A parent's id is no number."))?;
            write.parent = ParentRef::Id(id);
        }
        if let Change::Create(record) | Change::Update(_, record) = &mut write.change {
            self.resolve_record(entity, record, notes).await?;
        }
        if let Change::Create(record) = &write.change {
            // What a label stands for may want more.
            let lacks = rules::missing_fields(entity, record);
            if !lacks.is_empty() {
                return Err(missing_fields_error(entity, &lacks));
            }
        }
        self.preflight(&mut write, notes).await?;
        // A label and its code may have the same remark.
        for warning in notes.warnings.drain(..) {
            if !write.warnings.contains(&warning) {
                write.warnings.push(warning);
            }
        }
        Ok(write)
    }

    /// The id of the record that a write names otherwise.
    async fn resolve_key(
        &self,
        write: &mut Write,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        let (Change::Update(key, _) | Change::Delete(key)) = &mut write.change else {
            return Ok(());
        };
        let id = match key {
            RecordKey::Id(_) => return Ok(()),
            RecordKey::Number(number) => {
                let ticket = self.fetch_ticket_by_number(number).await?;
                ticket.get("id").and_then(Value::as_i64).unwrap_or_default()
            }
            RecordKey::Name(name) => self.id_of(write.entity, name, notes).await?,
        };
        *key = RecordKey::Id(id);
        Ok(())
    }

    async fn resolve_record(
        &self,
        entity: Entity,
        record: &mut Record,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        let learnt = self.discovered_schema();
        let mut walk =
            |see: &mut NameVisitor| name_ref::visit_record((&learnt, entity), record, see);
        self.resolve_in_rounds(notes, &mut walk).await?;
        self.resolve_record_text_codes(entity, record, notes).await
    }

    /// One name of one field, settled.
    pub(super) async fn resolve_name(
        &self,
        entity: Entity,
        field: &'static Field,
        name: &str,
        notes: &mut ResolutionNotes,
    ) -> Result<Value, Error> {
        let asked = NameRef::of(entity, field, name);
        let found = self.resolve_one(&asked).await?;
        Ok(notes.record(&asked, found))
    }

    /// Names under other names are settled in a later round than those.
    async fn resolve_in_rounds(
        &self,
        notes: &mut ResolutionNotes,
        walk: &mut (dyn FnMut(&mut NameVisitor) + Send),
    ) -> Result<(), Error> {
        loop {
            let mut asked: Vec<NameRef> = Vec::new();
            walk(&mut |one| {
                if !asked.contains(&one) {
                    asked.push(one);
                }
                None
            });
            if asked.is_empty() {
                return Ok(());
            }
            let known = self.resolve_batch(&asked).await?;
            let asked: Vec<_> = asked.into_iter().zip(known).collect();
            let mut answers = Vec::new();
            // The first that means nothing ends it, before many are asked for.
            for some in asked.chunks(MAX_CONCURRENT_LOOKUPS) {
                let found =
                    some.iter().map(|(one, known)| self.cached_or_resolve(known.as_ref(), one));
                for ((one, _), found) in some.iter().zip(try_join_all(found).await?) {
                    self.meant.insert(one, &found);
                    answers.push((one, notes.record(one, found)));
                }
            }
            walk(&mut |one| {
                let answer = answers.iter().find(|(asked, _)| **asked == one);
                answer.map(|(_, number)| number.clone())
            });
        }
    }

    /// What is known already, else the answer.
    async fn cached_or_resolve(
        &self,
        known: Option<&NameCandidate>,
        asked: &NameRef,
    ) -> Result<NameCandidate, Error> {
        match known {
            Some(found) => Ok(found.clone()),
            None => self.resolve_one(asked).await,
        }
    }

    async fn resolve_one(&self, asked: &NameRef) -> Result<NameCandidate, Error> {
        if asked.field.picklist.is_no() {
            return self.resolve_reference(asked, asked.field.refers_to).await;
        }
        let live = match self.tenant_fields(asked.entity, FieldList::Fields).await {
            Ok(live) => live,
            Err(_) if asked.field.refers_to.is_some() => {
                return self.resolve_reference(asked, asked.field.refers_to).await;
            }
            Err(error) => return Err(labels_unreadable_error(asked, error)),
        };
        match live.for_field(asked.field) {
            Some(field) if field.picklist.is_some() => resolve_picklist(asked, field),
            Some(field) if field.is_unlisted => Err(picklist_unlisted_error(asked)),
            field => {
                let refers_to = field.and_then(|field| field.refers_to);
                let refers_to = asked.field.refers_to.or(refers_to);
                self.resolve_reference(asked, refers_to).await
            }
        }
    }

    async fn resolve_reference(
        &self,
        asked: &NameRef,
        refers_to: Option<Entity>,
    ) -> Result<NameCandidate, Error> {
        match refers_to {
            Some(entity) => self.find_by_name(entity, asked).await,
            None => Err(no_names_error(asked)),
        }
    }

    /// What is to be shown, every UDF in the tenant's spelling.
    pub(super) async fn resolve_projection(
        &self,
        entity: Entity,
        shown: Projection,
        notes: &mut ResolutionNotes,
    ) -> Result<Projection, Error> {
        let Projection::Selected(SelectedFields { fields, udfs }) = shown else {
            return Ok(shown);
        };
        let mut settled = SelectedFields { fields, udfs: Vec::new() };
        for name in udfs {
            match self.tenant_fields(entity, FieldList::Udfs).await {
                Ok(live) => {
                    let udf = live.find(&name);
                    let udf = udf.ok_or_else(|| unknown_udf_error(entity, &name, &live))?;
                    settled.udfs.push(udf.name.clone());
                }
                Err(error) if is_local_failure(&error) => return Err(error),
                // Records come whole anyway; only the name's spelling cannot be checked.
                Err(error) => {
                    notes.warnings.push(unchecked_warning(entity, FieldList::Udfs, &error));
                    settled.udfs.push(name);
                }
            }
        }
        Ok(Projection::Selected(settled))
    }
}

impl ResolutionNotes {
    /// Notes what a name came to, and answers its number.
    pub(super) fn record(&mut self, asked: &NameRef, found: NameCandidate) -> Value {
        self.resolved.record(asked.argument, &asked.name, &found.number);
        self.warnings.extend(found.warnings(asked.argument, &asked.name));
        found.number
    }
}

/// Picklists that depend on another field are matched under its code, where that is given.
fn resolve_picklist(asked: &NameRef, field: &TenantField) -> Result<NameCandidate, Error> {
    let is_under = |under: &Option<Value>| match (asked.under, under) {
        (Some(wanted), Some(under)) => under.as_i64() == Some(wanted),
        _ => true,
    };
    let choices = field.choices().iter().filter(|choice| is_under(&choice.under));
    let choices = choices.filter(|choice| choice.code.is_i64());
    let candidates: Vec<_> = choices.map(NameCandidate::from_picklist).collect();
    let describe = format!(
        "describe-entity-fields {{\"entity\":\"{}\",\"field\":\"{}\"}} lists them.",
        asked.entity.name(),
        asked.field.name
    );
    match match_name(&asked.name, &candidates) {
        Ok(one) => Ok(one),
        Err(MatchError::Ambiguous(several)) => Err(ambiguous(asked, &several)),
        Err(MatchError::NotFound) => {
            let thing = format!("value of {}", asked.entity.name());
            let error = unknown(asked, &thing, &candidates).next(describe);
            Err(match describe_all_if_few(&candidates) {
                Some(all) => error.accepts(all),
                None => error,
            })
        }
    }
}

fn no_names_error(asked: &NameRef) -> Error {
    let message = format!("{} does not take the name {:?}.", asked.argument, asked.name);
    Error::new(Code::BadArgument, message)
        .accepts(format!("{}: a whole number, such as 5", asked.argument))
}

/// Without the tenant's picklists a label means nothing; a code still does, where requests are answered at all.
fn labels_unreadable_error(asked: &NameRef, error: Error) -> Error {
    if is_local_failure(&error) || error.code() == Code::RateLimited {
        return error;
    }
    error.next(format!(
        "The labels of {} could not be read, so give {} as a code.",
        asked.entity.name(),
        asked.argument
    ))
}

/// A picklist whose values the tenant keeps to itself.
fn picklist_unlisted_error(asked: &NameRef) -> Error {
    let (argument, entity) = (asked.argument, asked.entity.name());
    let message =
        format!("{argument}: the values of {entity} could not be read: Autotask lists none.");
    Error::new(Code::UpstreamUnavailable, message)
        .with_retry(Retry::AfterChange)
        .next(format!("Give {argument} as a code."))
}
