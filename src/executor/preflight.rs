//! Validates a write against the tenant before it is sent: its lists, people's roles, the current record.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{join, try_join};
use serde_json::{Value, json};

use super::read_ahead::{HeldRoles, ReadAhead, StoredRecord};
use super::references::unassignable;
use super::{Executor, RecordFields};
use crate::catalog::coerce::expected;
use crate::catalog::tenant_fields::TenantFields;
use crate::catalog::{DiscoveredSchema, Entity, UDFS};
use crate::error::{Code, Error};
use crate::plan::address::ParentRef;
use crate::plan::request::Request;
use crate::plan::{Change, RecordKey, Write};
use crate::resolver::{FieldList, ResolutionNotes, is_local_failure};
use crate::validate::roles::{HeldRole, RoleChoice, RoleRequirement};
use crate::validate::tenant_rules::TenantRules;
use crate::validate::{current_record, missing_fields_error, roles, rules, udfs};
use crate::value::cache::ERROR_TTL;

impl Executor {
    /// Resolves every name in a write and validates it; returns the current record of an update. Warnings are added to
    /// the write.
    pub(super) async fn prepare(
        &self,
        write: &mut Write,
        notes: &mut ResolutionNotes,
    ) -> Result<Option<RecordFields>, Error> {
        if let Some(problem) = write.problem.take() {
            return Err(self.with_name_problems(problem, write, notes).await);
        }
        self.check_required(write).await?;
        let ahead = ReadAhead::new(write);
        let resolve = self.resolve_names(write, notes);
        let read = if let Some(ahead) = ahead {
            // A name that is wrong as it stands fails before anything is sent.
            try_join(resolve, self.read_ahead(ahead).map(Ok)).await?.1
        } else {
            resolve.await?;
            (None, None)
        };
        let current = self.preflight(write, read, notes).await?;
        // A label and its code may have the same warning.
        for warning in notes.warnings.drain(..) {
            if !write.warnings.contains(&warning) {
                write.warnings.push(warning);
            }
        }
        Ok(current)
    }

    /// Resolves every name in a write.
    async fn resolve_names(
        &self,
        write: &mut Write,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        let entity = write.entity;
        self.resolve_key(write, notes).await?;
        if let ParentRef::ByName(field, name) = &write.parent {
            let id = self.resolver.resolve_name(entity, field, name, notes).await?;
            if let Change::Create(record) = &mut write.change
                && record.is_blank(field.name)
            {
                record.set(field.name, id.clone());
            }
            let id = id.as_i64();
            let id = id.ok_or_else(|| Error::internal("A parent's id is not an integer."))?;
            write.parent = ParentRef::Id(id);
        }
        if let Some(record) = write.change.record_mut() {
            self.resolver.resolve_record(entity, record, notes).await?;
        }
        if let Change::Create(record) = &write.change {
            // The code of a label may require more fields.
            let missing = rules::missing_fields(entity, record);
            if !missing.is_empty() {
                return Err(missing_fields_error(entity, &missing));
            }
        }
        self.resolve_udfs(write, notes).await
    }

    /// A problem found in planning, together with those of the names, so that the caller learns everything at once.
    async fn with_name_problems(
        &self,
        problem: Error,
        write: &Write,
        notes: &mut ResolutionNotes,
    ) -> Error {
        let mut record = write.change.record().cloned().unwrap_or_default();
        match self.resolver.resolve_record(write.entity, &mut record, notes).await {
            Err(error) if !is_local_failure(&error) => problem.and(&error),
            _ => problem,
        }
    }

    /// The id of the record that a write identifies otherwise.
    async fn resolve_key(
        &self,
        write: &mut Write,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        let entity = write.entity;
        if let Change::Update(key, _) | Change::Delete(key) = &mut write.change {
            let ids = self.resolver.resolve_keys(entity, std::slice::from_ref(key), notes).await?;
            if let Some(id) = ids.first() {
                *key = RecordKey::Id(*id);
            }
        }
        Ok(())
    }

    /// Rejects an incomplete record and names everything that is missing; nothing else is requested for it.
    async fn check_required(&self, write: &Write) -> Result<(), Error> {
        if write.missing.is_empty() {
            return Ok(());
        }
        let mut missing = write.missing.clone();
        let mut values = Vec::new();
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
            let typed = |name: &&str| {
                let field = write.entity.field(name)?;
                Some(format!("{name}: {}", expected(field)))
            };
            let accepted = |name: &&str| rules.active_values(name).or_else(|| typed(name));
            values.extend(missing.iter().filter_map(accepted));
        }
        let error = missing_fields_error(write.entity, &missing);
        Err(match values.is_empty() {
            true => error,
            false => error.accepts(values.join("; ")),
        })
    }

    async fn preflight(
        &self,
        write: &mut Write,
        (current, roles): (Option<StoredRecord>, Option<HeldRoles>),
        notes: &mut ResolutionNotes,
    ) -> Result<Option<RecordFields>, Error> {
        if matches!(write.change, Change::Delete(_)) {
            return Ok(None);
        }
        let current = match (&write.change, current) {
            (_, Some(current)) => current?,
            (Change::Update(..), None) => self.current_record(write).await?,
            _ => None,
        };
        if let Some(record) = &current {
            current_record::check(write.entity, &write.change, record)?;
            rules::resend_required_fields(write.entity, &mut write.change, record);
        }
        notes.warnings.extend(self.check_tenant_rules(write, current.as_ref()).await?);
        self.resolve_role(write, roles, notes).await?;
        notes.warnings.extend(rules::warning(write.entity, &write.change, current.as_ref()));
        Ok(current)
    }

    /// Checks a write against the tenant's fields, and returns warnings.
    pub(super) async fn check_tenant_rules(
        &self,
        write: &Write,
        current: Option<&RecordFields>,
    ) -> Result<Vec<String>, Error> {
        let list = (write.entity, FieldList::Fields);
        let checked = self.resolver.check_fields(list, |fields| {
            let schema = self.resolver.discovered_schema();
            tenant_rules(write, (fields, &schema), current).check(&write.change)
        });
        match checked.await {
            Ok(warnings) => warnings,
            Err(error) => Ok(vec![unchecked_warning(write.entity, &error)]),
        }
    }

    async fn resolve_udfs(
        &self,
        write: &mut Write,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        let entity = write.entity;
        let Some(record) = write.change.record_mut() else {
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
        held: Option<HeldRoles>,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        let Some(required) = roles::required_role(write.entity, &write.change) else {
            return Ok(());
        };
        let role = match held {
            Some(held) => self.check_held_role(required, held).await?,
            None => self.check_role(required).await?,
        };
        if let Some(role) = role {
            let role_name = self.resolver.id_with_name(Entity::Roles, role);
            let person = self.resolver.id_with_name(Entity::Resources, required.resource);
            let (role_name, person) = join(role_name, person).await;
            if let Some(record) = write.change.record_mut() {
                record.set(required.field, role.into());
            }
            notes.warnings.push(format!(
                "{} was not given and is set to {role_name}, the only role of {person}.",
                required.field
            ));
        }
        Ok(())
    }

    /// The role to fill in, if there is only one; an error if the given role is not held.
    pub(super) async fn check_role(&self, required: RoleRequirement) -> Result<Option<i64>, Error> {
        let held = self.roles_of(required.resource).await;
        self.check_held_role(required, held).await
    }

    async fn check_held_role(
        &self,
        required: RoleRequirement,
        held: HeldRoles,
    ) -> Result<Option<i64>, Error> {
        let held = match held {
            Ok(held) => held,
            // An API user who may not read roles may still know them.
            Err(_) if required.role.is_some() => return Ok(None),
            Err(error) if error.code() == Code::Forbidden => {
                return Err(roles::unreadable(&required));
            }
            Err(error) => return Err(error),
        };
        match roles::choose_role(&required, &held) {
            RoleChoice::Valid => Ok(None),
            RoleChoice::Only(role) => Ok(Some(role)),
            RoleChoice::Several(possible) => Err(self.role_error(required, &possible).await),
            RoleChoice::None => Err(self.role_error(required, &[]).await),
        }
    }

    async fn role_error(&self, required: RoleRequirement, possible: &[i64]) -> Error {
        // One query for the names of all.
        let roles: Vec<_> = possible.iter().copied().chain(required.role).collect();
        let names = self.resolver.names_by_id(Entity::Roles, &roles).await;
        let mut listed = Vec::new();
        for role in &roles {
            listed.push(match &names {
                Ok(_) => self.resolver.id_with_name(Entity::Roles, *role).await,
                Err(_) => role.to_string(),
            });
        }
        let id = required.resource;
        let people = self.resolver.names_by_id(Entity::Resources, &[id]).await.unwrap_or_default();
        let person = people.get(&id).and_then(Option::as_ref);
        if let Some(problem) =
            person.and_then(|person| unassignable(required.resource_field, (id, person)))
        {
            return Error::bad_argument(problem).accepts("an active person who can be assigned");
        }
        let person = self.resolver.id_with_name(Entity::Resources, id).await;
        let given = required.role.and_then(|_| listed.pop());
        roles::role_error(&required, &format!("Resource {person}"), (given.as_deref(), &listed))
    }

    /// The active roles of a resource.
    pub(super) async fn roles_of(&self, resource: i64) -> HeldRoles {
        if let Some(held) = self.roles.get(&resource) {
            return Ok(held);
        }
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
        let held: Arc<[_]> = found.items.iter().filter_map(held).collect();
        self.roles.insert(resource, held.clone(), ERROR_TTL);
        Ok(held)
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
    (tenant, discovered): (&'a TenantFields, &'a DiscoveredSchema),
    current: Option<&'a RecordFields>,
) -> TenantRules<'a> {
    TenantRules { entity: write.entity, tenant, discovered, current, parent: write.parent_field() }
}
