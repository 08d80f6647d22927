//! The files of `schema/` and the metadata of a tenant: JSON of entities and pages, and TOML of declarations.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use autotask_codegen::{
    Declarations, argument_names, display_names, prompts, render, reports, terms, tools,
};
use autotask_schema::drift::drift;
use autotask_schema::merge::{Baseline, merge};
use autotask_schema::overlay;
use autotask_schema::schema::{Entity, Schema};
use autotask_schema::swagger::Swagger;
use autotask_schema::tenant_metadata::{MetadataPage, TenantMetadata, without_tenant_data};
use serde_json::Value;

/// The entities that the corpus needs.
const ENTITIES: [&str; 3] = ["Companies", "Contacts", "Tickets"];

/// A file is rejected or accepted; an accepted one can be rendered, or survives serialization.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match serde_json::from_str::<Value>(text) {
        Ok(document) => check_json(text, &document),
        Err(_) => check_toml(text),
    }
}

fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let mut schema = Schema::from_json(autotask_schema::built_in()).expect("the schema");
        schema.entities.retain(|name, _| ENTITIES.contains(&name.as_str()));
        let fields = schema.entities.values_mut().flat_map(|entity| &mut entity.fields);
        fields.for_each(|field| field.reference_entity_type = None);
        schema
    })
}

fn check_json(text: &str, document: &Value) {
    if let Ok(entity) = serde_json::from_str::<Entity>(text) {
        let canonical = entity.canonical_text().expect("text");
        assert_eq!(serde_json::from_str::<Entity>(&canonical).expect("an entity"), entity);
    }
    if let Ok(schema) = Schema::from_json(text) {
        let written = schema.to_json().expect("text");
        assert_eq!(Schema::from_json(&written).expect("a schema"), schema);
    }
    check_tenant(document);
}

/// Merging the document, as Swagger and as each page of each entity, is idempotent.
fn check_tenant(document: &Value) {
    let (swagger, page) = match document.get("swagger").zip(document.get("page")) {
        Some((swagger, page)) => (swagger.clone(), page.clone()),
        None => (document.clone(), document.clone()),
    };
    let Ok(listed) = Swagger::parse(&swagger) else { return };
    let pages =
        MetadataPage::list(&listed).map(|name| (name, Ok(without_tenant_data(page.clone()))));
    let metadata = TenantMetadata { swagger, pages: pages.collect() };
    let merged = |stored: &Schema| merge(Baseline { stored, corrected: stored }, &metadata);
    let Ok(once) = merged(schema()) else { return };
    let twice = merged(&once.schema).expect("a second merge succeeds");
    let changes = drift(&once.schema, &twice.schema);
    assert!(changes.is_empty(), "a second merge changes {}", changes.len());
}

fn check_toml(text: &str) {
    let mut corrected = schema().clone();
    overlay::apply(&mut corrected, text).ok();
    let names = display_names::read(text, schema()).ok();
    let terms = terms::read(text, schema()).ok();
    let tools = tools::read(text, schema()).ok();
    if let Some(tools) = &tools {
        prompts::read(text, tools).ok();
        reports::read(text, tools).ok();
        argument_names::read(text, tools, schema()).ok();
    }
    if names.is_none() && terms.is_none() && tools.is_none() {
        return;
    }
    let declared = Declarations {
        schema: schema().clone(),
        names: names.unwrap_or_else(|| default_names().clone()),
        calendar_days: [].into(),
        terms: terms.unwrap_or_default(),
        tools: tools.unwrap_or_default(),
        argument_names: Vec::new(),
        prompts: Vec::new(),
        reports: Vec::new(),
    };
    // A name such as `self` is rejected only here.
    render(&declared).ok();
}

fn default_names() -> &'static BTreeMap<String, display_names::Names> {
    static NAMES: OnceLock<BTreeMap<String, display_names::Names>> = OnceLock::new();
    NAMES.get_or_init(|| display_names::read("", schema()).expect("names by rule"))
}
