//! Records as people identify them: a ticket by number, title and company, others by name and what they belong to.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::{Executor, RecordFields};
use crate::catalog::{Child, Entity};
use crate::resolver::{RecordNames, name_search};
use crate::text::sanitize;

/// What a record may belong to, the most telling first.
const OWNER_FIELDS: [&str; 15] = [
    "ticketID",
    "taskID",
    "companyID",
    "projectID",
    "contractID",
    "opportunityID",
    "configurationItemID",
    "quoteID",
    "serviceCallID",
    "serviceCallTicketID",
    "serviceCallTaskID",
    "successorTaskID",
    "predecessorTaskID",
    "resourceID",
    "roleID",
];
/// More would make a sentence unreadable.
const MAX_OWNERS: usize = 3;

/// Names by entity and id.
type NamesByEntity = BTreeMap<Entity, RecordNames>;

impl Executor {
    /// One record, such as `Ticket 8107 ("T20260305.0011 Oven tablet offline", Company "Marrow Bakery")`.
    pub(super) async fn describe_record(
        &self,
        entity: Entity,
        id: Option<i64>,
        fields: &RecordFields,
    ) -> String {
        let described = self.describe_records(entity, &[(id, fields)]).await;
        described.into_iter().next().unwrap_or_default()
    }

    /// Several records of one entity; each entity that they belong to is queried once.
    pub(super) async fn describe_records(
        &self,
        entity: Entity,
        records: &[(Option<i64>, &RecordFields)],
    ) -> Vec<String> {
        let owners: Vec<_> = records.iter().map(|(_, fields)| owners(entity, fields)).collect();
        let mut names = NamesByEntity::new();
        let mut unnamed: Vec<_> = owners.iter().flatten().copied().collect();
        // A ticket is known by its company too, a task by its project and the project's company.
        while !unnamed.is_empty() {
            self.add_names(&unnamed, &mut names).await;
            unnamed = unnamed.into_iter().filter_map(|owner| owner_of(owner, &names)).collect();
        }
        let describe = |((id, fields), owners): (&(Option<i64>, &RecordFields), &Vec<_>)| {
            describe((entity, *id), fields, (owners, self.zone()), &names)
        };
        records.iter().zip(&owners).map(describe).collect()
    }

    /// Reads names; an entity that cannot be read is left out.
    async fn add_names(&self, ids: &[(Entity, i64)], names: &mut NamesByEntity) {
        let mut by_entity: BTreeMap<Entity, Vec<i64>> = BTreeMap::new();
        for (entity, id) in ids {
            by_entity.entry(*entity).or_default().push(*id);
        }
        let found = self.resolver.names_of(&by_entity).await;
        for (entity, found) in by_entity.into_keys().zip(found) {
            if let Ok(found) = found {
                names.entry(entity).or_default().extend(found);
            }
        }
    }
}

/// The records that a record belongs to.
pub(super) fn owners(entity: Entity, fields: &RecordFields) -> Vec<(Entity, i64)> {
    let child = entity.as_child();
    let parent = child.and_then(|child| child.parent_field);
    // People know a ticket by its company alone.
    let owners = if entity == Entity::Tickets { &["companyID"][..] } else { &OWNER_FIELDS };
    // The role tells the rates of a contract apart.
    let is_telling = |name: &&str| *name != "roleID" || entity == Entity::ContractRates;
    let names = parent.into_iter().chain(owners.iter().copied().filter(is_telling));
    let owner = |name: &str| {
        let id = fields.get(name)?.as_i64()?;
        let is_parent = |child: &&Child| child.parent_field == Some(name);
        let of_parent = || child.filter(is_parent)?.parent;
        let owner = entity.field(name)?.refers_to.or_else(of_parent)?;
        name_search::can_be_described(owner).then_some((owner, id))
    };
    let mut owners: Vec<_> = Vec::new();
    for owner in names.filter_map(owner) {
        if !owners.contains(&owner) {
            owners.push(owner);
        }
    }
    owners.truncate(MAX_OWNERS);
    owners
}

fn owner_of((entity, id): (Entity, i64), names: &NamesByEntity) -> Option<(Entity, i64)> {
    names.get(&entity)?.get(&id)?.as_ref()?.owner
}

fn describe(
    (entity, id): (Entity, Option<i64>),
    fields: &RecordFields,
    (owners, zone): (&[(Entity, i64)], Option<&TimeZone>),
    names: &NamesByEntity,
) -> String {
    let named = |(owner, id): (Entity, i64)| {
        let record = names.get(&owner)?.get(&id)?.as_ref()?;
        (!record.name.is_empty()).then(|| format!("{} {}", owner.singular(), quoted(&record.name)))
    };
    let own = name_search::describe(entity, fields, zone).map(|name| quoted(&name));
    let mut parts: Vec<String> = own.into_iter().collect();
    for owner in owners {
        let chain = std::iter::successors(Some(*owner), |owner| owner_of(*owner, names));
        for part in chain.filter_map(named) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
    }
    let subject = match id {
        Some(id) => format!("{} {id}", entity.singular()),
        None => entity.singular().to_owned(),
    };
    match parts.is_empty() {
        true => subject,
        false => format!("{subject} ({})", parts.join(", ")),
    }
}

/// The tenant's text on one line in quotes, so that it cannot be mistaken for the server's own words.
fn quoted(name: &str) -> String {
    Value::from(sanitize::single_line(name)).to_string()
}
