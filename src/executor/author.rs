//! In whose name a write is made: that of the caller's person, if there is one and Autotask allows it.

use super::{CallContext, Executor};
use crate::access::caller::Person;
use crate::catalog::Entity;
use crate::error::Error;
use crate::plan::{Change, Write};
use crate::validate::attachments;

/// Entities that reject a write in the name of a person, as seen in live tenants.
const REJECTING: [Entity; 2] = [Entity::TicketSecondaryResources, Entity::TicketTagAssociations];
/// Entities for which Autotask documents writes in the name of a person; their attachments belong to them.
const DOCUMENTED: [Entity; 24] = [
    Entity::Companies,
    Entity::CompanyNotes,
    Entity::CompanyToDos,
    Entity::ConfigurationItemNotes,
    Entity::ConfigurationItems,
    Entity::Contacts,
    Entity::ContractNotes,
    Entity::InventoryItems,
    Entity::InventoryLocations,
    Entity::Opportunities,
    Entity::ProductNotes,
    Entity::Products,
    Entity::ProjectNotes,
    Entity::Projects,
    Entity::PurchaseOrders,
    Entity::Quotes,
    Entity::SalesOrders,
    Entity::ServiceCalls,
    Entity::Subscriptions,
    Entity::TaskNotes,
    Entity::TicketNotes,
    Entity::Tickets,
    Entity::TimeEntries,
    // Accepted; what happens to the name is reported separately.
    Entity::Tasks,
];

impl Executor {
    /// Sets the person in whose name a caller's write is made: that of the token, or that of the settings.
    ///
    /// # Errors
    /// A person that is not found, or is missing where the settings require one: the write must not be made in another
    /// name.
    pub(super) async fn set_author(
        &self,
        call: CallContext<'_>,
        write: &mut Write,
    ) -> Result<(), Error> {
        let person = match call.caller.person() {
            None if self.requires_person => return Err(person_required_error()),
            None => return Ok(()),
            Some(person) => person,
        };
        let id = match person {
            Person::Id(id) => *id,
            Person::Email(email) => self.resolver.resource_id_of(email).await?,
        };
        let name = write.entity.name();
        if REJECTING.contains(&write.entity) {
            write.warnings.push(format!(
                "Autotask does not write {name} in the name of a person: it is written as the API user."
            ));
            return Ok(());
        }
        if !is_documented(write.entity) {
            write.warnings.push(format!(
                "Autotask does not list {name} among the entities that can be written in the name of a person: it may reject the write or name the API user."
            ));
        }
        write.author = Some(id);
        Ok(())
    }
}

fn is_documented(entity: Entity) -> bool {
    DOCUMENTED.contains(&entity) || attachments::is_attachment(entity)
}

fn person_required_error() -> Error {
    Error::not_allowed(
        "Not written: AUTOTASK_REQUIRE_PERSON allows writes only in the name of a person, and this caller has none.",
    )
    .next("The administrator can name the person: in the claim of the token that AUTOTASK_OAUTH_PERSON_CLAIM names, with as= in the tokens file, or with AUTOTASK_IMPERSONATION_RESOURCE_ID.")
}

/// In whose name a write is made, if that is not the API user.
pub(super) fn author_notice(write: &Write) -> Option<String> {
    let by_author = |id| format!("It is written in the name of resource {id}.");
    task_creator_notice(write).or_else(|| write.author.map(by_author))
}

/// New tasks ignore impersonation.
pub(super) fn task_creator_notice(write: &Write) -> Option<String> {
    let is_new_task = write.entity == Entity::Tasks && matches!(write.change, Change::Create(_));
    let id = write.author.filter(|_| is_new_task)?;
    Some(format!("Autotask names the API user as creator of a task, not resource {id}."))
}
