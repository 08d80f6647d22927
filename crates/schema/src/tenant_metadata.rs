//! A tenant's metadata: its Swagger document and the metadata pages of its entities, without picklists.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::SchemaError;
use crate::swagger::Swagger;

/// Which metadata page of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PageKind {
    /// `entityInformation`: the rights.
    Rights,
    /// `entityInformation/fields`.
    Fields,
}

/// One metadata page of one entity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MetadataPage {
    pub entity: String,
    pub kind: PageKind,
}

/// The documents that a tenant returned, and the reason for each page that it did not return.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TenantMetadata {
    pub swagger: Value,
    pub pages: BTreeMap<MetadataPage, Result<Value, String>>,
}

/// How many of the metadata pages could be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    pub read: usize,
    pub total: usize,
}

impl PageKind {
    const ALL: [Self; 2] = [Self::Rights, Self::Fields];

    /// The kind in file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rights => "rights",
            Self::Fields => "fields",
        }
    }
}

impl MetadataPage {
    /// The path below `V1.0/`; children have these pages at the root, too.
    #[must_use]
    pub fn path(&self) -> String {
        match self.kind {
            PageKind::Rights => format!("{}/entityInformation", self.entity),
            PageKind::Fields => format!("{}/entityInformation/fields", self.entity),
        }
    }

    /// The pages of every entity that a Swagger document lists.
    pub fn list(swagger: &Swagger) -> impl Iterator<Item = Self> {
        swagger
            .entities
            .keys()
            .flat_map(|entity| PageKind::ALL.map(|kind| Self { entity: entity.clone(), kind }))
    }
}

impl TenantMetadata {
    /// A page, or the reason why it is missing.
    ///
    /// # Errors
    /// The reason why the page is missing.
    pub fn page(&self, entity: &str, kind: PageKind) -> Result<&Value, String> {
        let entity = entity.to_owned();
        match self.pages.get(&MetadataPage { entity, kind }) {
            Some(Ok(page)) => Ok(page),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err("it was not requested".to_owned()),
        }
    }

    /// Counts the pages with content.
    ///
    /// # Errors
    /// No page has content, so there is nothing to merge.
    pub fn coverage(&self, swagger: &Swagger) -> Result<Coverage, SchemaError> {
        let pages: Vec<_> = MetadataPage::list(swagger).collect();
        let read = pages.iter().filter(|page| self.has_content(page)).count();
        let total = pages.len();
        match read {
            0 => Err(SchemaError::new(format!(
                "none of {total} metadata pages could be read ({}); check zone and credentials with `autotask-mcp doctor`, \
                 grant the API user read access to its entities, then start again",
                self.first_reason()
            ))),
            _ => Ok(Coverage { read, total }),
        }
    }

    fn has_content(&self, page: &MetadataPage) -> bool {
        let body = self.page(&page.entity, page.kind);
        body.is_ok_and(|body| match page.kind {
            PageKind::Rights => body["info"].is_object(),
            PageKind::Fields => body["fields"].is_array(),
        })
    }

    fn first_reason(&self) -> &str {
        let mut reasons = self.pages.values().filter_map(|page| page.as_ref().err());
        reasons.next().map_or("they cannot be parsed", String::as_str)
    }
}

/// Follows a claim about the whole schema if only a part of it was read.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.read == self.total {
            true => Ok(()),
            false => write!(f, ", according to {} of {} pages", self.read, self.total),
        }
    }
}

/// The same page without the tenant's own labels and picklist values.
#[must_use]
pub fn without_tenant_data(mut page: Value) -> Value {
    let rows = page.get_mut("fields").and_then(Value::as_array_mut);
    for row in rows.into_iter().flatten().filter_map(Value::as_object_mut) {
        row.remove("picklistValues");
        row.remove("label");
    }
    page
}
