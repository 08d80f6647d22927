//! Links to Autotask's own page of a record.

use serde_json::Value;

use crate::catalog::Entity;
use crate::error::Error;
use crate::executor::Outcome;
use crate::plan::{Plan, Read};

/// The page of the records of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLink {
    path: &'static str,
    /// The id of the record, if the plan names one.
    id: Option<i64>,
}

impl PageLink {
    /// The page for a plan; none if no page is known for that kind of record.
    pub fn of(plan: &Plan) -> Option<Self> {
        let (entity, id) = match plan {
            Plan::Read(Read::Search(search)) => (search.address.entity, None),
            Plan::Read(Read::Get(get)) => (get.address.entity, None),
            Plan::Write(write) => (write.entity, write.id()),
            Plan::Answered(_) | Plan::Read(_) => return None,
        };
        Some(Self { path: path(entity)?, id })
    }

    /// Adds the link to a write's response or preview, or returns it for rendering with a page or record.
    pub fn add_to(self, web_url: &str, result: &mut Result<Outcome, Error>) -> Option<String> {
        let template = format!("{web_url}{}", self.path);
        let with_id = |id: i64| template.replace("{id}", &id.to_string());
        match result {
            Ok(Outcome::Page(page)) => (!page.items.is_empty()).then_some(template),
            Ok(Outcome::Record(view) | Outcome::File(view, _)) => {
                view.item.get("id").and_then(Value::as_i64).map(with_id)
            }
            Ok(Outcome::Value(Value::Object(members))) => {
                let id = members.get("itemId").and_then(Value::as_i64)?;
                members.entry("link").or_insert_with(|| with_id(id).into());
                None
            }
            Ok(Outcome::Value(_)) => None,
            Err(error) => {
                let id = self.id.or_else(|| error.previewed_id())?;
                error.add_to_preview("link", with_id(id).into());
                None
            }
        }
    }
}

/// The path of the page below the zone's web address, with `{id}`.
fn path(entity: Entity) -> Option<&'static str> {
    match entity {
        Entity::Tickets => Some("Mvc/ServiceDesk/TicketDetail.mvc?TicketId={id}"),
        _ => None,
    }
}
