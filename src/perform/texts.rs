//! Labels of lists whose codes are texts, as those codes: lists of UDFs, and a few picklists.

use serde_json::Value;

use super::Performer;
use super::metadata::List;
use super::settle::Notes;
use crate::body::udfs::value_of;
use crate::error::Error;
use crate::filter::{Clause, Tested};
use crate::live::{Live, LiveField};
use crate::names::asked::in_texts;
use crate::record::Record;
use crate::scalar::whole;
use crate::schema::{Entity, Field};

impl Performer {
    /// Puts codes for the labels in a filter; a list is read only where something may be a label of it.
    pub(super) async fn settle_texts(
        &self,
        entity: Entity,
        clauses: &mut [Clause],
        notes: &mut Notes,
    ) -> Result<(), Error> {
        for list in [List::Udfs, List::Fields] {
            let mut is_asked = false;
            in_texts(clauses, &mut |tested, _| {
                is_asked |= list_of(tested) == list;
                None
            });
            if !is_asked {
                continue;
            }
            match self.live(entity, list).await {
                Ok(live) => settle(clauses, list, &live, notes)?,
                // Without the list the texts go as they are: most UDFs are no lists.
                Err(error) => notes.warnings.push(unchecked(entity, list, &error)),
            }
        }
        Ok(())
    }

    /// Puts codes for the labels in a record; where the lists cannot be read, the preflight tells.
    pub(super) async fn settle_listed(
        &self,
        entity: Entity,
        record: &mut Record,
        notes: &mut Notes,
    ) -> Result<(), Error> {
        let learnt = self.learnt();
        let given = |field: &Field| label(record.get(field.name)?).map(str::to_owned);
        let listed = learnt.fields(entity).filter(|field| field.is_text_list());
        let given = listed.filter_map(|field| Some((field, given(field)?)));
        let given: Vec<_> = given.collect();
        if given.is_empty() {
            return Ok(());
        }
        let Ok(live) = self.live(entity, List::Fields).await else {
            return Ok(());
        };
        for (field, text) in given {
            if let Some(list) = live.of(field).filter(|list| has_values(list)) {
                record.set(field.name, notes.code(list, field.name, &text.into())?);
            }
        }
        Ok(())
    }
}

impl Notes {
    /// Notes what a label came to, and answers its code.
    fn code(&mut self, list: &LiveField, name: &str, given: &Value) -> Result<Value, Error> {
        let (code, remarks) = value_of(list, given)?;
        let code = Value::from(code);
        self.warnings.extend(remarks);
        if let Some(label) = label(given).filter(|label| code != *label) {
            self.resolved.note(name, label, &code);
        }
        Ok(code)
    }
}

fn settle(clauses: &mut [Clause], list: List, live: &Live, notes: &mut Notes) -> Result<(), Error> {
    let mut refused = None;
    in_texts(clauses, &mut |tested, given| {
        let (name, field) = match tested {
            Tested::Field(field) => (field.name, live.of(field)),
            Tested::Udf(name) | Tested::Perhaps(name) => (name.as_str(), live.find(name)),
        };
        let field = field.filter(|field| list_of(tested) == list && has_values(field))?;
        let code = notes.code(field, name, given);
        code.map_err(|error| refused = Some(error)).ok()
    });
    refused.map_or(Ok(()), Err)
}

/// A text that does not read as a number, which would be the code.
fn label(value: &Value) -> Option<&str> {
    value.as_str().filter(|_| whole(value).is_none())
}

fn list_of(tested: &Tested) -> List {
    match tested {
        Tested::Field(_) => List::Fields,
        Tested::Udf(_) | Tested::Perhaps(_) => List::Udfs,
    }
}

fn has_values(field: &LiveField) -> bool {
    !field.choices().is_empty()
}

/// What is told where texts could not be held against their lists.
pub(super) fn unchecked(entity: Entity, list: List, error: &Error) -> String {
    let (name, code) = (entity.name(), error.code().name());
    let lists = match list {
        List::Fields => "picklists",
        List::Udfs => "user-defined fields",
    };
    format!(
        "The {lists} of {name} could not be read ({code}): texts were asked for as they are, \
         and a label of a list finds nothing."
    )
}
