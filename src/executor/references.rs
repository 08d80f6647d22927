//! What a write refers to, checked before anyone is asked to confirm it: records that do not exist, people who cannot
//! be assigned, contacts of another company, roles that a person does not hold; and likely duplicates of a new record.

use std::collections::BTreeMap;

use jiff::ToSpan;
use serde_json::{Value, json};

use super::{Executor, RecordFields};
use crate::catalog::{Entity, Field};
use crate::client::page::MAX_PAGE_SIZE;
use crate::error::{Code, Error};
use crate::filter::{Condition, Op};
use crate::plan::{Change, Write};
use crate::resolver::name_ref::COMPANY;
use crate::resolver::{RecordName, name_search};
use crate::value::coerce::join_first;
use crate::value::record::Record;

/// More similar records are counted.
const MAX_LISTED_RECORDS: usize = 3;

/// References to records that belong to a company.
const COMPANY_BOUND_FIELDS: [&str; 6] = [
    "contactID",
    "contractID",
    "configurationItemID",
    "serviceCallID",
    "opportunityID",
    "ticketID",
];
/// Whether Autotask rejects these records of another company is not known.
const PERHAPS_REJECTED: [&str; 3] = ["serviceCallID", "opportunityID", "ticketID"];

/// A field of a write, and the record that it refers to.
type Reference = (&'static Field, Entity, i64);

impl Executor {
    /// Rejects references that Autotask would reject, and returns warnings for those that it may reject.
    pub(super) async fn check_references(
        &self,
        write: &Write,
        current: Option<&RecordFields>,
    ) -> Result<Vec<String>, Error> {
        let Some(record) = write.change.record() else {
            return Ok(Vec::new());
        };
        let references = self.references(write.entity, record, current);
        let mut by_entity: BTreeMap<Entity, Vec<i64>> = BTreeMap::new();
        for (_, entity, id) in &references {
            by_entity.entry(*entity).or_default().push(*id);
        }
        let is_bound = |(field, ..): &Reference| COMPANY_BOUND_FIELDS.contains(&field.name);
        let company = match company(write.entity, record, current) {
            None if references.iter().any(is_bound) => self.ticket_company(record).await,
            company => company,
        };
        let (mut missing, mut invalid, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
        for (entity, ids) in by_entity {
            // Without the right to read them only Autotask can judge.
            let Ok(names) = self.resolver.names_by_id(entity, &ids).await else {
                continue;
            };
            for (field, _, id) in references.iter().filter(|(_, other, _)| *other == entity) {
                match names.get(id).and_then(Option::as_ref) {
                    None => missing.push(missing_record(field, entity, *id)),
                    Some(name) => {
                        match unassignable(field.name, (*id, name)) {
                            Some(problem) if entity == Entity::Resources => invalid.push(problem),
                            _ => warnings.extend(probable_rejection(field, (*id, name))),
                        }
                        let problem = self.wrong_company(field, (*id, name), company).await;
                        match PERHAPS_REJECTED.contains(&field.name) {
                            true => warnings.extend(problem),
                            false => invalid.extend(problem),
                        }
                        invalid.extend(wrong_project(field, (*id, name), record, current));
                    }
                }
            }
        }
        let code = if invalid.is_empty() { Code::NotFound } else { Code::BadArgument };
        let problems = [missing, invalid].concat();
        if !problems.is_empty() {
            return Err(Error::new(code, problems.join(" "))
                .accepts("ids or names of records that exist and may be used here"));
        }
        self.check_time_entry(write, record).await?;
        Ok(warnings)
    }

    /// The records that the references of a write are checked against.
    pub(super) fn references_of(
        &self,
        write: &Write,
        current: Option<&RecordFields>,
    ) -> Vec<(Entity, i64)> {
        let references = write.change.record().map(|record| {
            let all = self.references(write.entity, record, current).into_iter();
            all.map(|(_, entity, id)| (entity, id)).collect()
        });
        references.unwrap_or_default()
    }

    /// The references that a write sets or changes.
    fn references(
        &self,
        entity: Entity,
        record: &Record,
        current: Option<&RecordFields>,
    ) -> Vec<Reference> {
        let schema = self.resolver.discovered_schema();
        let reference = |field: &'static Field| {
            let value = record.get(field.name)?;
            let is_unchanged =
                current.is_some_and(|current| current.get(field.name) == Some(value));
            let target = field.refers_to.filter(|_| !field.picklist.is_yes() && !is_unchanged);
            let target = target.filter(|entity| name_search::can_be_described(*entity))?;
            Some((field, target, value.as_i64()?))
        };
        schema.fields(entity).filter_map(reference).collect()
    }

    /// A contact, contract or device must belong to the company, or a contact to its parent.
    async fn wrong_company(
        &self,
        field: &Field,
        (id, name): (i64, &RecordName),
        company: Option<i64>,
    ) -> Option<String> {
        let (own, company) = (name.company()?, company?);
        if own == company || !COMPANY_BOUND_FIELDS.contains(&field.name) {
            return None;
        }
        if self.parent_company(company).await == Some(own) {
            return None;
        }
        let other = self.resolver.id_with_name(Entity::Companies, own).await;
        let (field, name) = (field.name, Value::from(&*name.name));
        Some(format!("{field}: {id} ({name}) belongs to another company: {other}."))
    }

    /// The company of the ticket that a record without a company belongs to.
    async fn ticket_company(&self, record: &Record) -> Option<i64> {
        let ticket = record.get("ticketID")?.as_i64()?;
        let names = self.resolver.names_by_id(Entity::Tickets, &[ticket]).await.ok()?;
        names.get(&ticket)?.as_ref()?.company()
    }

    async fn parent_company(&self, company: i64) -> Option<i64> {
        let id = Entity::Companies.field("id")?;
        let condition = Condition::test(id, Op::Eq, company.into());
        let fields = (&["id", "parentCompanyID"][..], 1);
        let found = self.client.query(Entity::Companies, &[condition], fields).await.ok()?;
        found.items.first()?.get("parentCompanyID")?.as_i64()
    }

    /// A sentence on records that a new one may duplicate.
    pub(super) async fn similar_records(&self, write: &Write) -> Option<String> {
        let Change::Create(record) = &write.change else {
            return None;
        };
        let (conditions, what) = self.similarity(write.entity, record)?;
        let fields = name_search::columns(write.entity);
        let found = self.client.query(write.entity, &conditions, (&fields, MAX_PAGE_SIZE)).await;
        let found = self.resolver.candidates(write.entity, &found.ok()?.items);
        if found.is_empty() {
            return None;
        }
        let listed: Vec<_> = found.iter().map(crate::resolver::NameCandidate::describe).collect();
        let listed = join_first(&listed, ", ", MAX_LISTED_RECORDS);
        let name = write.entity.singular();
        Some(format!("Possible duplicate: a {name} with {what} exists: {listed}."))
    }

    /// What makes a record a likely duplicate, and how to say so.
    fn similarity(
        &self,
        entity: Entity,
        record: &Record,
    ) -> Option<(Vec<Condition>, &'static str)> {
        let equal = |name: &str| {
            let value = record.get(name).filter(|value| !value.is_null())?;
            let value = value.as_str().map_or_else(|| value.clone(), |text| text.trim().into());
            Some(Condition::test(entity.field(name)?, Op::Eq, value))
        };
        match entity {
            Entity::Contacts => Some((vec![equal("emailAddress")?], "this e-mail address")),
            Entity::Companies => Some((vec![equal("companyName")?], "this name")),
            Entity::Tickets => {
                let since = self.client.tenant_time().checked_sub(24.hours()).ok()?;
                let since = Value::from(format!("{since:.3}"));
                let recent = Condition::test(entity.field("createDate")?, Op::Gte, since);
                let conditions = vec![equal("companyID")?, equal("title")?, recent];
                Some((conditions, "this company and title, created within a day,"))
            }
            _ => None,
        }
    }
}

/// A phase must belong to the project of the task.
fn wrong_project(
    field: &Field,
    (id, name): (i64, &RecordName),
    record: &Record,
    current: Option<&RecordFields>,
) -> Option<String> {
    let (_, project) = name.owner.filter(|(owner, _)| *owner == Entity::Projects)?;
    let own = record.get("projectID").or_else(|| current?.get("projectID"))?.as_i64()?;
    let (is_phase, name) = (field.name == "phaseID", json!(&*name.name));
    (is_phase && own != project)
        .then(|| format!("phaseID: {id} ({name}) belongs to project {project}, not to {own}."))
}

/// The company that the written record belongs to.
fn company(entity: Entity, record: &Record, current: Option<&RecordFields>) -> Option<i64> {
    entity.field(COMPANY)?;
    let new = record.get(COMPANY).and_then(Value::as_i64);
    new.or_else(|| current?.get(COMPANY)?.as_i64())
}

fn missing_record(field: &Field, entity: Entity, id: i64) -> String {
    let (name, entity) = (field.name, entity.singular());
    format!("{name}: there is no {entity} {id}, or the API user may not see it.")
}

/// API users and people who left can neither be assigned nor own anything.
pub(super) fn unassignable(field: &str, (id, name): (i64, &RecordName)) -> Option<String> {
    let (caveat, name) = (name.caveat?, json!(&*name.name));
    Some(format!("{field}: {id} ({name}) is {caveat} and cannot be assigned."))
}

fn probable_rejection(field: &Field, (id, name): (i64, &RecordName)) -> Option<String> {
    let caveat = name.caveat?;
    let (field, name) = (field.name, json!(&*name.name));
    Some(format!("Autotask will probably reject this: {field} {id} ({name}) is {caveat}."))
}
