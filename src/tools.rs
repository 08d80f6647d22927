//! Which tools exist: find, list, read their arguments, plan.

pub mod arguments;
mod contacts;
mod filters;
mod generated;
mod generic_read;
mod list_entities;
pub use list_entities::verbs;
mod builders;
mod generic_write;
mod tickets;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::catalog::{DiscoveredSchema, Entity};
use crate::error::Error;
use crate::plan::Plan;
use crate::plan::address::Address;
use crate::policy::WritePolicy;
use crate::value::datetime::Calendar;
pub use arguments::{ArgumentDef, ArgumentType};
pub use generated::{Tool, token};

/// The arguments of a call, as they came or as they were read.
pub type Arguments = Map<String, Value>;

/// What planning may know besides the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanContext<'a> {
    /// What the caller may write.
    pub policy: &'a WritePolicy,
    /// The ticket statuses that count as closed.
    pub closed_status_ids: &'a [i64],
    /// The fields and UDFs of the tenant that the built-in schema does not contain.
    pub discovered: &'a DiscoveredSchema,
    /// What `today` is, and the time zone of dates and times without one.
    pub calendar: &'a Calendar,
}

impl PlanContext<'_> {
    /// The address that a caller's words name.
    fn address(
        &self,
        entity: &str,
        parent: Option<&str>,
        id: Option<i64>,
    ) -> Result<Address, Error> {
        Address::parse(entity, parent, id)
    }
}

/// Arguments that know what they come to.
trait IntoPlan: Sized {
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error>;
}

/// What a tool declares.
struct ToolDef {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    group: Group,
    does: Effect,
    /// None where the arguments name it.
    entity: Option<Entity>,
    token: Option<&'static str>,
    arguments: &'static [ArgumentDef],
    schema: &'static str,
}

/// What tools are about; `AUTOTASK_TOOLS` takes these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Generic,
    Tickets,
    Companies,
    Contacts,
    Projects,
    Time,
}

/// What a tool comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Read,
    Search,
    Get,
    Create,
    Update,
    Delete,
}

const fn definition(
    name: &'static str,
    (title, about): (&'static str, &'static str),
    (group, does, entity): (Group, Effect, Option<Entity>),
    token: Option<&'static str>,
    (arguments, schema): (&'static [ArgumentDef], &'static str),
) -> ToolDef {
    ToolDef { name, title, about, group, does, entity, token, arguments, schema }
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 6] =
        [Self::Generic, Self::Tickets, Self::Companies, Self::Contacts, Self::Projects, Self::Time];

    /// The word that `AUTOTASK_TOOLS` takes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Tickets => "tickets",
            Self::Companies => "companies",
            Self::Contacts => "contacts",
            Self::Projects => "projects",
            Self::Time => "time",
        }
    }
}

impl Effect {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_read_only(self) -> bool {
        matches!(self, Self::Read | Self::Search | Self::Get)
    }
}

impl Tool {
    fn definition(self) -> &'static ToolDef {
        &generated::DEFINITIONS[self as usize]
    }

    /// The tool of this exact name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// The name that clients call.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// A few words for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.definition().title
    }

    /// When to use it, and what it does not do.
    #[must_use]
    pub fn description(self) -> &'static str {
        self.definition().about
    }

    /// What it is about.
    #[must_use]
    pub fn group(self) -> Group {
        self.definition().group
    }

    /// What it comes to.
    #[must_use]
    pub fn does(self) -> Effect {
        self.definition().does
    }

    /// The entity of its records; none where the arguments name it.
    #[must_use]
    pub fn entity(self) -> Option<Entity> {
        self.definition().entity
    }

    /// The word that unlocks it, if it writes.
    #[must_use]
    pub fn token(self) -> Option<&'static str> {
        self.definition().token
    }

    /// Its arguments, in the order of their declaration.
    #[must_use]
    pub fn arguments(self) -> &'static [ArgumentDef] {
        self.definition().arguments
    }

    /// The JSON Schema of its arguments, as text.
    #[must_use]
    pub fn input_schema(self) -> &'static str {
        self.definition().schema
    }

    /// Reads the arguments and comes to a plan; nothing is sent.
    ///
    /// # Errors
    /// Names the argument that is unknown, missing or does not read, or what the schema refuses.
    pub fn plan(self, mut arguments: Arguments, situation: &PlanContext) -> Result<Plan, Error> {
        let warning = arguments::sanitize::sanitize(self, &mut arguments);
        let plan = self.dispatch(arguments::read(self, arguments)?, situation)?;
        Ok(warning.into_iter().fold(plan, Plan::with_warning))
    }
}

fn parse_and_plan<T: DeserializeOwned + IntoPlan>(
    arguments: Arguments,
    situation: &PlanContext,
) -> Result<Plan, Error> {
    let read: T = serde_json::from_value(Value::Object(arguments)).map_err(|e| {
        Error::internal(format!("The read arguments do not fit their struct: {e}."))
    })?;
    read.plan(situation)
}
