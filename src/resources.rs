//! `autotask://` URIs: each stands for a call of a reading tool.

use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::access::Access;
use crate::catalog::Entity;
use crate::completion::{CompletionTarget, MAX_PREFIX_CHARS};
use crate::text::sanitize;
use crate::tools::{Arguments, Tool};

/// How many records a list resource holds.
const RECORDS_PER_RESOURCE: u16 = 50;

/// A resource that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uri {
    Threshold,
    List(ResourceKind),
    /// The id, or what the tool that reads it takes besides.
    Record(ResourceKind, String),
    Schema(Entity),
}

/// The collections that resources show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    Companies,
    Tickets,
    Contacts,
}

/// How clients see a resource or a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceDef {
    pub uri: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    pub about: &'static str,
}

/// The resources that have a URI of their own.
pub const RESOURCES: [ResourceDef; 4] = [
    ResourceDef {
        uri: "autotask://threshold",
        name: "threshold",
        title: "API threshold",
        about: "Requests used and allowed this hour.",
    },
    ResourceDef {
        uri: "autotask://companies",
        name: "companies",
        title: "Companies",
        about: "The first 50 companies.",
    },
    ResourceDef {
        uri: "autotask://tickets",
        name: "tickets",
        title: "Open tickets",
        about: "The first 50 open tickets.",
    },
    ResourceDef {
        uri: "autotask://contacts",
        name: "contacts",
        title: "Contacts",
        about: "The first 50 active contacts.",
    },
];

/// The URIs with a blank to fill.
pub const TEMPLATES: [ResourceDef; 4] = [
    ResourceDef {
        uri: "autotask://companies/{id}",
        name: "company",
        title: "Company",
        about: "One company, by id or name.",
    },
    ResourceDef {
        uri: "autotask://tickets/{id}",
        name: "ticket",
        title: "Ticket",
        about: "One ticket with its description, by id or number.",
    },
    ResourceDef {
        uri: "autotask://contacts/{id}",
        name: "contact",
        title: "Contact",
        about: "One contact, by id.",
    },
    ResourceDef {
        uri: "autotask://schema/{entity}",
        name: "schema",
        title: "Fields of an entity",
        about: "Fields, types, picklists and UDFs.",
    },
];

impl ResourceDef {
    /// The tool that reads it.
    #[must_use]
    pub fn tool(&self) -> Option<Tool> {
        let example = self.uri.replace("{id}", "1").replace("{entity}", "Tickets");
        Uri::read(&example).map(|uri| uri.tool_call().0)
    }

    /// Whether the tool that reads it is open.
    #[must_use]
    pub fn is_available(&self, gate: &Access) -> bool {
        self.tool().is_some_and(|tool| gate.tools().contains(&tool))
    }

    /// The name of its blank, and what fills it.
    #[must_use]
    pub fn completion_target(&self) -> Option<(&'static str, CompletionTarget)> {
        let (path, name) = self.uri.strip_suffix('}')?.split_once("/{")?;
        let segment = path.rsplit('/').next()?;
        let blank = match ResourceKind::find(segment) {
            Some(collection) => collection.completion_target(),
            None => CompletionTarget::Entity,
        };
        Some((name, blank))
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
        Self::ALL.into_iter().find(|collection| collection.segment() == segment)
    }

    fn list_call(self) -> (Tool, serde_json::Value) {
        match self {
            Self::Companies => {
                (Tool::SearchCompanies, json!({ "maxRecords": RECORDS_PER_RESOURCE }))
            }
            Self::Tickets => (
                Tool::SearchTickets,
                json!({ "maxRecords": RECORDS_PER_RESOURCE, "openOnly": true }),
            ),
            Self::Contacts => (
                Tool::SearchContacts,
                json!({ "maxRecords": RECORDS_PER_RESOURCE, "isActive": true }),
            ),
        }
    }

    fn completion_target(self) -> CompletionTarget {
        match self {
            Self::Companies => CompletionTarget::Company,
            Self::Tickets => CompletionTarget::Ticket,
            Self::Contacts => CompletionTarget::Contact,
        }
    }

    fn one(self) -> Tool {
        match self {
            Self::Companies => Tool::GetCompany,
            Self::Tickets => Tool::GetTicket,
            Self::Contacts => Tool::GetContact,
        }
    }
}

impl Uri {
    /// Reads a URI; none where it names no resource.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let path = text.strip_prefix("autotask://")?;
        match path.split_once('/') {
            None if path == "threshold" => Some(Self::Threshold),
            None => ResourceKind::find(path).map(Self::List),
            Some(("schema", entity)) => Entity::find(entity).map(Self::Schema),
            Some((segment, id)) => {
                let collection = ResourceKind::find(segment)?;
                Some(Self::Record(collection, key(id)?))
            }
        }
    }

    /// The call that reads it.
    #[must_use]
    pub fn tool_call(&self) -> (Tool, Arguments) {
        let (tool, arguments) = match self {
            Self::Threshold => (Tool::GetThresholdInformation, json!({})),
            Self::List(collection) => collection.list_call(),
            Self::Record(collection, id) => (collection.one(), json!({ "id": id })),
            Self::Schema(entity) => {
                (Tool::DescribeEntityFields, json!({ "entity": entity.name() }))
            }
        };
        let arguments = match arguments {
            serde_json::Value::Object(arguments) => arguments,
            _ => Arguments::new(),
        };
        (tool, arguments)
    }
}

/// What stands behind the slash; whether it names a record, its tool says.
fn key(text: &str) -> Option<String> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    let is_key = !text.trim().is_empty()
        && !text.contains(char::is_control)
        && text.chars().count() <= MAX_PREFIX_CHARS;
    is_key.then(|| text.into_owned())
}

/// What fills the blank of a template.
///
/// # Errors
/// What to say of a template or argument that there is not behind this gate.
pub fn completion_target(
    gate: &Access,
    uri: &str,
    argument: &str,
) -> Result<CompletionTarget, String> {
    let open = TEMPLATES.iter().filter(|one| one.is_available(gate));
    let Some(template) = open.clone().find(|one| one.uri == uri) else {
        let known: Vec<_> = open.map(|one| one.uri).collect();
        let shown = sanitize::short_word(uri);
        return Err(match known.as_slice() {
            [] => format!("Unknown template: {shown}; none is offered here."),
            known => format!("Unknown template: {shown}; there are {}.", known.join(", ")),
        });
    };
    match template.completion_target() {
        Some((name, blank)) if name == argument => Ok(blank),
        taken => {
            let takes = taken.map_or("nothing", |(name, _)| name);
            let shown = sanitize::short_word(argument);
            Err(format!("{uri} has no argument {shown}; it takes {takes}."))
        }
    }
}
