//! The tools, and how a call with its arguments becomes a plan.

pub mod argument_def;
mod argument_names;
mod arguments;
mod builders;
mod filters;
mod generated;
mod generic_read;
mod generic_write;
mod group_by;
mod list_entities;
mod tickets;
pub use list_entities::verbs;

use serde_json::{Map, Value};

use crate::catalog::terms;
use crate::catalog::{DiscoveredSchema, Entity};
use crate::config::write_policy::WritePolicy;
use crate::error::{Code, Error};
use crate::filter::FilterContext;
use crate::plan::address::{Address, ParentRef, child_of};
use crate::plan::{Plan, Read};
use crate::value::datetime::Calendar;
pub use argument_def::{ArgumentDef, ArgumentType};
use arguments::CallArguments;
pub use arguments::sanitize::sanitize;
pub use generated::{Tool, View, token};

/// The arguments of a call, by name.
pub type Arguments = Map<String, Value>;

/// The input of planning apart from the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanContext<'a> {
    /// What the caller may write.
    pub policy: &'a WritePolicy,
    /// The ticket statuses that count as closed.
    pub closed_status_ids: &'a [i64],
    /// The fields and UDFs of the tenant that the built-in schema does not contain.
    pub discovered: &'a DiscoveredSchema,
    /// Today's date, and the time zone of dates and times without one.
    pub calendar: &'a Calendar,
}

impl<'a> PlanContext<'a> {
    /// The context that parsing a filter needs.
    #[must_use]
    pub fn filter_context(&self) -> FilterContext<'a> {
        FilterContext { discovered: self.discovered, calendar: self.calendar }
    }
}

/// The declaration of a tool.
struct ToolDef {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    group: Group,
    effect: Effect,
    /// None if the arguments name it.
    entity: Option<Entity>,
    token: Option<&'static str>,
    view: Option<View>,
    arguments: &'static [ArgumentDef],
    /// The fields shown when the caller names none.
    shows: &'static [&'static str],
    schema: &'static str,
}

/// What tools are about; `AUTOTASK_TOOLS` accepts these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Generic,
    Tickets,
    Companies,
    Contacts,
    Projects,
    Time,
}

/// What a tool does.
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
    (title, description): (&'static str, &'static str),
    (group, effect, entity): (Group, Effect, Option<Entity>),
    (token, view): (Option<&'static str>, Option<View>),
    (arguments, shows, schema): (&'static [ArgumentDef], &'static [&'static str], &'static str),
) -> ToolDef {
    ToolDef {
        name,
        title,
        description,
        group,
        effect,
        entity,
        token,
        view,
        arguments,
        shows,
        schema,
    }
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 6] =
        [Self::Generic, Self::Tickets, Self::Companies, Self::Contacts, Self::Projects, Self::Time];

    /// The name that `AUTOTASK_TOOLS` accepts.
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

    /// A short title for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.definition().title
    }

    /// The description for clients: when to use the tool, and what it does not do.
    #[must_use]
    pub fn description(self) -> &'static str {
        self.definition().description
    }

    /// The group of the tool.
    #[must_use]
    pub fn group(self) -> Group {
        self.definition().group
    }

    /// The effect of the tool.
    #[must_use]
    pub fn effect(self) -> Effect {
        self.definition().effect
    }

    /// The entity of its records; none if the arguments name it.
    #[must_use]
    pub fn entity(self) -> Option<Entity> {
        self.definition().entity
    }

    /// The token that confirms it, if it writes.
    #[must_use]
    pub fn token(self) -> Option<&'static str> {
        self.definition().token
    }

    /// The view of its results, in clients that render MCP Apps.
    #[must_use]
    pub fn view(self) -> Option<View> {
        self.definition().view
    }

    /// Its arguments, in the order of their declaration.
    #[must_use]
    pub fn arguments(self) -> &'static [ArgumentDef] {
        self.definition().arguments
    }

    /// The entity whose other fields it accepts as arguments, if any.
    #[must_use]
    pub fn accepts_fields_of(self) -> Option<Entity> {
        let is_open = matches!(self.effect(), Effect::Search | Effect::Create | Effect::Update);
        self.entity().filter(|_| is_open)
    }

    /// The fields shown if the caller names none.
    #[must_use]
    pub fn shows(self) -> &'static [&'static str] {
        self.definition().shows
    }

    /// The JSON Schema of its arguments, as text.
    #[must_use]
    pub fn input_schema(self) -> &'static str {
        self.definition().schema
    }

    /// Plans a call; nothing is sent.
    ///
    /// # Errors
    /// All unknown, missing or invalid arguments in one error, or that the schema or the settings forbid the call.
    pub fn plan(self, arguments: &Arguments, context: &PlanContext) -> Result<Plan, Error> {
        let parsed = arguments::parse(self, arguments, context.discovered);
        let problem = parsed.problem();
        let plan = match (self.dispatch(&parsed, context), problem) {
            (Ok(plan), None) => Ok(plan),
            (Ok(plan), Some(problem)) => plan.with_problem(problem),
            (Err(error), None) => Err(error),
            (Err(error), Some(problem)) if self.is_independent(&error) => Err(problem.and(&error)),
            (Err(_), Some(problem)) => Err(problem),
        };
        let plan = plan.map_err(|error| self.with_entity_call(error, arguments.clone()))?;
        Ok(plan.with_warnings(parsed.warnings()))
    }

    /// Whether an error would remain if no argument was missing or invalid.
    fn is_independent(self, error: &Error) -> bool {
        let code = error.code();
        self.effect() == Effect::Search || matches!(code, Code::BadFilter | Code::UnknownField)
    }

    /// The entity of a call with these arguments, if they name one.
    #[must_use]
    pub fn entity_of(self, arguments: &Arguments) -> Option<Entity> {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let parent = text("parentEntity");
        let address = || Address::parse(text("entity")?, parent, parent.map(|_| 0)).ok();
        self.entity().or_else(|| Some(address()?.entity))
    }

    fn dispatch(self, call: &CallArguments, context: &PlanContext) -> Result<Plan, Error> {
        match self {
            Self::ListKnownEntities => list_entities::plan(call),
            Self::DescribeEntityFields => generic_read::describe(call),
            Self::QueryEntity => generic_read::query(call, context),
            Self::CountEntity => generic_read::count(call, context),
            Self::GetEntity => generic_read::get(call, context),
            Self::GetThresholdInformation => Ok(Plan::Read(Read::Service("ThresholdInformation"))),
            Self::GetVersion => Ok(Plan::Read(Read::Service("Version"))),
            Self::CreateEntity => generic_write::create(call, context),
            Self::UpdateEntity => generic_write::update(call, context),
            Self::DeleteEntity => generic_write::delete(call, context),
            Self::SearchTickets => tickets::search(call, context),
            Self::SearchTimeEntries => builders::search_time_entries(call, context),
            Self::GetTicket => tickets::get(call, context),
            Self::CreateTicketNote => tickets::create_note(call, context),
            _ => self.dispatch_declared(call, context),
        }
    }

    /// The tools that their declaration describes completely.
    fn dispatch_declared(self, call: &CallArguments, context: &PlanContext) -> Result<Plan, Error> {
        let entity = self.entity().ok_or_else(|| Error::internal("The tool has no entity."))?;
        match self.effect() {
            Effect::Search => builders::search(call, context, call.conditions(context)),
            Effect::Get => builders::get(call, context),
            Effect::Create => {
                let writer = builders::WriteBuilder::for_entity(context, entity)?;
                let (record, warnings) = call.new_record(entity);
                Ok(writer.create(record, call.flag("allowDuplicate"))?.with_warnings(warnings))
            }
            Effect::Update => {
                let writer = builders::WriteBuilder::for_entity(context, entity)?;
                let targets = call.targets(entity)?;
                call.check_has_changes(entity)?;
                writer.update(targets, call.record())
            }
            Effect::Read | Effect::Delete => Err(Error::internal("The tool has no plan.")),
        }
    }

    /// If an unknown entity was renamed, adds the same call with its current name to the error.
    fn with_entity_call(self, error: Error, mut arguments: Arguments) -> Error {
        let is_unknown = error.code() == Code::UnknownEntity && self.entity().is_none();
        let name = arguments.get("entity").and_then(Value::as_str).filter(|_| is_unknown);
        let Some(entity) = name.and_then(terms::single_entity) else {
            return error;
        };
        arguments.insert("entity".to_owned(), entity.name().into());
        let call = Value::Object(arguments);
        error.accepts(entity.name()).next(format!("{} {call}", self.name()))
    }
}

/// The address that `entity`, `parentEntity` and `parentId` name, and the parent if it is given by name.
fn address(call: &CallArguments) -> Result<(Address, ParentRef), Error> {
    let entity = call.text("entity").unwrap_or_default();
    let (parent, key) = (call.text("parentEntity"), call.value("parentId"));
    let id = key.and_then(Value::as_i64);
    match (parent, key.and_then(Value::as_str)) {
        (Some(parent), Some(name)) => {
            let child = child_of(entity, parent)?;
            let address = Address::root(child.entity);
            Ok((address, ParentRef::named(child, name)?))
        }
        _ => Ok((Address::parse(entity, parent, id.or(key.map(|_| 0)))?, ParentRef::None)),
    }
}
