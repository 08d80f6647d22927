//! Resolves keys (id, ticket number, name, e-mail address) to ids of records, and `me` to a resource.

use super::errors::{no_person_error, ticket_not_found};
use super::resolved::ResolutionNotes;
use super::{NameCandidate, NameRef, Resolver};
use crate::catalog::Entity;
use crate::client::page::MAX_PAGE_SIZE;
use crate::error::Error;
use crate::filter::{Condition, Op};
use crate::plan::RecordKey;
use crate::value::record::RecordFields;
use std::collections::HashMap;

impl Resolver {
    /// The id of the record with this name.
    ///
    /// # Errors
    /// As for a filter.
    pub async fn resolve_id(
        &self,
        entity: Entity,
        name: &str,
        notes: &mut ResolutionNotes,
    ) -> Result<i64, Error> {
        let field = entity.field("id");
        let field =
            field.ok_or_else(|| Error::internal(format!("{} has no id.", entity.name())))?;
        let id = self.resolve_name(entity, field, name, notes).await?;
        id.as_i64().ok_or_else(|| Error::internal("An id is not an integer."))
    }

    /// The ids of records by their keys; one query resolves all ticket numbers.
    ///
    /// # Errors
    /// As for a filter; `not-found` for a ticket number that does not exist.
    pub async fn resolve_keys(
        &self,
        entity: Entity,
        keys: &[RecordKey],
        notes: &mut ResolutionNotes,
    ) -> Result<Vec<i64>, Error> {
        let numbers = keys.iter().filter_map(|key| match key {
            RecordKey::Number(number) => Some(number.as_str()),
            RecordKey::Id(_) | RecordKey::Name(_) => None,
        });
        let tickets = self.ticket_ids(&numbers.collect::<Vec<_>>()).await?;
        let mut ids = Vec::new();
        for key in keys {
            ids.push(match key {
                RecordKey::Id(id) => *id,
                RecordKey::Name(name) => self.resolve_id(entity, name, notes).await?,
                RecordKey::Number(number) => {
                    let id = tickets.get(&number.to_uppercase());
                    *id.ok_or_else(|| ticket_not_found(number))?
                }
            });
        }
        Ok(ids)
    }

    pub(super) async fn ticket_ids(&self, numbers: &[&str]) -> Result<HashMap<String, i64>, Error> {
        let field = Entity::Tickets.field("ticketNumber");
        let field = field.ok_or_else(|| Error::internal("Tickets have no ticketNumber."))?;
        if numbers.is_empty() {
            return Ok(HashMap::new());
        }
        let condition = match numbers {
            [number] => Condition::test(field, Op::Eq, (*number).into()),
            numbers => Condition::test(field, Op::In, numbers.into()),
        };
        let fields = (&["id", field.name][..], MAX_PAGE_SIZE);
        let found = self.client.query(Entity::Tickets, &[condition], fields).await?;
        let ticket = |ticket: &RecordFields| {
            let number = ticket.get(field.name)?.as_str()?.to_uppercase();
            Some((number, ticket.get("id")?.as_i64()?))
        };
        Ok(found.items.iter().filter_map(ticket).collect())
    }

    /// The resource that `me` refers to, from the settings or the caller's token.
    pub(super) async fn resolve_me(
        &self,
        name: &NameRef,
        me: Option<RecordKey>,
    ) -> Result<NameCandidate, Error> {
        match me {
            Some(RecordKey::Id(id)) => Ok(NameCandidate::named(id.into(), &name.name)),
            Some(RecordKey::Number(email) | RecordKey::Name(email)) => {
                let id = self.resource_id_of(&email).await?;
                Ok(NameCandidate::named(id.into(), &name.name))
            }
            None => Err(no_person_error(name)),
        }
    }
}
