//! `autotask://` URIs: each stands for a call of a reading tool.

use serde_json::json;

use crate::schema::Entity;
use crate::tools::{Arguments, Tool};

/// How many records a list resource holds.
const RECORDS: u16 = 50;

/// A resource that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uri {
    Threshold,
    List(Collection),
    Record(Collection, i64),
    Schema(Entity),
}

/// The collections that resources show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    Companies,
    Tickets,
    Contacts,
}

/// How clients see a resource or a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing {
    pub uri: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    pub about: &'static str,
}

/// The resources that have a URI of their own.
pub const RESOURCES: [Listing; 4] = [
    Listing {
        uri: "autotask://threshold",
        name: "threshold",
        title: "API threshold",
        about: "Requests used and allowed this hour.",
    },
    Listing {
        uri: "autotask://companies",
        name: "companies",
        title: "Companies",
        about: "The first 50 companies.",
    },
    Listing {
        uri: "autotask://tickets",
        name: "tickets",
        title: "Open tickets",
        about: "The first 50 open tickets.",
    },
    Listing {
        uri: "autotask://contacts",
        name: "contacts",
        title: "Contacts",
        about: "The first 50 active contacts.",
    },
];

/// The URIs with a blank to fill.
pub const TEMPLATES: [Listing; 4] = [
    Listing {
        uri: "autotask://companies/{id}",
        name: "company",
        title: "Company by id",
        about: "One company.",
    },
    Listing {
        uri: "autotask://tickets/{id}",
        name: "ticket",
        title: "Ticket by id",
        about: "One ticket with its description.",
    },
    Listing {
        uri: "autotask://contacts/{id}",
        name: "contact",
        title: "Contact by id",
        about: "One contact.",
    },
    Listing {
        uri: "autotask://schema/{entity}",
        name: "schema",
        title: "Fields of an entity",
        about: "Fields, types, picklists and UDFs.",
    },
];

impl Listing {
    /// The tool that reads it.
    #[must_use]
    pub fn tool(&self) -> Option<Tool> {
        let example = self.uri.replace("{id}", "1").replace("{entity}", "Tickets");
        Uri::read(&example).map(|uri| uri.as_call().0)
    }
}

impl Collection {
    const ALL: [Self; 3] = [Self::Companies, Self::Tickets, Self::Contacts];

    fn segment(self) -> &'static str {
        match self {
            Self::Companies => "companies",
            Self::Tickets => "tickets",
            Self::Contacts => "contacts",
        }
    }

    fn find(segment: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|collection| collection.segment() == segment)
    }

    fn listed(self) -> (Tool, serde_json::Value) {
        match self {
            Self::Companies => (Tool::SearchCompanies, json!({ "maxRecords": RECORDS })),
            Self::Tickets => (
                Tool::SearchTickets,
                json!({ "maxRecords": RECORDS, "openOnly": true }),
            ),
            Self::Contacts => (
                Tool::SearchContacts,
                json!({ "maxRecords": RECORDS, "isActive": true }),
            ),
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
            None => Collection::find(path).map(Self::List),
            Some(("schema", entity)) => Entity::find(entity).map(Self::Schema),
            Some((segment, id)) => Some(Self::Record(Collection::find(segment)?, digits(id)?)),
        }
    }

    /// The call that reads it.
    #[must_use]
    pub fn as_call(self) -> (Tool, Arguments) {
        let (tool, arguments) = match self {
            Self::Threshold => (Tool::GetThresholdInformation, json!({})),
            Self::List(collection) => collection.listed(),
            Self::Record(collection, id) => (collection.one(), json!({ "id": id })),
            Self::Schema(entity) => (
                Tool::DescribeEntityFields,
                json!({ "entity": entity.name() }),
            ),
        };
        let arguments = match arguments {
            serde_json::Value::Object(arguments) => arguments,
            _ => Arguments::new(),
        };
        (tool, arguments)
    }
}

fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}
