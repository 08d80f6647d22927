//! Acts on plans: the only room that asks Autotask and waits for it.

mod approval;
mod batch;
mod count;
mod describe;
mod diff;
mod discovery;
mod file;
mod get;
mod kept;
mod label_lookup;
mod metadata;
mod name_cache;
mod outcome_check;
pub mod prefix_search;
mod preflight;
mod preview;
mod preview_labels;
mod readback;
mod recent_creates;
mod record_names;
mod resolve;
mod search;
mod side_effects;
mod text_picklists;
mod trim;
mod write;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::access::caller::{Caller, ClientChannel};
use crate::audit::AuditAttempt;
use crate::catalog::{DiscoveredSchema, Entity};
use crate::client::Client;
use crate::client::request::Request;
use crate::config::Config;
use crate::confirm::codes::ConfirmationCodes;
use crate::error::Error;
use crate::filter::Condition;
use crate::plan::address::Address;
use crate::plan::{Plan, Projection, Read};
use crate::resolver::{Labels, Resolved};
use crate::tools::Tool;
pub use file::FileContent;
use metadata::Metadata;
use name_cache::NameCache;
use prefix_search::CompletionCache;
use recent_creates::RecentCreates;
use record_names::RecordNameCache;

/// A record as Autotask sends it.
pub type RecordFields = Map<String, Value>;

/// What a plan came to; `answer` puts it into words.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Said as it is.
    Value(Value),
    Page(Page),
    Record(RecordView),
    /// An attachment's record, and the content of its file.
    File(RecordView, FileContent),
}

impl Outcome {
    /// Adds a warning for whoever reads it.
    pub fn add_warning(&mut self, warning: String) {
        match self {
            Self::Page(page) => page.warnings.push(warning),
            Self::Record(one) | Self::File(one, _) => one.warnings.push(warning),
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

/// Records in order of id, and where they came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub at: Address,
    pub clauses: Vec<Condition>,
    pub items: Vec<RecordFields>,
    /// Whether more records match.
    pub more: bool,
    pub shown: Projection,
    /// What was asked, where the answer repeats it.
    pub filter: Option<Value>,
    pub labels: Labels,
    pub resolved: Resolved,
    pub warnings: Vec<String>,
}

/// One record, and lists that belong to it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordView {
    pub entity: Entity,
    pub item: RecordFields,
    pub shown: Projection,
    pub labels: Labels,
    pub lists: Vec<RelatedList>,
    pub resolved: Resolved,
    pub warnings: Vec<String>,
}

/// A list that belongs to a record.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedList {
    pub name: &'static str,
    pub entity: Entity,
    pub records: Vec<RecordFields>,
    pub labels: Labels,
}

/// Whose plan is performed, and how to reach them.
#[derive(Clone, Copy)]
pub struct CallContext<'a> {
    pub tool: Tool,
    pub caller: &'a Caller,
    pub line: &'a dyn ClientChannel,
    /// The word that unlocks a write, as given.
    pub confirm: Option<&'a str>,
    /// Where a write is noted.
    pub attempt: &'a AuditAttempt,
}

/// The hands: a client of one tenant.
pub struct Executor {
    client: Client,
    recent: RecentCreates,
    metadata: Metadata,
    names: RecordNameCache,
    meant: NameCache,
    beginnings: CompletionCache,
    codes: ConfirmationCodes,
    /// The resource in whose name writes are made.
    impersonation: Option<i64>,
    /// The largest answer, in characters.
    room: usize,
}

impl Executor {
    /// Hands that reach a tenant through this client.
    #[must_use]
    pub fn new(config: &Config, client: Client) -> Self {
        Self {
            recent: RecentCreates::new(client.shared().cloned()),
            metadata: Metadata::default(),
            names: RecordNameCache::default(),
            meant: NameCache::default(),
            beginnings: CompletionCache::default(),
            codes: ConfirmationCodes::new(config, client.shared().cloned()),
            impersonation: config.impersonation,
            room: config.max_answer_chars,
            client,
        }
    }

    /// The client itself.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What the tenant has told of beyond the schema.
    #[must_use]
    pub fn discovered_schema(&self) -> Arc<DiscoveredSchema> {
        self.metadata.discovered()
    }

    /// Sends a read, for what is no plan of a tool.
    ///
    /// # Errors
    /// What Autotask, the way there or the credentials refused.
    pub async fn read(&self, request: &Request) -> Result<Value, Error> {
        self.client.read(request).await
    }

    /// Does what a call's plan says; a write only with leave.
    ///
    /// # Errors
    /// What the gate, Autotask or the way there refused.
    pub async fn execute(&self, call: CallContext<'_>, plan: Plan) -> Result<Outcome, Error> {
        match plan {
            Plan::Answered(value) => Ok(Outcome::Value(value)),
            Plan::Read(Read::Search(search)) => self.search(search).await.map(Outcome::Page),
            Plan::Read(Read::Count(count)) => {
                self.count(&count, call.line).await.map(Outcome::Value)
            }
            Plan::Read(Read::Get(get)) => self.get(get).await.map(file::with_content),
            Plan::Read(Read::Describe(describe)) => {
                self.describe(&describe).await.map(Outcome::Value)
            }
            Plan::Read(Read::Discover(meet)) => self.discover(meet).await.map(Outcome::Value),
            Plan::Read(Read::Service(path)) => {
                self.read(&Request::get(path)).await.map(Outcome::Value)
            }
            Plan::Write(write) => self.write(call, write).await.map(Outcome::Value),
        }
    }
}
