//! Validates a write against the tenant before it is sent: its lists, people's roles, the current record.

use serde_json::{Value, json};

use super::{Executor, RecordFields};
use crate::catalog::tenant_fields::TenantFields;
use crate::catalog::{DiscoveredSchema, Entity, UDFS};
use crate::client::request::Request;
use crate::error::{Code, Error};
use crate::plan::address::ParentRef;
use crate::plan::{Change, Write};
use crate::resolver::{FieldList, ResolutionNotes};
use crate::validate::roles::{HeldRole, RoleChoice, RoleRequirement};
use crate::validate::tenant_rules::TenantRules;
use crate::validate::{current_record, missing_fields_error, roles, rules, udfs};

impl Executor {
    /// Resolves every name in a write and validates it; returns the current record of an update. Warnings are added to
    /// the write.
    pub(super) async fn prepare(
        &self,
        write: &mut Write,
        notes: &mut ResolutionNotes,
    ) -> Result<Option<RecordFields>, Error> {
        let entity = write.entity;
        self.check_required(write).await?;
        if let ParentRef::ByName(field, name) = &write.parent {
            let id = self.resolver.resolve_name(entity, field, name, notes).await?;
            if let Change::Create(record) = &mut write.change {
                record.set(field.name, id.clone());
            }
            let id = id.as_i64();
            let id = id.ok_or_else(|| Error::internal("A parent's id is not an integer."))?;
            write.parent = ParentRef::Id(id);
        }
        if let Change::Create(record) | Change::Update(_, record) = &mut write.change {
            self.resolver.resolve_record(entity, record, notes).await?;
        }
        if let Change::Create(record) = &write.change {
            // What a label stands for may require more fields.
            let missing = rules::missing_fields(entity, record);
            if !missing.is_empty() {
                return Err(missing_fields_error(entity, &missing));
            }
        }
        let current = self.preflight(write, notes).await?;
        // A label and its code may have the same warning.
        for warning in notes.warnings.drain(..) {
            if !write.warnings.contains(&warning) {
                write.warnings.push(warning);
            }
        }
        Ok(current)
    }

    /// Rejects an incomplete record and names everything that is missing; nothing else is requested for it.
    async fn check_required(&self, write: &Write) -> Result<(), Error> {
        if write.lacks.is_empty() {
            return Ok(());
        }
        let mut missing = write.lacks.clone();
        if let Ok(fields) = self.resolver.tenant_fields(write.entity, FieldList::Fields).await {
            let schema = self.resolver.discovered_schema();
            let rules = tenant_rules(write, (&fields, &schema), None);
            for name in rules.missing_fields(&write.change) {
                // "queueID (or …)" becomes "queueID" if the tenant leaves no choice.
                let is_listed = |listed: &&mut &str| listed.split(' ').next() == Some(name);
                match missing.iter_mut().find(is_listed) {
                    Some(listed) => *listed = name,
                    None => missing.push(name),
                }
            }
        }
        Err(missing_fields_error(write.entity, &missing))
    }

    async fn preflight(
        &self,
        write: &mut Write,
        notes: &mut ResolutionNotes,
    ) -> Result<Option<RecordFields>, Error> {
        if matches!(write.change, Change::Delete(_)) {
            return Ok(None);
        }
        self.resolve_udfs(write, notes).await?;
        let current = match write.change {
            Change::Update(..) => self.current_record(write).await?,
            _ => None,
        };
        if let Some(record) = &current {
            current_record::check(write.entity, &write.change, record)?;
            rules::resend_required_fields(write.entity, &mut write.change, record);
        }
        self.check_tenant_rules(write, current.as_ref(), notes).await?;
        self.resolve_role(write, notes).await?;
        notes.warnings.extend(rules::warning(write.entity, &write.change, current.as_ref()));
        Ok(current)
    }

    async fn check_tenant_rules(
        &self,
        write: &Write,
        current: Option<&RecordFields>,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        let list = (write.entity, FieldList::Fields);
        let checked = self.resolver.check_fields(list, |fields| {
            let schema = self.resolver.discovered_schema();
            tenant_rules(write, (fields, &schema), current).check(&write.change)
        });
        match checked.await {
            Ok(warnings) => notes.warnings.extend(warnings?),
            Err(error) => notes.warnings.push(unchecked_warning(write.entity, &error)),
        }
        Ok(())
    }

    async fn resolve_udfs(
        &self,
        write: &mut Write,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        let entity = write.entity;
        let (Change::Create(record) | Change::Update(_, record)) = &mut write.change else {
            return Ok(());
        };
        if record.get(UDFS).is_none() {
            return Ok(());
        }
        let resolved = self.resolver.check_fields((entity, FieldList::Udfs), |fields| {
            let (mut record, mut notes) = (record.clone(), ResolutionNotes::default());
            udfs::resolve(entity, &mut record, fields, &mut notes)?;
            Ok((record, notes))
        });
        match resolved.await {
            Ok(resolved) => {
                let (resolved, found) = resolved?;
                *record = resolved;
                notes.merge(found);
            }
            Err(error) => notes.warnings.push(unchecked_warning(entity, &error)),
        }
        Ok(())
    }

    /// Fills in the only possible role, or lists the choices.
    async fn resolve_role(
        &self,
        write: &mut Write,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        let Some(required) = roles::required_role(write.entity, &write.change) else {
            return Ok(());
        };
        let held = match self.roles_of(required.resource).await {
            Ok(held) => held,
            // An API user who may not read roles may still know them.
            Err(_) if required.role.is_some() => return Ok(()),
            Err(error) if error.code() == Code::Forbidden => {
                return Err(roles::unreadable(&required));
            }
            Err(error) => return Err(error),
        };
        match roles::choose_role(&required, &held) {
            RoleChoice::Valid => Ok(()),
            RoleChoice::Only(role) => {
                let role_name = self.resolver.id_with_name(Entity::Roles, role).await;
                let person = self.resolver.id_with_name(Entity::Resources, required.resource).await;
                set_role(&mut write.change, required, role);
                notes.warnings.push(format!(
                    "{} was not given and is set to {role_name}, the only role of {person}.",
                    required.field
                ));
                Ok(())
            }
            RoleChoice::Several(possible) => Err(self.role_error(required, &possible).await),
            RoleChoice::None => Err(self.role_error(required, &[]).await),
        }
    }

    async fn role_error(&self, required: RoleRequirement, possible: &[i64]) -> Error {
        // One query for the names of all.
        let names = self.resolver.names_by_id(Entity::Roles, possible).await;
        let mut listed = Vec::new();
        for role in possible {
            listed.push(match &names {
                Ok(_) => self.resolver.id_with_name(Entity::Roles, *role).await,
                Err(_) => role.to_string(),
            });
        }
        let person = self.resolver.id_with_name(Entity::Resources, required.resource).await;
        roles::role_error(&required, &format!("Resource {person}"), &listed)
    }

    /// The active roles of a resource.
    async fn roles_of(&self, resource: i64) -> Result<Vec<HeldRole>, Error> {
        let filter = json!([
            { "op": "eq", "field": "resourceID", "value": resource },
            { "op": "eq", "field": "isActive", "value": true },
        ]);
        let body = json!({ "filter": filter, "MaxRecords": 500 });
        let found = self.client.read_page(&Request::post("ResourceRoles/query", body)).await?;
        let held = |record: &RecordFields| {
            let number = |name: &str| record.get(name).and_then(Value::as_i64);
            Some(HeldRole { role: number("roleID")?, queue: number("queueID") })
        };
        Ok(found.items.iter().filter_map(held).collect())
    }
}

/// The warning if a list cannot be read, so that only Autotask validates.
fn unchecked_warning(entity: Entity, error: &Error) -> String {
    let (name, code) = (entity.name(), error.code().name());
    format!(
        "The tenant's fields for {name} could not be read ({code}), so the write was not checked against them."
    )
}

fn tenant_rules<'a>(
    write: &Write,
    (live, learnt): (&'a TenantFields, &'a DiscoveredSchema),
    present: Option<&'a RecordFields>,
) -> TenantRules<'a> {
    TenantRules { entity: write.entity, live, learnt, present, parent: write.parent_field() }
}

fn set_role(change: &mut Change, required: RoleRequirement, role: i64) {
    if let Change::Create(record) | Change::Update(_, record) = change {
        record.set(required.field, role.into());
    }
}
