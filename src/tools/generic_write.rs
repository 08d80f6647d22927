//! The plans of the tools that write any entity.

use serde_json::{Map, Value};

use super::builders::WriteBuilder;
use super::generated::{CreateEntity, DeleteEntity, UpdateEntity};
use super::{IntoPlan, PlanContext};
use crate::catalog::{DiscoveredSchema, Entity};
use crate::error::{Code, Error};
use crate::plan::Plan;
use crate::value::coerce::as_integer;
use crate::value::record::Record;

impl IntoPlan for CreateEntity {
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error> {
        let at = situation.address(&self.entity, self.parent_entity.as_deref(), self.parent_id)?;
        let record = canonical_names(situation.discovered, at.entity, self.fields)?;
        WriteBuilder::for_address(situation, at)?.create(record, self.allow_duplicate)
    }
}

impl IntoPlan for UpdateEntity {
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error> {
        let at = situation.address(&self.entity, self.parent_entity.as_deref(), self.parent_id)?;
        let mut record = canonical_names(situation.discovered, at.entity, self.fields)?;
        let id = record_id(&record, self.id)?;
        record.set("id", id.into());
        WriteBuilder::for_address(situation, at)?.update(record)
    }
}

/// The id of the argument or of the fields; both must be the same.
fn record_id(record: &Record, argument: Option<i64>) -> Result<i64, Error> {
    let accepts = "the record's id, as id or among the fields";
    let inside = match record.get("id") {
        None | Some(Value::Null) => None,
        Some(id) => Some(as_integer(id).ok_or_else(|| {
            Error::new(Code::BadArgument, "The id among the fields is no whole number.")
                .accepts(accepts)
        })?),
    };
    match (argument, inside) {
        (Some(id), None) | (None, Some(id)) => Ok(id),
        (Some(id), Some(inside)) if id == inside => Ok(id),
        (Some(_), Some(_)) => {
            Err(Error::new(Code::BadArgument, "Two different ids are given.").accepts(accepts))
        }
        (None, None) => {
            Err(Error::new(Code::MissingField, "The id of the record is missing.").accepts(accepts))
        }
    }
}

/// Known names in Autotask's spelling and whole numbers as numbers, so that the parent's id is found; the
/// rest is for the body's own check.
///
/// # Errors
/// `bad-argument`, where two names are one field.
fn canonical_names(
    learnt: &DiscoveredSchema,
    entity: Entity,
    fields: Map<String, Value>,
) -> Result<Record, Error> {
    let mut record = Record::new();
    for (name, value) in fields {
        let field = learnt.field(entity, &name);
        let number = field.filter(|f| f.kind.is_whole()).and_then(|_| as_integer(&value));
        let name = field.map_or(name.as_str(), |f| f.name);
        if record.get(name).is_some() {
            return Err(duplicate_field_error(name));
        }
        record.set(name, number.map_or(value, Value::from));
    }
    Ok(record)
}

fn duplicate_field_error(name: &str) -> Error {
    Error::new(Code::BadArgument, format!("{name} is given twice."))
        .accepts(format!("{name} once, in any letter case"))
}

impl IntoPlan for DeleteEntity {
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error> {
        let at = situation.address(&self.entity, self.parent_entity.as_deref(), self.parent_id)?;
        WriteBuilder::for_address(situation, at)?.delete(self.id)
    }
}
