//! The plans that several tools share.

use super::PlanContext;
use super::arguments::CallArguments;
use crate::catalog::{DiscoveredSchema, Entity, Verb};
use crate::config::write_policy::WritePermit;
use crate::error::{Code, Error};
use crate::filter::Condition;
use crate::plan::address::{Address, ParentRef, check_id, parent_ref, record_key};
use crate::plan::cursor;
use crate::plan::query::parse_projection;
use crate::plan::{
    Change, DEFAULT_PAGE_SIZE, Duplicates, Echo, Get, LabelMode, Order, Plan, Projection, Read,
    RecordKey, Search, Write, deactivation_call,
};
use crate::validate::{self, attachments};
use crate::value::datetime::Calendar;
use crate::value::record::Record;

/// Conditions, and the warnings about them for the response.
pub(super) type Conditions = (Vec<Condition>, Vec<String>);

/// A search of a convenience tool.
pub(super) fn search(
    call: &CallArguments,
    context: &PlanContext,
    conditions: Result<Conditions, Error>,
) -> Result<Plan, Error> {
    let entity = tool_entity(call)?;
    let shown = projection(call, context, entity);
    let problem = shown.as_ref().err().cloned();
    let (mut clauses, warnings) =
        conditions.map_err(|error| problem.iter().fold(error, Error::and))?;
    if clauses.is_empty() {
        clauses.push(Condition::match_all(entity)?);
    }
    crate::filter::check(&clauses)?;
    let at = Address::root(entity);
    let order = if call.flag("newest") { Order::NewestFirst } else { Order::OldestFirst };
    let cursor = call.text("cursor");
    let after = cursor.map(|text| cursor::decode(text, (at, order), &clauses)).transpose()?;
    let max = call.value("maxRecords").and_then(serde_json::Value::as_i64);
    let max = max.and_then(|max| u16::try_from(max).ok()).unwrap_or(DEFAULT_PAGE_SIZE);
    Ok(Plan::Read(Read::Search(Search {
        address: at,
        conditions: clauses,
        max_records: max,
        projection: shown.unwrap_or(Projection::All),
        order,
        after,
        phone: call.phone_search()?,
        company: None,
        echo: Echo::Filter,
        labels: LabelMode::Labels,
        warnings,
        problem,
    })))
}

/// A search of time entries, whose company is only known from their ticket or task.
pub(super) fn search_time_entries(
    call: &CallArguments,
    context: &PlanContext,
) -> Result<Plan, Error> {
    let mut plan = search(call, context, call.conditions(context))?;
    if let (Plan::Read(Read::Search(search)), Some(company)) = (&mut plan, call.value("companyID"))
    {
        search.company = Some(record_key(Entity::Companies, company)?);
    }
    Ok(plan)
}

/// One record of a convenience tool.
pub(super) fn get(call: &CallArguments, context: &PlanContext) -> Result<Plan, Error> {
    let entity = tool_entity(call)?;
    let id = call.value("id").unwrap_or(&serde_json::Value::Null);
    Ok(Plan::Read(Read::Get(Get {
        address: Address::root(entity),
        key: record_key(entity, id)?,
        projection: projection(call, context, entity)?,
        include: Vec::new(),
        labels: LabelMode::Labels,
        warnings: Vec::new(),
    })))
}

fn tool_entity(call: &CallArguments) -> Result<Entity, Error> {
    call.tool().entity().ok_or_else(|| Error::internal("The tool has no entity."))
}

/// The fields that the caller names, or the tool's default fields.
fn projection(
    call: &CallArguments,
    context: &PlanContext,
    entity: Entity,
) -> Result<Projection, Error> {
    match call.names("fields").as_slice() {
        [] => Ok(Projection::fields(call.tool().shows().iter().copied())),
        names => parse_projection(context.discovered, entity, names),
    }
}

/// Builds the plan of a write; can be created only if the settings allow the write.
pub(super) struct WriteBuilder<'a> {
    discovered: &'a DiscoveredSchema,
    calendar: &'a Calendar,
    at: Address,
    /// The parent, if the caller gives it other than by id.
    parent: ParentRef,
    permit: WritePermit,
}

impl<'a> WriteBuilder<'a> {
    /// A write of a record at an address, or under a parent given by name.
    pub(super) fn for_address(
        context: &PlanContext<'a>,
        (at, parent): (Address, ParentRef),
    ) -> Result<Self, Error> {
        let permit = context.policy.authorize(at.entity)?;
        let (discovered, calendar) = (context.discovered, context.calendar);
        Ok(Self { discovered, calendar, at, parent, permit })
    }

    /// A write of a record of an entity, whose address follows from the record.
    pub(super) fn for_entity(context: &PlanContext<'a>, entity: Entity) -> Result<Self, Error> {
        Self::for_address(context, (Address::root(entity), ParentRef::None))
    }

    /// The parent that the caller gives, or the one in the record.
    fn parent(&self, verb: Verb, record: &Record) -> Result<ParentRef, Error> {
        match &self.parent {
            ParentRef::None => parent_ref(self.at, verb, record),
            named => Ok(named.clone()),
        }
    }

    /// A create; the parent comes from the address or the record.
    pub(super) fn create(self, mut record: Record, allow_duplicate: bool) -> Result<Plan, Error> {
        let entity = self.at.entity;
        if let Some(child) = entity.as_child() {
            attachments::adopt_parent_id(child, &mut record);
        }
        let parent = self
            .parent(Verb::Create, &record)
            .map_err(|error| with_other_missing_fields(error, entity, &record))?;
        self.create_under(parent, record, allow_duplicate)
    }

    /// A create under a parent; the parent's id is repeated in the body.
    pub(super) fn create_under(
        self,
        parent: ParentRef,
        mut record: Record,
        allow_duplicate: bool,
    ) -> Result<Plan, Error> {
        let child = self.at.entity.as_child().filter(|_| parent != ParentRef::None);
        let field = child.and_then(|child| child.parent_field);
        if let (ParentRef::Id(id), Some(field)) = (&parent, field)
            && record.is_blank(field)
        {
            check_id(child.and_then(|child| child.parent), *id)?;
            check_same_parent(field, *id, &record)?;
            record.set(field, (*id).into());
        }
        if let (ParentRef::TicketNumber(_), Some(field)) = (&parent, field) {
            // The id takes the place of the number once it is known.
            record.take(field);
        }
        let check_context = (self.discovered, self.calendar);
        let validated = validate::for_create(check_context, self.at.entity, &record);
        let (record, warnings, problem) = or_with_problem(validated, record);
        let missing = validate::missing_fields(self.at.entity, &record, field);
        let duplicates = if allow_duplicate { Duplicates::Allow } else { Duplicates::Reject };
        let mut write = self.write(Change::Create(record), parent, duplicates);
        (write.missing, write.warnings, write.problem) = (missing, warnings, problem);
        Ok(Plan::Write(write))
    }

    /// An update; the id of a parent that cannot change is not a change but the address.
    pub(super) fn update(
        self,
        mut targets: Vec<RecordKey>,
        mut record: Record,
    ) -> Result<Plan, Error> {
        let entity = self.at.entity;
        let parent = self.parent(Verb::Update, &record)?;
        let fixed = entity.as_child().and_then(|child| entity.field(child.parent_field?));
        if let Some(field) =
            fixed.filter(|field| parent != ParentRef::None && !field.read_only.is_no())
        {
            record.take(field.name);
            if record.is_empty() {
                return Err(parent_immutable_error(entity, field.name));
            }
        }
        let check_context = (self.discovered, self.calendar);
        let validated = validate::for_update(check_context, entity, &record);
        let (record, warnings, problem) = or_with_problem(validated, record);
        let change = match (targets.pop(), targets.is_empty()) {
            (Some(single), true) => Change::Update(single, record),
            (last, _) => Change::UpdateMany(targets.into_iter().chain(last).collect(), record),
        };
        let mut write = self.write(change, parent, Duplicates::Allow);
        (write.warnings, write.problem) = (warnings, problem);
        Ok(Plan::Write(write))
    }

    /// A delete.
    pub(super) fn delete(self, key: RecordKey) -> Result<Plan, Error> {
        let entity = self.at.entity;
        let parent = self.parent(Verb::Delete, &Record::new()).map_err(|error| {
            match (error.code(), deactivation_call(entity, &key)) {
                (Code::NotAllowed, Some(call)) => error.next(call),
                _ => error,
            }
        })?;
        Ok(Plan::Write(self.write(Change::Delete(key), parent, Duplicates::Allow)))
    }

    fn write(self, change: Change, parent: ParentRef, duplicates: Duplicates) -> Write {
        Write {
            admitted: self.permit,
            change,
            entity: self.at.entity,
            parent,
            author: None,
            missing: Vec::new(),
            duplicates,
            warnings: Vec::new(),
            problem: None,
        }
    }
}

/// The validated record, or the original with its problem: its names are still looked up, to report all problems at once.
fn or_with_problem(
    validated: Result<(Record, Vec<String>), Error>,
    original: Record,
) -> (Record, Vec<String>, Option<Error>) {
    match validated {
        Ok((record, warnings)) => (record, warnings, None),
        Err(problem) => (original, Vec::new(), Some(problem)),
    }
}

/// The error for a missing parent, with everything else that is missing.
fn with_other_missing_fields(error: Error, entity: Entity, record: &Record) -> Error {
    let parent = entity.as_child().and_then(|child| child.parent_field);
    let missing = validate::missing_fields(entity, record, parent);
    match error.code() {
        Code::MissingField if !missing.is_empty() => {
            error.also(&validate::missing_fields_message(entity, &missing))
        }
        _ => error,
    }
}

fn check_same_parent(field: &str, id: i64, record: &Record) -> Result<(), Error> {
    match record.get(field).and_then(serde_json::Value::as_i64) {
        Some(other) if other != id => {
            let message = format!("The parent is {id}, but {field} is {other}.");
            Err(Error::new(Code::BadArgument, message)
                .accepts(format!("the same {field} and parentId, or one of them")))
        }
        _ => Ok(()),
    }
}

/// The error for an update that would only move a record to another parent.
fn parent_immutable_error(entity: Entity, field: &str) -> Error {
    let message = format!("The update changes nothing: {field} is set on create only.");
    Error::new(Code::BadArgument, message)
        .accepts(format!("at least one field in addition to id and {field}"))
        .next(format!("{} cannot be moved; create a new one elsewhere.", entity.with_article()))
}
