//! The clauses that a search tool's arguments stand for.

use serde_json::Value;

use crate::catalog::coerce::{coerce, parse_date};
use crate::catalog::{Entity, Field};
use crate::error::{Code, Error};
use crate::filter::{Condition, Op};
use crate::value::datetime::DateOrInstant;
use crate::value::record::to_json_if_set;

/// Clauses of one entity, gathered argument by argument.
pub struct FilterBuilder {
    entity: Entity,
    gathered: Vec<Condition>,
}

impl FilterBuilder {
    /// None gathered yet.
    pub fn for_entity(entity: Entity) -> Self {
        Self { entity, gathered: Vec::new() }
    }

    /// What was gathered, in the order of the arguments.
    pub fn into_conditions(self) -> Vec<Condition> {
        self.gathered
    }

    /// A comparison, if the argument is given.
    pub fn compare(
        &mut self,
        argument: &str,
        field: &str,
        op: Op,
        value: &impl serde::Serialize,
    ) -> Result<(), Error> {
        let Some(value) = to_json_if_set(value) else {
            return Ok(());
        };
        let field = self.field(field)?;
        let refuse = |takes: String| refused(argument, &takes);
        if value == "" {
            return Err(refuse("a text that is not empty".into()));
        }
        let value = coerce(field, &value).map_err(refuse)?;
        let value = match parse_date(&value).filter(|_| is_date_only(field)) {
            Some(moment) => moment.date().to_string().into(),
            None => value,
        };
        self.gathered.push(Condition::test(field, op, value));
        Ok(())
    }

    /// Up to and including a day, or an instant.
    pub fn until_end_of(
        &mut self,
        argument: &str,
        field: &str,
        value: Option<&str>,
    ) -> Result<(), Error> {
        let Some(text) = value else { return Ok(()) };
        let moment =
            DateOrInstant::read(text).ok_or_else(|| refused(argument, "an ISO 8601 date"))?;
        let field = self.field(field)?;
        let moment = match is_date_only(field) {
            true => moment.date(),
            false => moment,
        };
        self.gathered.push(Condition::test(
            field,
            Op::Lt,
            moment.exclusive_end().to_string().into(),
        ));
        Ok(())
    }

    /// True: the field has a value; false: it has none.
    pub fn exists(&mut self, field: &str, wanted: Option<bool>) {
        let op = |wanted| if wanted { Op::Exist } else { Op::NotExist };
        self.push_presence(field, wanted.map(op));
    }

    /// True: the field has no value; false: it has one.
    pub fn not_exists(&mut self, field: &str, wanted: Option<bool>) {
        self.exists(field, wanted.map(|wanted| !wanted));
    }

    fn push_presence(&mut self, field: &str, op: Option<Op>) {
        let clause = op
            .zip(self.entity.field(field))
            .map(|(op, field)| Condition::test(field, op, Value::Null));
        self.gathered.extend(clause);
    }

    fn field(&self, name: &str) -> Result<&'static Field, Error> {
        let missing = || Error::internal(format!("{} has no field {name}.", self.entity.name()));
        self.entity.field(name).ok_or_else(missing)
    }
}

/// Whether Autotask keeps the day alone, as its midnight: a time would leave out the day itself.
fn is_date_only(field: &Field) -> bool {
    field.name == "dateWorked"
}

fn refused(argument: &str, takes: &str) -> Error {
    let message = format!("The argument {argument} does not fit.");
    Error::new(Code::BadArgument, message).accepts(format!("{argument}: {takes}"))
}
