//! `autotask://` URIs; each is read by a call of a read-only tool.

pub mod views;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::access::Access;
use crate::access::suggest::unknown_name;
use crate::catalog::{DataType, Entity};
use crate::completion::{CompletionTarget, MAX_PREFIX_CHARS};
use crate::text::sanitize;
use crate::tools::{Arguments, Tool};

/// Records in a list resource.
const RECORDS_PER_RESOURCE: u16 = 50;

/// A resource that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uri {
    Threshold,
    List(ResourceKind),
    /// With an id, or another key that the tool accepts.
    Record(ResourceKind, String),
    Schema(Entity),
    /// The file of an attachment.
    Attachment(Entity, String),
}

/// The kinds of records that have resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    Companies,
    Tickets,
    Contacts,
}

/// A resource or template, as clients list it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceDef {
    pub uri: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
}

/// The resources with a fixed URI.
pub const RESOURCES: [ResourceDef; 4] = [
    ResourceDef {
        uri: "autotask://threshold",
        name: "threshold",
        title: "API threshold",
        description: "API requests used and allowed in the past hour.",
    },
    ResourceDef {
        uri: "autotask://companies",
        name: "companies",
        title: "Companies",
        description: "The first 50 companies.",
    },
    ResourceDef {
        uri: "autotask://tickets",
        name: "tickets",
        title: "Open tickets",
        description: "The 50 oldest open tickets.",
    },
    ResourceDef {
        uri: "autotask://contacts",
        name: "contacts",
        title: "Contacts",
        description: "The first 50 active contacts.",
    },
];

/// The URI templates.
pub const TEMPLATES: [ResourceDef; 5] = [
    ResourceDef {
        uri: "autotask://companies/{id}",
        name: "company",
        title: "Company",
        description: "One company, by id or name.",
    },
    ResourceDef {
        uri: "autotask://tickets/{id}",
        name: "ticket",
        title: "Ticket",
        description: "One ticket with its description, by id or number.",
    },
    ResourceDef {
        uri: "autotask://contacts/{id}",
        name: "contact",
        title: "Contact",
        description: "One contact, by id.",
    },
    ResourceDef {
        uri: "autotask://schema/{entity}",
        name: "schema",
        title: "Fields of an entity",
        description: "Fields, types, picklists and UDFs.",
    },
    ResourceDef {
        uri: "autotask://attachments/{entity}/{id}",
        name: "attachment",
        title: "Attachment",
        description: "The file of an attachment, such as autotask://attachments/TicketAttachments/640.",
    },
];

impl ResourceDef {
    /// The tool that reads it.
    #[must_use]
    pub fn tool(&self) -> Option<Tool> {
        let entity = if self.is_json() { "Tickets" } else { "TicketAttachments" };
        let example = self.uri.replace("{id}", "1").replace("{entity}", entity);
        Uri::parse(&example).map(|uri| uri.tool_call().0)
    }

    /// Whether the caller may use the tool that reads it.
    #[must_use]
    pub fn is_available(&self, access: &Access) -> bool {
        self.tool().is_some_and(|tool| access.tools().contains(&tool))
    }

    /// Whether it is JSON; a file has its own type.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.name != "attachment"
    }

    /// The names of its arguments.
    fn arguments(&self) -> impl Iterator<Item = &'static str> {
        self.uri.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
    }

    /// The records that complete an argument, if any.
    #[must_use]
    pub fn completion_target(&self, argument: &str) -> Option<CompletionTarget> {
        match (argument, self.name) {
            ("entity", _) => Some(CompletionTarget::Entity),
            (_, "company") => Some(CompletionTarget::Company),
            (_, "ticket") => Some(CompletionTarget::Ticket),
            (_, "contact") => Some(CompletionTarget::Contact),
            _ => None,
        }
    }
}

impl ResourceKind {
    const ALL: [Self; 3] = [Self::Companies, Self::Tickets, Self::Contacts];

    fn segment(self) -> &'static str {
        match self {
            Self::Companies => "companies",
            Self::Tickets => "tickets",
            Self::Contacts => "contacts",
        }
    }

    fn find(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.segment() == segment)
    }

    fn list_call(self) -> (Tool, Value) {
        let count = RECORDS_PER_RESOURCE;
        match self {
            Self::Companies => (Tool::SearchCompanies, json!({ "maxRecords": count })),
            Self::Tickets => {
                (Tool::SearchTickets, json!({ "maxRecords": count, "openOnly": true }))
            }
            Self::Contacts => {
                (Tool::SearchContacts, json!({ "maxRecords": count, "isActive": true }))
            }
        }
    }

    fn get_tool(self) -> Tool {
        match self {
            Self::Companies => Tool::GetCompany,
            Self::Tickets => Tool::GetTicket,
            Self::Contacts => Tool::GetContact,
        }
    }
}

impl Uri {
    /// Parses a URI; none if it names no resource.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.strip_prefix("autotask://")?;
        match path.split_once('/') {
            None if path == "threshold" => Some(Self::Threshold),
            None => ResourceKind::find(path).map(Self::List),
            Some(("schema", entity)) => Entity::find(entity).map(Self::Schema),
            Some(("attachments", rest)) => {
                let (entity, id) = rest.split_once('/')?;
                let entity = Entity::find(entity).filter(|entity| has_file(*entity))?;
                Some(Self::Attachment(entity, record_key(id)?))
            }
            Some((segment, id)) => {
                let kind = ResourceKind::find(segment)?;
                Some(Self::Record(kind, record_key(id)?))
            }
        }
    }

    /// The call that reads it.
    #[must_use]
    pub fn tool_call(&self) -> (Tool, Arguments) {
        let (tool, arguments) = match self {
            Self::Threshold => (Tool::GetThresholdInformation, json!({})),
            Self::List(kind) => kind.list_call(),
            Self::Record(kind, id) => (kind.get_tool(), json!({ "id": id })),
            Self::Schema(entity) => {
                (Tool::DescribeEntityFields, json!({ "entity": entity.name() }))
            }
            Self::Attachment(entity, id) => {
                (Tool::GetEntity, json!({ "entity": entity.name(), "id": id }))
            }
        };
        let arguments = match arguments {
            Value::Object(arguments) => arguments,
            _ => Arguments::new(),
        };
        (tool, arguments)
    }
}

/// Whether records of an entity contain a file.
fn has_file(entity: Entity) -> bool {
    entity.fields().iter().any(|field| field.kind == DataType::Bytes)
}

/// The decoded segment after the slash; the tool decides whether it identifies a record.
fn record_key(text: &str) -> Option<String> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    let is_valid = !text.trim().is_empty()
        && !text.contains(char::is_control)
        && text.chars().count() <= MAX_PREFIX_CHARS;
    is_valid.then(|| text.into_owned())
}

/// The records that complete an argument of a template, if any.
///
/// # Errors
/// A message if the template or argument does not exist for this caller.
pub fn completion_target(
    access: &Access,
    uri: &str,
    argument: &str,
) -> Result<Option<CompletionTarget>, String> {
    let available = TEMPLATES.iter().filter(|template| template.is_available(access));
    let Some(template) = available.clone().find(|template| template.uri == uri) else {
        return Err(unknown_name("template", uri, available.map(|template| template.uri)));
    };
    if template.arguments().any(|name| name == argument) {
        return Ok(template.completion_target(argument));
    }
    let arguments: Vec<_> = template.arguments().collect();
    let shown = sanitize::short_word(argument);
    Err(format!("{uri} has no argument {shown}; its arguments: {}.", arguments.join(", ")))
}
