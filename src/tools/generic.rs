//! The plans of the tools that read any entity.

use serde_json::{Map, Value};

use super::generated::{
    CountEntity, DescribeEntityFields, DescribeEntityFieldsInclude, GetEntity,
    GetThresholdInformation, GetVersion, QueryEntity,
};
use super::{Planned, Situation};
use crate::address::check_id;
use crate::cursor;
use crate::error::{Code, Error};
use crate::filter::{Clause, may_be_udf, unknown_field};
use crate::plan::{
    About, Count, Describe, Echo, Get, Key, Labeling, Meet, Plan, Read, Search, Shown,
};
use crate::query::{self, Query};
use crate::schema::{Child, Entity, Field, Learnt, is_slip};

/// What Autotask gives when nobody asks for less.
const DEFAULT_PAGE: u16 = 50;
/// No entity's name is half as long.
const LONGEST_NAME: usize = 80;

impl Planned for QueryEntity {
    fn plan(self, situation: &Situation) -> Result<Plan, Error> {
        let at = situation.address(&self.entity, self.parent_entity.as_deref(), self.parent_id)?;
        at.search()?;
        let query = asked(situation.learnt, at.entity, &self.query)?;
        let after = self.cursor.map(|text| cursor::read(&text, at, &query.clauses)).transpose()?;
        let shown = match self.fields.as_slice() {
            [] => query.shown.unwrap_or(Shown::All),
            fields => query::shown(situation.learnt, at.entity, fields)?,
        };
        Ok(Plan::Read(Read::Search(Search {
            at,
            clauses: query.clauses,
            max: query.max.unwrap_or(DEFAULT_PAGE),
            shown,
            after,
            echo: Echo::Nothing,
            labels: labeling(self.labels),
            warnings: query.warnings,
        })))
    }
}

/// The query, with a clause that every record passes where it has none.
fn asked(learnt: &Learnt, entity: Entity, query: &Map<String, Value>) -> Result<Query, Error> {
    let mut query = query::read(learnt, entity, query)?;
    if query.clauses.is_empty() {
        query.clauses.push(Clause::everything(entity)?);
        query.warnings.push("No filter was given: all records match.".into());
    }
    if entity == Entity::TicketHistory {
        single(&query.clauses)?;
    }
    Ok(query)
}

/// Autotask answers `TicketHistory` for one ticket at a time only.
fn single(clauses: &[Clause]) -> Result<(), Error> {
    let json = crate::filter::json_of(clauses);
    let is_single =
        json.len() == 1 && json.iter().all(|c| c["op"] == "eq" && c["field"] == "ticketID");
    if is_single {
        return Ok(());
    }
    Err(Error::new(Code::BadFilter, "TicketHistory is read for one ticket at a time.")
        .accepts("one clause: {\"op\":\"eq\",\"field\":\"ticketID\",\"value\":8107}"))
}

fn labeling(wanted: Option<bool>) -> Labeling {
    match wanted {
        Some(true) => Labeling::Labels,
        Some(false) | None => Labeling::Numbers,
    }
}

impl Planned for CountEntity {
    fn plan(self, situation: &Situation) -> Result<Plan, Error> {
        let at = situation.address(&self.entity, self.parent_entity.as_deref(), self.parent_id)?;
        at.search()?;
        let query = asked(situation.learnt, at.entity, &self.query)?;
        let group_by = fields(situation.learnt, at.entity, &self.group_by)?;
        let sum = fields(situation.learnt, at.entity, &self.sum)?;
        if let Some(field) =
            sum.iter().find(|f| !f.kind.is_fraction() && (!f.kind.is_whole() || stands_for(f)))
        {
            let message = format!("{} is no quantity and cannot be summed.", field.name);
            return Err(Error::new(Code::BadArgument, message)
                .accepts("number fields, such as hoursWorked"));
        }
        Ok(Plan::Read(Read::Count(Count {
            at,
            clauses: query.clauses,
            group_by,
            sum,
            warnings: query.warnings,
        })))
    }
}

/// Whether its numbers are ids or codes.
fn stands_for(field: &Field) -> bool {
    field.name == "id" || field.has_names() || field.reference.is_yes()
}

fn fields(learnt: &Learnt, entity: Entity, names: &[String]) -> Result<Vec<&'static Field>, Error> {
    let unknown = |name: &String| match may_be_udf(learnt, entity, name) {
        true => unknown_field(entity, name)
            .next("groupBy and sum take no user-defined fields; a filter counts one value of one."),
        false => unknown_field(entity, name),
    };
    let field = |name: &String| learnt.field(entity, name).ok_or_else(|| unknown(name));
    names.iter().map(field).collect()
}

impl Planned for GetEntity {
    fn plan(self, situation: &Situation) -> Result<Plan, Error> {
        let at = situation.address(&self.entity, self.parent_entity.as_deref(), self.parent_id)?;
        check_id(Some(at.entity), self.id)?;
        at.get(self.id)?;
        let shown = query::shown(situation.learnt, at.entity, &self.fields)?;
        Ok(Plan::Read(Read::Get(Get {
            at,
            key: Key::Id(self.id),
            shown,
            include: Vec::new(),
            labels: labeling(self.labels),
            warnings: Vec::new(),
        })))
    }
}

impl Planned for DescribeEntityFields {
    fn plan(self, situation: &Situation) -> Result<Plan, Error> {
        let about = match self.include.unwrap_or(DescribeEntityFieldsInclude::All) {
            DescribeEntityFieldsInclude::Required => About::Required,
            DescribeEntityFieldsInclude::Writable => About::Writable,
            DescribeEntityFieldsInclude::Picklists => About::Picklists,
            DescribeEntityFieldsInclude::Udf => About::Udfs,
            DescribeEntityFieldsInclude::All => About::All,
        };
        let (parent, id) = (self.parent_entity.as_deref(), self.parent_id);
        match situation.address(&self.entity, parent, id) {
            Ok(at) => Ok(Plan::Read(Read::Describe(Describe {
                entity: at.entity,
                field: self.field,
                about,
            }))),
            Err(_) if parent.is_none() && may_be_new(&self.entity) => {
                Ok(Plan::Read(Read::Meet(Meet { name: self.entity, field: self.field, about })))
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether a name is spelled as an entity's is, and no slip of the pen away from one that is known, or a child's.
fn may_be_new(name: &str) -> bool {
    let is_spelled = name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && name.len() <= LONGEST_NAME;
    let known = Entity::ALL.into_iter();
    let known = known.flat_map(|entity| [entity.name(), entity.singular()]);
    let mut known = known.chain(Child::all().iter().map(|child| child.name));
    is_spelled && !known.any(|known| is_slip(name, known))
}

impl Planned for GetThresholdInformation {
    fn plan(self, _: &Situation) -> Result<Plan, Error> {
        Ok(Plan::Read(Read::Service("ThresholdInformation")))
    }
}

impl Planned for GetVersion {
    fn plan(self, _: &Situation) -> Result<Plan, Error> {
        Ok(Plan::Read(Read::Service("Version")))
    }
}
