//! The parsed arguments of one call, and the conditions or the record they translate to.

use serde_json::{Map, Value};

use super::super::argument_def::{ArgumentDef, ArgumentType, FieldUse, optional};
use super::{add_udfs, clear_call};
use crate::catalog::{Entity, Field};
use crate::error::{Code, Error};
use crate::filter::phone::PhoneSearch;
use crate::filter::{Comparison, Condition, FilterField, Op};
use crate::plan::RecordKey;
use crate::plan::address::record_key;
use crate::tools::filters::{argument_condition, phone_search};
use crate::tools::{PlanContext, Tool};
use crate::value::coerce::join_first;
use crate::value::record::Record;

/// Arguments in their canonical form, further fields of the entity, and problems.
#[derive(Debug)]
pub struct CallArguments {
    tool: Tool,
    values: Map<String, Value>,
    fields: Vec<(&'static Field, Value)>,
    udfs: Map<String, Value>,
    /// Fields of an update that came without a value.
    unchanged: Vec<&'static str>,
    invalid: Vec<&'static str>,
    problems: Vec<Error>,
    /// Unknown names and the intended arguments.
    renamed: Vec<(String, &'static str)>,
    /// Whether the update got a list as `id`.
    is_for_several: bool,
    /// The same call with the intended names.
    pub(super) ready_call: Option<String>,
}

impl CallArguments {
    pub(super) fn new(tool: Tool) -> Self {
        Self {
            tool,
            values: Map::new(),
            fields: Vec::new(),
            udfs: Map::new(),
            unchanged: Vec::new(),
            invalid: Vec::new(),
            problems: Vec::new(),
            renamed: Vec::new(),
            is_for_several: false,
            ready_call: None,
        }
    }

    pub(super) fn insert(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    pub(super) fn insert_field(&mut self, field: &'static Field, value: Value) {
        self.fields.push((field, value));
    }

    pub(super) fn insert_udf(&mut self, name: &str, value: Value) {
        self.udfs.insert(name.to_owned(), value);
    }

    pub(super) fn leave_unchanged(&mut self, field: &'static str) {
        self.unchanged.push(field);
    }

    pub(super) fn reject(&mut self, argument: Option<&'static str>, problem: Error) {
        self.invalid.extend(argument);
        self.problems.push(problem);
    }

    /// Rejects a name and records the intended argument.
    pub(super) fn rename(&mut self, name: &str, intended: &'static str, problem: Error) {
        self.renamed.push((name.to_owned(), intended));
        self.reject(Some(intended), problem);
    }

    /// Rejects a list as `id` of a tool that changes one record.
    pub(super) fn update_each(&mut self, problem: Error) {
        self.is_for_several = true;
        self.reject(Some("id"), problem);
    }

    pub(super) fn is_for_several(&self) -> bool {
        self.is_for_several
    }

    pub(super) fn renamed(&self) -> &[(String, &'static str)] {
        &self.renamed
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(super) fn is_invalid(&self, name: &str) -> bool {
        self.invalid.contains(&name)
    }

    /// The tool that is called.
    #[must_use]
    pub fn tool(&self) -> Tool {
        self.tool
    }

    /// An argument in its canonical form.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// A text argument.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.as_str()
    }

    /// A flag; false if it was omitted.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.value(name) == Some(&Value::Bool(true))
    }

    /// A list of texts; empty if it was omitted.
    #[must_use]
    pub fn names(&self, name: &str) -> Vec<String> {
        let items = self.value(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A list of integers; empty if it was omitted.
    #[must_use]
    pub fn integers(&self, name: &str) -> Vec<i64> {
        let items = self.value(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_i64).collect()
    }

    /// All problems of the arguments as one error.
    #[must_use]
    pub fn problem(&self) -> Option<Error> {
        let problem = Error::join(self.problems.iter().cloned())?;
        Some(match &self.ready_call {
            Some(call) => problem.next(call),
            None => problem,
        })
    }

    /// The warning about fields that came without a value.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let Some(entity) = self.tool.entity().filter(|_| !self.unchanged.is_empty()) else {
            return Vec::new();
        };
        let fields = self.unchanged.join(", ");
        let (were, them) = if self.unchanged.len() == 1 { ("is", "it") } else { ("were", "them") };
        let call = self.clear_call(entity);
        vec![format!("{fields} had no value and {were} left unchanged; {call} clears {them}.")]
    }

    /// Rejects an update that consists of fields without a value only; a parent's id is not a change but the address.
    ///
    /// # Errors
    /// `bad-argument`, with the call that clears the fields.
    pub fn check_has_changes(&self, entity: Entity) -> Result<(), Error> {
        let address = entity.as_child().and_then(|child| child.parent_field);
        let is_address = |(name, _): (&String, &Value)| Some(name.as_str()) == address;
        if self.unchanged.is_empty() || !self.record().iter().all(is_address) {
            return Ok(());
        }
        let fields = self.unchanged.join(", ");
        let were = if self.unchanged.len() == 1 { "is" } else { "were" };
        let message =
            format!("The update changes nothing: {fields} had no value and {were} left unchanged.");
        Err(Error::new(Code::BadArgument, message)
            .accepts("a value for at least one field")
            .next(self.clear_call(entity)))
    }

    /// The call of `update-entity` that clears the fields without a value.
    fn clear_call(&self, entity: Entity) -> String {
        let ids = self.value("ids").map(|ids| ("ids", ids));
        let target = self.value("id").map(|id| ("id", id)).or(ids);
        clear_call(entity, target.unwrap_or(("id", &Value::Null)), &self.unchanged)
    }

    /// The conditions that the arguments of a search translate to.
    ///
    /// # Errors
    /// `bad-argument`, by the argument's name.
    pub fn conditions(
        &self,
        context: &PlanContext,
    ) -> Result<(Vec<Condition>, Vec<String>), Error> {
        let entity =
            self.tool.entity().ok_or_else(|| Error::internal("A search has no entity."))?;
        let mut warnings = Vec::new();
        let bound = self.bound_arguments().map(|(argument, value)| (*argument, value));
        let fields = self.fields.iter().map(|(field, value)| (field_argument(field), value));
        let conditions = bound.chain(fields).map(|(argument, value)| {
            argument_condition((entity, &argument), value, context.calendar, &mut warnings)
        });
        let conditions = Error::collect(conditions)?.into_iter();
        // Clauses are joined by AND anyway.
        let flat = conditions.flat_map(|condition| match condition {
            Condition::And(items) => items,
            single => vec![single],
        });
        let mut conditions: Vec<_> = flat.collect();
        for (name, value) in &self.udfs {
            let op = if value.is_array() { Op::In } else { Op::Eq };
            let field = FilterField::Udf(name.clone());
            conditions.push(Condition::Compare(Comparison { field, op, value: value.clone() }));
        }
        Ok((conditions, warnings))
    }

    /// The phone number of a search.
    ///
    /// # Errors
    /// `bad-argument`, by the argument's name.
    pub fn phone_search(&self) -> Result<Option<PhoneSearch>, Error> {
        let mut arguments = self.bound_arguments().filter(|(a, _)| a.field_use == FieldUse::Phone);
        let Some((argument, number)) = arguments.next() else {
            return Ok(None);
        };
        let fields = argument.fields.iter().filter_map(|name| self.tool.entity()?.field(name));
        let number = number.as_str().unwrap_or_default();
        phone_search(argument, fields.collect(), number).map(Some)
    }

    /// The fields that the arguments of a write set.
    #[must_use]
    pub fn record(&self) -> Record {
        let mut record = Record::new();
        for (argument, value) in self.bound_arguments() {
            argument.fields.iter().for_each(|field| record.set(field, value.clone()));
        }
        for (field, value) in &self.fields {
            record.set(field.name, value.clone());
        }
        if !self.udfs.is_empty() {
            add_udfs(&mut record, self.udfs.clone());
        }
        record
    }

    /// The fields of a new record, with a warning if `isActive` is set by default.
    #[must_use]
    pub fn new_record(&self, entity: Entity) -> (Record, Option<String>) {
        let mut record = self.record();
        let is_assumed = entity == Entity::Contacts
            && record.get("isActive").is_none()
            && !self.is_invalid("isActive");
        if is_assumed {
            record.set("isActive", true.into());
        }
        let warning = is_assumed.then(|| "isActive was not given and is set to 1 (active).".into());
        (record, warning)
    }

    /// The records that an update changes: `id`, or `ids`.
    ///
    /// # Errors
    /// `missing-field` or `bad-argument`.
    pub fn targets(&self, entity: Entity) -> Result<Vec<RecordKey>, Error> {
        match (self.value("id"), self.value("ids").and_then(Value::as_array)) {
            (Some(_), Some(_)) => {
                Err(Error::new(Code::BadArgument, "id and ids cannot be combined.")
                    .accepts("id for one record, or ids for several"))
            }
            (Some(id), None) => Ok(vec![record_key(entity, id)?]),
            (None, Some(ids)) => {
                let keys: Vec<_> =
                    ids.iter().map(|id| record_key(entity, id)).collect::<Result<_, _>>()?;
                check_unique(&keys)?;
                Ok(keys)
            }
            (None, None) => Err(missing_target_error(self.tool)),
        }
    }

    /// The arguments that map to fields, in the order of their declaration.
    fn bound_arguments(&self) -> impl Iterator<Item = (&'static ArgumentDef, &Value)> {
        let bound = self.tool.arguments().iter().filter(|argument| !argument.fields.is_empty());
        bound.filter_map(|argument| Some((argument, self.values.get(argument.name)?)))
    }
}

/// Declares a field as an argument: compared by equality, or by membership in a list.
fn field_argument(field: &'static Field) -> ArgumentDef {
    optional(field.name, ArgumentType::Text).on(FieldUse::Eq, std::slice::from_ref(&field.name))
}

fn check_unique(keys: &[RecordKey]) -> Result<(), Error> {
    let is_repeated = |(at, key): &(usize, &RecordKey)| keys.iter().take(*at).any(|k| k == *key);
    let repeated: Vec<_> = keys.iter().enumerate().filter(is_repeated).map(|(_, k)| k).collect();
    if repeated.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = repeated.iter().map(ToString::to_string).collect();
    let message = format!("ids contains {} twice.", join_first(&names, ", ", 10));
    Err(Error::new(Code::BadArgument, message).accepts("each record once"))
}

fn missing_target_error(tool: Tool) -> Error {
    let has_ids = tool.arguments().iter().any(|argument| argument.name == "ids");
    let names = if has_ids { "id or ids" } else { "id" };
    Error::new(Code::MissingField, format!("{} needs {names}.", tool.name()))
        .accepts(format!("{names} of the records to change"))
}
