//! The contact tools whose plan no field list can say.

use serde_json::Value;

use super::builders::{self, PageOptions, WriteBuilder};
use super::generated::{CreateContact, SearchContacts};
use super::{IntoPlan, PlanContext};
use crate::catalog::Entity;
use crate::error::{Code, Error};
use crate::filter::{Condition, Op};
use crate::plan::Plan;

impl IntoPlan for SearchContacts {
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error> {
        let mut clauses = self.clauses()?;
        if let Some(name) = &self.name_contains {
            clauses.extend(name_words_filter(name)?);
        }
        let page =
            PageOptions { max: self.max_records, fields: &self.fields, cursor: &self.cursor };
        builders::search(situation, Self::ENTITY, clauses, &page, &Self::SHOWS)
    }
}

/// A full name is in neither field whole: every word must be in one of them.
fn name_words_filter(name: &str) -> Result<Vec<Condition>, Error> {
    let words = name.split([' ', ',', '\t', '\n']);
    let words: Vec<_> = words.filter(|word| !word.trim().is_empty()).collect();
    if words.is_empty() || words.len() > 8 || name.chars().count() > 100 {
        let message = "The argument nameContains does not fit.";
        return Err(Error::new(Code::BadArgument, message)
            .accepts("nameContains: one to eight words of a name"));
    }
    Ok(words.into_iter().map(name_word_filter).collect())
}

fn name_word_filter(word: &str) -> Condition {
    let names =
        ["firstName", "lastName"].into_iter().filter_map(|name| Entity::Contacts.field(name));
    Condition::Or(names.map(|field| Condition::test(field, Op::Contains, word.into())).collect())
}

impl IntoPlan for CreateContact {
    /// Autotask requires `isActive`; who says nothing means an active contact.
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error> {
        let mut record = self.record();
        let assumed = record.get("isActive").is_none();
        if assumed {
            record.set("isActive", Value::Bool(true));
        }
        let plan = WriteBuilder::for_entity(situation, Self::ENTITY)?
            .create(record, self.allow_duplicate)?;
        Ok(if assumed {
            plan.with_warning("isActive was not given and is set to 1 (active).".to_owned())
        } else {
            plan
        })
    }
}
