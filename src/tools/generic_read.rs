//! The plans of the tools that read any entity.

use serde_json::{Map, Value};

use super::generated::{
    CountEntity, DescribeEntityFields, DescribeEntityFieldsInclude, GetEntity,
    GetThresholdInformation, GetVersion, QueryEntity,
};
use super::{IntoPlan, PlanContext};
use crate::catalog::{DiscoveredSchema, Entity, Field};
use crate::error::{Code, Error};
use crate::filter::{Condition, may_be_udf, unknown_field};
use crate::plan::address::check_id;
use crate::plan::cursor;
use crate::plan::query::{self, Query};
use crate::plan::{
    Count, Describe, DescribeScope, Echo, Get, GroupKey, LabelMode, Measure, Order, Plan,
    Projection, Read, RecordKey, Search,
};

/// What Autotask gives when nobody asks for less.
const DEFAULT_PAGE_SIZE: u16 = 50;

impl IntoPlan for QueryEntity {
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error> {
        let at = situation.address(&self.entity, self.parent_entity.as_deref(), self.parent_id)?;
        at.search()?;
        let query = parse_query(situation.discovered, at.entity, &self.query)?;
        let after =
            self.cursor.map(|text| cursor::decode(&text, at, &query.clauses)).transpose()?;
        let shown = match self.fields.as_slice() {
            [] => query.shown.unwrap_or(Projection::All),
            fields => query::parse_projection(situation.discovered, at.entity, fields)?,
        };
        Ok(Plan::Read(Read::Search(Search {
            at,
            clauses: query.clauses,
            max: query.max.unwrap_or(DEFAULT_PAGE_SIZE),
            shown,
            order: Order::OldestFirst,
            after,
            echo: Echo::Nothing,
            labels: labeling(self.labels),
            warnings: query.warnings,
            problem: None,
        })))
    }
}

/// The query, with a clause that every record passes where it has none.
fn parse_query(
    learnt: &DiscoveredSchema,
    entity: Entity,
    query: &Map<String, Value>,
) -> Result<Query, Error> {
    let mut query = query::parse(learnt, entity, query)?;
    if query.clauses.is_empty() {
        query.clauses.push(Condition::match_all(entity)?);
        query.warnings.push("No filter was given: all records match.".into());
    }
    if entity == Entity::TicketHistory {
        require_single_ticket(&query.clauses)?;
    }
    Ok(query)
}

/// Autotask answers `TicketHistory` for one ticket at a time only.
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

fn labeling(wanted: Option<bool>) -> LabelMode {
    match wanted {
        Some(true) => LabelMode::Labels,
        Some(false) | None => LabelMode::CodesOnly,
    }
}

impl IntoPlan for CountEntity {
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error> {
        let at = situation.address(&self.entity, self.parent_entity.as_deref(), self.parent_id)?;
        at.search()?;
        let query = parse_query(situation.discovered, at.entity, &self.query)?;
        let group_by = fields(situation.discovered, at.entity, &self.group_by)?;
        let sum = fields(situation.discovered, at.entity, &self.sum)?;
        if let Some(field) =
            sum.iter().find(|f| !f.kind.is_fraction() && (!f.kind.is_whole() || is_id_or_code(f)))
        {
            let message = format!("{} is no quantity and cannot be summed.", field.name);
            return Err(Error::new(Code::BadArgument, message)
                .accepts("number fields, such as hoursWorked"));
        }
        Ok(Plan::Read(Read::Count(Count {
            at,
            clauses: query.clauses,
            group_by: group_by.into_iter().map(GroupKey::of_field).collect(),
            sum: sum.into_iter().map(Measure::Field).collect(),
            avg: Vec::new(),
            warnings: query.warnings,
        })))
    }
}

/// Whether its numbers are ids or codes.
fn is_id_or_code(field: &Field) -> bool {
    field.name == "id" || field.has_names() || field.reference.is_yes()
}

fn fields(
    learnt: &DiscoveredSchema,
    entity: Entity,
    names: &[String],
) -> Result<Vec<&'static Field>, Error> {
    let unknown = |name: &String| match may_be_udf(learnt, entity, name) {
        true => unknown_field(entity, name)
            .next("groupBy and sum take no user-defined fields; a filter counts one value of one."),
        false => unknown_field(entity, name),
    };
    let field = |name: &String| learnt.field(entity, name).ok_or_else(|| unknown(name));
    names.iter().map(field).collect()
}

impl IntoPlan for GetEntity {
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error> {
        let at = situation.address(&self.entity, self.parent_entity.as_deref(), self.parent_id)?;
        check_id(Some(at.entity), self.id)?;
        at.get(self.id)?;
        let shown = query::parse_projection(situation.discovered, at.entity, &self.fields)?;
        Ok(Plan::Read(Read::Get(Get {
            at,
            key: RecordKey::Id(self.id),
            shown,
            include: Vec::new(),
            labels: labeling(self.labels),
            warnings: Vec::new(),
        })))
    }
}

impl IntoPlan for DescribeEntityFields {
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error> {
        let about = match self.include.unwrap_or(DescribeEntityFieldsInclude::All) {
            DescribeEntityFieldsInclude::Required => DescribeScope::Required,
            DescribeEntityFieldsInclude::Writable => DescribeScope::Writable,
            DescribeEntityFieldsInclude::Picklists => DescribeScope::Picklists,
            DescribeEntityFieldsInclude::Udf => DescribeScope::Udfs,
            DescribeEntityFieldsInclude::All => DescribeScope::All,
        };
        let (parent, id) = (self.parent_entity.as_deref(), self.parent_id);
        let at = situation.address(&self.entity, parent, id)?;
        Ok(Plan::Read(Read::Describe(Describe { entity: at.entity, field: self.field, about })))
    }
}

impl IntoPlan for GetThresholdInformation {
    fn plan(self, _: &PlanContext) -> Result<Plan, Error> {
        Ok(Plan::Read(Read::Service("ThresholdInformation")))
    }
}

impl IntoPlan for GetVersion {
    fn plan(self, _: &PlanContext) -> Result<Plan, Error> {
        Ok(Plan::Read(Read::Service("Version")))
    }
}
