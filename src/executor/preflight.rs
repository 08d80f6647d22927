//! A write held against the tenant before it is sent: its lists, the roles people work in, the record as it is.

use std::sync::Arc;

use serde_json::{Value, json};

use super::metadata::FieldList;
use super::resolve::ResolutionNotes;
use super::{Executor, RecordFields};
use crate::catalog::tenant_fields::TenantFields;
use crate::catalog::{DiscoveredSchema, Entity, UDFS};
use crate::client::request::Request;
use crate::error::{Code, Error};
use crate::plan::{Change, Write};
use crate::validate::roles::{HeldRole, RoleChoice, RoleRequirement};
use crate::validate::tenant_rules::TenantRules;
use crate::validate::{current_record, missing_fields_error, roles, rules, udfs};

impl Executor {
    /// Refuses a record that lacks something, by the name of all that it lacks; nothing else is asked for it.
    pub(super) async fn check_required(&self, write: &Write) -> Result<(), Error> {
        if write.lacks.is_empty() {
            return Ok(());
        }
        let mut lacks = write.lacks.clone();
        if let Ok(live) = self.tenant_fields(write.entity, FieldList::Fields).await {
            let learnt = self.discovered_schema();
            for name in tenant_rules(write, (&live, &learnt), None).missing_fields(&write.change) {
                // "queueID (or …)" becomes "queueID" where the tenant leaves no choice.
                let is_said = |said: &&mut &str| said.split(' ').next() == Some(name);
                match lacks.iter_mut().find(is_said) {
                    Some(said) => *said = name,
                    None => lacks.push(name),
                }
            }
        }
        Err(missing_fields_error(write.entity, &lacks))
    }

    /// The write as it may go, with what is to be told of it.
    pub(super) async fn preflight(
        &self,
        write: &mut Write,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        if matches!(write.change, Change::Delete(_)) {
            return Ok(());
        }
        self.settle_udfs(write, notes).await?;
        if matches!(write.change, Change::Update(..)) {
            notes.present = self.current_record(write).await?;
        }
        if let Some(record) = &notes.present {
            current_record::check(write.entity, &write.change, record)?;
            rules::resend_required_fields(write.entity, &mut write.change, record);
        }
        if let Some(live) = self.tenant_fields_or_warn(write.entity, FieldList::Fields, notes).await
        {
            let learnt = self.discovered_schema();
            let tenant = tenant_rules(write, (&live, &learnt), notes.present.as_ref());
            notes.warnings.extend(tenant.check(&write.change)?);
        }
        self.settle_role(write, notes).await?;
        let remark = rules::warning(write.entity, &write.change, notes.present.as_ref());
        notes.warnings.extend(remark);
        Ok(())
    }

    async fn settle_udfs(
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
        match self.tenant_fields_or_warn(entity, FieldList::Udfs, notes).await {
            Some(live) => {
                let mut told = (&mut notes.resolved, &mut notes.warnings);
                udfs::resolve(entity, record, &live, &mut told)
            }
            None => Ok(()),
        }
    }

    /// A list of the tenant; where it cannot be read, that is told and Autotask judges alone.
    async fn tenant_fields_or_warn(
        &self,
        entity: Entity,
        list: FieldList,
        notes: &mut ResolutionNotes,
    ) -> Option<Arc<TenantFields>> {
        match self.tenant_fields(entity, list).await {
            Ok(live) => Some(live),
            Err(error) => {
                let (name, code) = (entity.name(), error.code().name());
                notes.warnings.push(format!(
                    "Not checked against the tenant's own fields of {name}, which could not be read ({code})."
                ));
                None
            }
        }
    }

    /// Fills in the only role there is, or tells the choices.
    async fn settle_role(
        &self,
        write: &mut Write,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        let Some(wanted) = roles::required_role(write.entity, &write.change) else {
            return Ok(());
        };
        let held = match self.roles_of(wanted.resource).await {
            Ok(held) => held,
            // Who may not read roles may still know them.
            Err(_) if wanted.role.is_some() => return Ok(()),
            Err(error) if error.code() == Code::Forbidden => {
                return Err(roles::unreadable(&wanted));
            }
            Err(error) => return Err(error),
        };
        match roles::choose_role(&wanted, &held) {
            RoleChoice::Valid => Ok(()),
            RoleChoice::Only(role) => {
                let told = self.id_with_name(Entity::Roles, role).await;
                let who = self.id_with_name(Entity::Resources, wanted.resource).await;
                set_role(&mut write.change, wanted, role);
                notes.warnings.push(format!(
                    "{} was not given and is set to {told}, the only role of {who}.",
                    wanted.field
                ));
                Ok(())
            }
            RoleChoice::Several(possible) => Err(self.role_refused(wanted, &possible).await),
            RoleChoice::None => Err(self.role_refused(wanted, &[]).await),
        }
    }

    async fn role_refused(&self, wanted: RoleRequirement, possible: &[i64]) -> Error {
        // One query for the names of all.
        let names = self.names_by_id(Entity::Roles, possible).await;
        let mut told = Vec::new();
        for role in possible {
            told.push(match &names {
                Ok(_) => self.id_with_name(Entity::Roles, *role).await,
                Err(_) => role.to_string(),
            });
        }
        let who = self.id_with_name(Entity::Resources, wanted.resource).await;
        roles::role_error(&wanted, &format!("Resource {who}"), &told)
    }

    /// An id and, where it can be read, the name, such as `501 (Service Desk Engineer)`.
    async fn id_with_name(&self, entity: Entity, id: i64) -> String {
        let names = self.names_by_id(entity, &[id]).await.unwrap_or_default();
        match names.get(&id).cloned().flatten() {
            Some(name) => format!("{id} ({name})"),
            None => id.to_string(),
        }
    }

    /// The active roles of a resource.
    async fn roles_of(&self, resource: i64) -> Result<Vec<HeldRole>, Error> {
        let filter = json!([
            { "op": "eq", "field": "resourceID", "value": resource },
            { "op": "eq", "field": "isActive", "value": true },
        ]);
        let body = json!({ "filter": filter, "MaxRecords": 500 });
        let found = self.fetch_page(&Request::post("ResourceRoles/query", body)).await?;
        let held = |record: &RecordFields| {
            let number = |name: &str| record.get(name).and_then(Value::as_i64);
            Some(HeldRole { role: number("roleID")?, queue: number("queueID") })
        };
        Ok(found.items.iter().filter_map(held).collect())
    }
}

fn tenant_rules<'a>(
    write: &Write,
    (live, learnt): (&'a TenantFields, &'a DiscoveredSchema),
    present: Option<&'a RecordFields>,
) -> TenantRules<'a> {
    TenantRules { entity: write.entity, live, learnt, present, parent: write.parent_field() }
}

fn set_role(change: &mut Change, wanted: RoleRequirement, role: i64) {
    if let Change::Create(record) | Change::Update(_, record) = change {
        record.set(wanted.field, role.into());
    }
}
