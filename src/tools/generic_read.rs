//! The plans of the tools that read any entity.

use serde_json::{Map, Value};

use super::arguments::CallArguments;
use super::{PlanContext, address, group_by};
use crate::catalog::{Child, Entity};
use crate::error::{Code, Error};
use crate::filter::{Condition, Op};
use crate::plan::address::{Address, ParentRef, record_key};
use crate::plan::cursor;
use crate::plan::query::{self, Query};
use crate::plan::{
    Count, DEFAULT_PAGE_SIZE, Describe, DescribeScope, Echo, Get, LabelMode, Order, Plan,
    Projection, Read, Search,
};

pub(super) fn query(call: &CallArguments, context: &PlanContext) -> Result<Plan, Error> {
    let (at, query) = address_and_query(call, context)?;
    let place = (at, Order::OldestFirst);
    let cursor = call.text("cursor");
    let after = cursor.map(|text| cursor::decode(text, place, &query.conditions)).transpose()?;
    let shown = match call.names("fields").as_slice() {
        [] => Ok(query.projection.unwrap_or(Projection::All)),
        fields => query::parse_projection(context.discovered, at.entity, fields),
    };
    let problem = Error::join(query.problem.into_iter().chain(shown.as_ref().err().cloned()));
    let shown = shown.unwrap_or(Projection::All);
    Ok(Plan::Read(Read::Search(Search {
        address: at,
        conditions: query.conditions,
        max_records: query.max_records.unwrap_or(DEFAULT_PAGE_SIZE),
        projection: shown,
        order: Order::OldestFirst,
        after,
        phone: None,
        company: None,
        echo: Echo::Nothing,
        labels: label_mode(call),
        warnings: query.warnings,
        problem,
    })))
}

pub(super) fn count(call: &CallArguments, context: &PlanContext) -> Result<Plan, Error> {
    let (at, query) = address_and_query(call, context)?;
    let (discovered, entity) = (context.discovered, at.entity);
    let group_by = group_by::keys(discovered, entity, &call.names("groupBy"));
    let sum = group_by::measures(discovered, entity, &call.names("sum"));
    let avg = group_by::measures(discovered, entity, &call.names("avg"));
    let of_measures = [&sum, &avg].map(|measures| measures.as_ref().err().cloned());
    let problems = [query.problem, group_by.as_ref().err().cloned()];
    if let Some(problem) = Error::join(problems.into_iter().chain(of_measures).flatten()) {
        return Err(problem);
    }
    Ok(Plan::Read(Read::Count(Count {
        address: at,
        conditions: query.conditions,
        group_by: group_by?,
        sum: sum?,
        avg: avg?,
        warnings: query.warnings,
    })))
}

/// Where to search and for what; a parent given by name becomes a condition.
fn address_and_query(
    call: &CallArguments,
    context: &PlanContext,
) -> Result<(Address, Query), Error> {
    let (at, parent) = address(call)?;
    at.search()?;
    let empty = Map::new();
    let query_argument = call.value("query").and_then(Value::as_object).unwrap_or(&empty);
    let mut query = query::parse(context.filter_context(), at.entity, query_argument);
    query.conditions.extend(parent_condition(at.entity, &parent)?);
    if query.conditions.is_empty() {
        query.conditions.push(Condition::match_all(at.entity)?);
        query.warnings.push("No filter was given: all records match.".into());
    }
    if at.entity == Entity::TicketHistory && query.problem.is_none() {
        require_single_ticket(&query.conditions)?;
    }
    Ok((at, query))
}

fn parent_condition(entity: Entity, parent: &ParentRef) -> Result<Option<Condition>, Error> {
    let name = match parent {
        ParentRef::ByName(_, name) | ParentRef::TicketNumber(name) => name.as_str(),
        ParentRef::None | ParentRef::Id(_) | ParentRef::FromRecord(_) => return Ok(None),
    };
    let field = entity.as_child().and_then(Child::reference);
    let field = field.filter(|field| field.has_names()).ok_or_else(|| {
        let message = format!("The parent of {} is identified by its id only.", entity.name());
        Error::new(Code::BadArgument, message).accepts("parentId: a whole number, such as 8107")
    })?;
    Ok(Some(Condition::test(field, Op::Eq, name.into())))
}

/// Autotask returns `TicketHistory` only for a single ticket.
fn require_single_ticket(clauses: &[Condition]) -> Result<(), Error> {
    let json = crate::filter::json_of(clauses);
    let is_single =
        json.len() == 1 && json.iter().all(|c| c["op"] == "eq" && c["field"] == "ticketID");
    if is_single {
        return Ok(());
    }
    Err(Error::new(Code::BadFilter, "TicketHistory is read for one ticket at a time.")
        .accepts("one clause: {\"op\":\"eq\",\"field\":\"ticketID\",\"value\":8107}"))
}

fn label_mode(call: &CallArguments) -> LabelMode {
    if call.flag("labels") { LabelMode::Labels } else { LabelMode::CodesOnly }
}

pub(super) fn get(call: &CallArguments, context: &PlanContext) -> Result<Plan, Error> {
    // With a parent given by name, the record is read at its own root.
    let (at, _) = address(call)?;
    let key = record_key(at.entity, call.value("id").unwrap_or(&Value::Null))?;
    at.get(key.id().unwrap_or_default())?;
    Ok(Plan::Read(Read::Get(Get {
        address: at,
        key,
        projection: query::parse_projection(context.discovered, at.entity, &call.names("fields"))?,
        include: Vec::new(),
        labels: label_mode(call),
        warnings: Vec::new(),
    })))
}

pub(super) fn describe(call: &CallArguments) -> Result<Plan, Error> {
    let scope = match call.text("include") {
        Some("required") => DescribeScope::Required,
        Some("writable") => DescribeScope::Writable,
        Some("picklists") => DescribeScope::Picklists,
        Some("udf") => DescribeScope::Udfs,
        _ => DescribeScope::All,
    };
    let entity = address(call)?.0.entity;
    let field = call.text("field").map(str::to_owned);
    Ok(Plan::Read(Read::Describe(Describe { entity, field, scope })))
}
