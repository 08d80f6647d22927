//! Acts on plans: the only room that asks Autotask and waits for it.

pub mod begun;
mod besides;
mod codes;
mod count;
mod describe;
mod difference;
mod doubt;
mod get;
mod kept;
mod labels;
mod leave;
mod legend;
mod meant;
mod meet;
mod metadata;
mod names;
mod preflight;
mod preview;
mod readback;
mod recent;
mod search;
mod settle;
mod texts;
mod together;
mod trim;
mod used;
mod write;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::address::Address;
use crate::audit::AuditAttempt;
use crate::caller::{Caller, Line};
use crate::client::Client;
use crate::config::Config;
use crate::error::Error;
use crate::filter::Clause;
use crate::names::{Labels, Resolved};
use crate::plan::{Plan, Read, Shown};
use crate::request::Request;
use crate::schema::Learnt;
use crate::tools::Tool;
use begun::Beginnings;
use codes::Codes;
use meant::Meant;
use metadata::Metadata;
use names::Names;
use recent::Recent;

/// A record as Autotask sends it.
pub type Fields = Map<String, Value>;

/// What a plan came to; `answer` puts it into words.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Said as it is.
    Known(Value),
    Page(Page),
    One(One),
}

impl Outcome {
    /// Adds a warning for whoever reads it.
    pub fn warn(&mut self, warning: String) {
        match self {
            Self::Page(page) => page.warnings.push(warning),
            Self::One(one) => one.warnings.push(warning),
            Self::Known(Value::Object(fields)) => {
                let warnings = fields.entry("warnings").or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(warnings) = warnings {
                    warnings.push(warning.into());
                }
            }
            Self::Known(_) => {}
        }
    }
}

/// Records in order of id, and where they came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub at: Address,
    pub clauses: Vec<Clause>,
    pub items: Vec<Fields>,
    /// Whether more records match.
    pub more: bool,
    pub shown: Shown,
    /// What was asked, where the answer repeats it.
    pub filter: Option<Value>,
    pub labels: Labels,
    pub resolved: Resolved,
    pub warnings: Vec<String>,
}

/// One record, and lists that belong to it.
#[derive(Debug, Clone, PartialEq)]
pub struct One {
    pub item: Fields,
    pub shown: Shown,
    pub labels: Labels,
    pub lists: Vec<List>,
    pub resolved: Resolved,
    pub warnings: Vec<String>,
}

/// A list that belongs to a record.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    pub name: &'static str,
    pub records: Vec<Fields>,
    pub labels: Labels,
}

/// Whose plan is performed, and how to reach them.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    pub tool: Tool,
    pub caller: &'a Caller,
    pub line: &'a dyn Line,
    /// The word that unlocks a write, as given.
    pub confirm: Option<&'a str>,
    /// Where a write is noted.
    pub attempt: &'a AuditAttempt,
}

/// The hands: a client of one tenant.
pub struct Performer {
    client: Client,
    recent: Recent,
    metadata: Metadata,
    names: Names,
    meant: Meant,
    beginnings: Beginnings,
    codes: Codes,
    /// The resource in whose name writes are made.
    impersonation: Option<i64>,
    /// The largest answer, in characters.
    room: usize,
}

impl Performer {
    /// Hands that reach a tenant through this client.
    #[must_use]
    pub fn new(config: &Config, client: Client) -> Self {
        Self {
            recent: Recent::new(client.shared().cloned()),
            metadata: Metadata::default(),
            names: Names::default(),
            meant: Meant::default(),
            beginnings: Beginnings::default(),
            codes: Codes::new(config, client.shared().cloned()),
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
    pub fn learnt(&self) -> Arc<Learnt> {
        self.metadata.learnt()
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
    pub async fn perform(&self, call: Call<'_>, plan: Plan) -> Result<Outcome, Error> {
        match plan {
            Plan::Known(value) => Ok(Outcome::Known(value)),
            Plan::Read(Read::Search(search)) => self.search(search).await.map(Outcome::Page),
            Plan::Read(Read::Count(count)) => {
                self.count(&count, call.line).await.map(Outcome::Known)
            }
            Plan::Read(Read::Get(get)) => self.get(get).await.map(Outcome::One),
            Plan::Read(Read::Describe(describe)) => {
                self.describe(&describe).await.map(Outcome::Known)
            }
            Plan::Read(Read::Meet(meet)) => self.meet(meet).await.map(Outcome::Known),
            Plan::Read(Read::Service(path)) => {
                self.read(&Request::get(path)).await.map(Outcome::Known)
            }
            Plan::Write(write) => self.write(call, write).await.map(Outcome::Known),
        }
    }
}
