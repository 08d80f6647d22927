//! What a tenant that was altered says about itself.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value, json};

use crate::catalog::Entity;

use super::path::Info;
use super::reply::{self, Refusal};
use super::swagger::{self, Paths};
use super::{State, door, metadata};

const SWAGGER: &str = "swagger/docs/v1";

/// The pages; entities and addresses in small letters, as requests may write them in any.
pub(super) struct Pages {
    pub(super) paths: Paths,
    pub(super) definitions: Map<String, Value>,
    pub(super) rights: BTreeMap<String, Value>,
    pub(super) fields: BTreeMap<String, Vec<Value>>,
    pub(super) denied: Vec<String>,
    pub(super) cut: Vec<String>,
    pub(super) hidden: Vec<String>,
}

/// The answer of an altered tenant to a question about itself; none to any other request.
pub(super) fn answer(
    state: &mut State,
    request: &Request<Bytes>,
) -> Option<Result<Vec<u8>, Refusal>> {
    let path = request.uri().path().to_ascii_lowercase();
    let (_, address) = path.split_once("/atservicesrest/")?;
    let pages = state.pages.as_ref()?;
    if address == SWAGGER {
        let document = swagger::document(&pages.paths, &pages.definitions);
        return Some(Ok(pages.told(address, &document)));
    }
    let page = address.strip_prefix("v1.0/")?;
    let (entity, info) = match page.split('/').collect::<Vec<_>>().as_slice() {
        [entity, "entityinformation"] => (*entity, Info::Summary),
        [entity, "entityinformation", "fields"] => (*entity, Info::Fields),
        _ => return None,
    };
    let admitted = door::admit(&mut state.account, request);
    state.requests += u64::from(admitted.is_ok());
    Some(admitted.and_then(|()| pages.page(page, entity, info)))
}

impl Pages {
    /// The pages of a tenant as the schema has it.
    pub(super) fn of_schema() -> Self {
        let key = |entity: Entity| entity.name().to_ascii_lowercase();
        let rights = |entity| (key(entity), metadata::page(entity, Info::Summary));
        let fields = |entity| (key(entity), metadata::rows(entity));
        Self {
            paths: swagger::paths(),
            definitions: swagger::definitions(),
            rights: Entity::ALL.into_iter().map(rights).collect(),
            fields: Entity::ALL.into_iter().map(fields).collect(),
            denied: Vec::new(),
            cut: Vec::new(),
            hidden: Vec::new(),
        }
    }

    fn page(&self, address: &str, entity: &str, info: Info) -> Result<Vec<u8>, Refusal> {
        let is = |known: &String| known == entity;
        if self.denied.iter().any(is) {
            return Err(door::no_permission("query"));
        }
        let page = match info {
            Info::Summary => self.rights.get(entity).cloned(),
            _ => self.fields.get(entity).map(|rows| json!({ "fields": rows })),
        };
        let page = page.filter(|_| !self.hidden.iter().any(|hidden| hidden == address));
        Ok(self.told(address, &page.ok_or(Refusal::NoRoute)?))
    }

    fn told(&self, address: &str, page: &Value) -> Vec<u8> {
        let mut body = reply::bytes(page);
        if self.cut.iter().any(|cut| cut == address) {
            body.truncate(body.len() / 2);
        }
        body
    }
}
