//! The contact tools whose plan no field list can say.

use serde_json::Value;

use super::generated::{CreateContact, SearchContacts};
use super::plans::{self, Draft, Paging};
use super::{Planned, Situation};
use crate::error::{Code, Error};
use crate::filter::{Clause, Op};
use crate::plan::Plan;
use crate::schema::Entity;

impl Planned for SearchContacts {
    fn plan(self, situation: &Situation) -> Result<Plan, Error> {
        let mut clauses = self.clauses()?;
        if let Some(name) = &self.name_contains {
            clauses.extend(words(name)?);
        }
        let page = Paging { max: self.max_records, fields: &self.fields, cursor: &self.cursor };
        plans::search(situation, Self::ENTITY, clauses, &page, &Self::SHOWS)
    }
}

/// A full name is in neither field whole: every word must be in one of them.
fn words(name: &str) -> Result<Vec<Clause>, Error> {
    let words = name.split([' ', ',', '\t', '\n']);
    let words: Vec<_> = words.filter(|word| !word.trim().is_empty()).collect();
    if words.is_empty() || words.len() > 8 || name.chars().count() > 100 {
        let message = "The argument nameContains does not fit.";
        return Err(Error::new(Code::BadArgument, message)
            .accepts("nameContains: one to eight words of a name"));
    }
    Ok(words.into_iter().map(word).collect())
}

fn word(word: &str) -> Clause {
    let names =
        ["firstName", "lastName"].into_iter().filter_map(|name| Entity::Contacts.field(name));
    Clause::Any(names.map(|field| Clause::test(field, Op::Contains, word.into())).collect())
}

impl Planned for CreateContact {
    /// Autotask requires `isActive`; who says nothing means an active contact.
    fn plan(self, situation: &Situation) -> Result<Plan, Error> {
        let mut record = self.record();
        let assumed = record.get("isActive").is_none();
        if assumed {
            record.set("isActive", Value::Bool(true));
        }
        let plan = Draft::of(situation, Self::ENTITY)?.create(record, self.allow_duplicate)?;
        Ok(if assumed {
            plan.warned("isActive was not given and is set to 1 (active).".to_owned())
        } else {
            plan
        })
    }
}
