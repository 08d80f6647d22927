//! What a time entry depends on apart from its own fields: the person's roles, and the contract of the work.

use serde_json::Value;

use super::Executor;
use crate::catalog::Entity;
use crate::error::{Code, Error};
use crate::filter::{Condition, Op};
use crate::plan::{Change, Write};
use crate::validate::roles::RoleRequirement;
use crate::value::record::Record;

/// The field of a contract whose time needs a start and an end.
const REQUIRES_START_AND_STOP: &str = "timeReportingRequiresStartAndStopTimes";

impl Executor {
    /// Rejects a time entry that Autotask would reject for the person or the contract.
    pub(super) async fn check_time_entry(
        &self,
        write: &Write,
        record: &Record,
    ) -> Result<(), Error> {
        if write.entity != Entity::TimeEntries {
            return Ok(());
        }
        self.check_entry_role(record).await?;
        match write.change {
            Change::Create(_) => self.check_start_and_stop(record).await,
            _ => Ok(()),
        }
    }

    /// Time on a ticket or task is worked in a role that the person holds.
    async fn check_entry_role(&self, record: &Record) -> Result<(), Error> {
        let id = |name: &str| record.get(name).and_then(Value::as_i64);
        let is_internal = id("internalBillingCodeID").is_some();
        let (Some(resource), Some(role)) = (id("resourceID"), id("roleID")) else {
            return Ok(());
        };
        if is_internal {
            return Ok(());
        }
        let required = RoleRequirement {
            resource,
            role: Some(role),
            queue: None,
            field: "roleID",
            resource_field: "resourceID",
        };
        self.check_role(required).await.map(drop)
    }

    /// Some contracts take time only with its start and its end.
    async fn check_start_and_stop(&self, record: &Record) -> Result<(), Error> {
        let has = |name: &str| record.get(name).is_some();
        if has("startDateTime") && has("endDateTime") {
            return Ok(());
        }
        let Some(contract) = self.contract_of(record).await else {
            return Ok(());
        };
        let Some(name) = self.contract_with_start_and_stop(contract).await else {
            return Ok(());
        };
        let message = format!("Contract {contract} ({name}) requires start and stop times.");
        Err(Error::new(Code::MissingField, message)
            .accepts("startDateTime and endDateTime instead of hoursWorked"))
    }

    /// The contract of an entry: its own, else that of its ticket.
    async fn contract_of(&self, record: &Record) -> Option<i64> {
        let id = |name: &str| record.get(name).and_then(Value::as_i64);
        if let Some(contract) = id("contractID") {
            return Some(contract);
        }
        let ticket = id("ticketID")?;
        let names = self.resolver.names_by_id(Entity::Tickets, &[ticket]).await.ok()?;
        names.get(&ticket)?.as_ref()?.contract
    }

    /// The quoted name of the contract, if it requires start and stop times; none if it cannot be read.
    async fn contract_with_start_and_stop(&self, contract: i64) -> Option<Value> {
        let id = Condition::test(Entity::Contracts.field("id")?, Op::Eq, contract.into());
        let fields = (&["id", "contractName", REQUIRES_START_AND_STOP][..], 1);
        let found = self.client.query(Entity::Contracts, &[id], fields).await.ok()?;
        let found = found.items.first()?;
        let is_required = matches!(&found[REQUIRES_START_AND_STOP], Value::Bool(true))
            || found[REQUIRES_START_AND_STOP] == 1;
        is_required.then(|| found["contractName"].clone())
    }
}
