//! Carries out plans: searches, counts, reads, describes and writes.

mod approval;
mod author;
mod count;
mod describe;
mod diff;
mod file;
mod get;
mod identity;
mod newest;
mod outcome_check;
mod preflight;
mod preview;
mod preview_labels;
mod read_ahead;
mod ready_write;
mod recent_creates;
mod references;
mod search;
mod side_effects;
mod ticket_parts;
mod time_entry_checks;
mod undo;
mod update_many;
mod write;
mod write_errors;

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::access::caller::{Caller, ClientChannel, Person};
use crate::audit::AuditAttempt;
use crate::catalog::tenant_fields::TenantFields;
use crate::catalog::{DiscoveredSchema, Entity};
use crate::client::Client;
use crate::config::Config;
use crate::confirm::codes::ConfirmationCodes;
use crate::error::Error;
use crate::filter::Condition;
use crate::plan::address::Address;
use crate::plan::request::Request;
use crate::plan::{Order, Plan, Projection, Read, RecordKey};
use crate::resolver::{FieldList, Labels, Resolved, Resolver};
use crate::tools::Tool;
use crate::validate::roles::HeldRole;
use crate::value::cache::Cache;
pub use crate::value::record::RecordFields;
use crate::value::row::Row;
pub use file::FileContent;
use recent_creates::RecentCreates;

/// More people than are assigned in a minute.
const MAX_CACHED_ROLES: usize = 1_000;

/// The result of a plan, before it is rendered.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Rendered as it is.
    Value(Value),
    Page(Page),
    Record(RecordView),
    /// An attachment's record, and the content of its file.
    File(RecordView, FileContent),
}

impl Outcome {
    /// Adds a warning to the response.
    pub fn add_warning(&mut self, warning: String) {
        match self {
            Self::Page(page) => page.warnings.push(warning),
            Self::Record(record) | Self::File(record, _) => record.warnings.push(warning),
            Self::Value(Value::Object(fields)) => {
                let warnings = fields.entry("warnings").or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(warnings) = warnings {
                    warnings.push(warning.into());
                }
            }
            Self::Value(_) => {}
        }
    }
}

/// Records and where they came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub address: Address,
    pub order: Order,
    pub conditions: Vec<Condition>,
    pub items: Vec<Row>,
    /// Whether more records match.
    pub has_more: bool,
    pub projection: Projection,
    /// The filter sent, if the response repeats it.
    pub filter: Option<Value>,
    pub labels: Labels,
    pub resolved: Resolved,
    pub warnings: Vec<String>,
}

/// One record and its related lists.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordView {
    pub entity: Entity,
    pub item: RecordFields,
    pub projection: Projection,
    pub labels: Labels,
    pub lists: Vec<RelatedList>,
    pub resolved: Resolved,
    pub warnings: Vec<String>,
}

/// A list related to a record.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedList {
    pub name: &'static str,
    pub entity: Entity,
    pub records: Vec<RecordFields>,
    pub labels: Labels,
}

/// Who makes a call, and how to reach them.
#[derive(Clone, Copy)]
pub struct CallContext<'a> {
    pub tool: Tool,
    pub caller: &'a Caller,
    pub channel: &'a dyn ClientChannel,
    /// The `confirm` argument.
    pub confirm: Option<&'a str>,
    /// The audit record of a write.
    pub attempt: &'a AuditAttempt,
}

impl CallContext<'_> {
    /// The person that `me` refers to.
    fn me(&self) -> Option<RecordKey> {
        self.caller.person().map(|person| match person {
            Person::Id(id) => RecordKey::Id(*id),
            Person::Email(email) => RecordKey::Name(email.to_string()),
        })
    }
}

/// Carries out plans for one tenant.
pub struct Executor {
    client: Client,
    resolver: Resolver,
    recent_creates: RecentCreates,
    codes: ConfirmationCodes,
    /// The roles of people, from one preview to its confirmation.
    roles: Cache<i64, Arc<[HeldRole]>>,
    closed_status_ids: Vec<i64>,
    /// Whether a write needs a person in whose name it is made.
    requires_person: bool,
    time_zone: TimeZone,
    /// The largest response, in characters.
    max_answer_chars: usize,
}

impl Executor {
    /// An executor that reaches a tenant through this client.
    #[must_use]
    pub fn new(config: &Config, client: Client) -> Self {
        Self {
            recent_creates: RecentCreates::new(client.shared().cloned()),
            resolver: Resolver::new(&client, &config.closed_status_ids),
            codes: ConfirmationCodes::new(config, client.shared().cloned()),
            roles: Cache::new(MAX_CACHED_ROLES),
            closed_status_ids: config.closed_status_ids.clone(),
            requires_person: config.require_person,
            time_zone: config.time_zone.clone().unwrap_or(TimeZone::UTC),
            max_answer_chars: config.max_answer_chars,
            client,
        }
    }

    /// The client of the tenant.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The time zone; none if it is UTC.
    fn zone(&self) -> Option<&TimeZone> {
        Some(&self.time_zone).filter(|zone| **zone != TimeZone::UTC)
    }

    /// What the tenant has beyond the schema, as far as it was read.
    #[must_use]
    pub fn discovered_schema(&self) -> Arc<DiscoveredSchema> {
        self.resolver.discovered_schema()
    }

    /// Reads the names of an entity's UDFs, and once more if what is asked for is not in a list read earlier.
    pub async fn read_udfs(&self, entity: Entity, is_found: &(dyn Fn() -> bool + Send + Sync)) {
        let check = |_: &TenantFields| match is_found() {
            true => Ok(()),
            false => Err(Error::unknown_field("A name is unknown.")),
        };
        // What cannot be read leaves the name unknown.
        let _ = self.resolver.check_fields((entity, FieldList::Udfs), check).await;
    }

    /// Carries out a plan; a write only if it is confirmed.
    ///
    /// # Errors
    /// What the confirmation, Autotask or the network rejected.
    pub async fn execute(&self, call: CallContext<'_>, plan: Plan) -> Result<Outcome, Error> {
        match plan {
            Plan::Answered(value) => Ok(Outcome::Value(value)),
            Plan::Read(Read::Search(search)) => self.search(call, search).await.map(Outcome::Page),
            Plan::Read(Read::Count(count)) => self.count(call, &count).await.map(Outcome::Value),
            Plan::Read(Read::Get(get)) => self.get(call, get).await.map(file::with_content),
            Plan::Read(Read::Describe(describe)) => {
                self.describe(&describe).await.map(Outcome::Value)
            }
            Plan::Read(Read::Service(path)) => {
                self.client.read(&Request::get(path)).await.map(Outcome::Value)
            }
            Plan::Write(write) => self.write(call, write).await.map(Outcome::Value),
        }
    }
}
