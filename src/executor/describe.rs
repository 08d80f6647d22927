//! What an entity is: its fields from the schema, picklists and UDFs from the live tenant.

mod fields;

use std::sync::Arc;

use serde_json::{Value, json};

use super::Executor;
use crate::catalog::tenant_fields::{TenantField, TenantFields};
use crate::catalog::{Entity, Field, UDFS};
use crate::error::{Code, Error};
use crate::filter::unknown_field;
use crate::plan::{Describe, DescribeScope};
use crate::resolver::FieldList;
use crate::tools::verbs;
use crate::value::coerce::join_first;

/// The most names that a warning lists.
const MAX_LISTED_FIELDS: usize = 10;

/// What the live tenant adds.
#[derive(Default)]
struct TenantView {
    fields: Arc<TenantFields>,
    udfs: Arc<TenantFields>,
    is_live: bool,
    warnings: Vec<String>,
}

impl Executor {
    /// The description; without credentials or network it comes from the schema and says so.
    pub(super) async fn describe(&self, describe: &Describe) -> Result<Value, Error> {
        let entity = describe.entity;
        let mut reported = self.tenant_view(entity).await?;
        let mut answer = entity_header(entity);
        answer["source"] = match reported.is_live {
            true => "live".into(),
            false => "schema".into(),
        };
        match &describe.field {
            Some(name) => describe_field((entity, name), &mut reported, &mut answer)?,
            None => describe_fields(describe, &mut reported, &mut answer),
        }
        if !reported.warnings.is_empty() {
            answer["warnings"] = json!(reported.warnings);
        }
        Ok(answer)
    }

    async fn tenant_view(&self, entity: Entity) -> Result<TenantView, Error> {
        let mut reported = TenantView::default();
        match self.resolver.tenant_fields(entity, FieldList::Fields).await {
            Ok(fields) => (reported.fields, reported.is_live) = (fields, true),
            Err(error) => {
                reported.warnings.push(offline(&error)?);
                return Ok(reported);
            }
        }
        match self.resolver.tenant_fields(entity, FieldList::Udfs).await {
            Ok(udfs) => reported.udfs = udfs,
            Err(error) => reported.warnings.push(format!(
                "The tenant's user-defined fields could not be read ({}).",
                error.code().name()
            )),
        }
        Ok(reported)
    }
}

/// The sentence about a response from the built-in schema; rejected credentials are an error.
fn offline(error: &Error) -> Result<String, Error> {
    match error.code() {
        Code::AuthFailed => Err(error.clone()),
        code => Ok(format!(
            "From the built-in schema, without picklist values and UDFs, because those of the tenant could not be read ({}).",
            code.name()
        )),
    }
}

fn entity_header(entity: Entity) -> Value {
    let mut heading =
        json!({ "entity": entity.name(), "singular": entity.singular(), "verbs": verbs(entity) });
    if let Some(child) = entity.as_child() {
        heading["parent"] = json!({ "entity": child.parent_name(), "childName": child.name, "idField": child.parent_field });
    }
    let children: Vec<_> = entity.children().map(|child| child.name).collect();
    if !children.is_empty() {
        heading["children"] = children.into();
    }
    heading
}

fn describe_fields(describe: &Describe, reported: &mut TenantView, answer: &mut Value) {
    if describe.scope != DescribeScope::Udfs {
        answer["fields"] = fields(describe, reported).into();
    }
    if matches!(describe.scope, DescribeScope::Udfs | DescribeScope::All) {
        answer[UDFS] = reported.udfs.iter().map(fields::udf).collect();
    }
}

fn fields(describe: &Describe, reported: &mut TenantView) -> Vec<Value> {
    let entity = describe.entity;
    let known = entity.fields().iter();
    let known = known.filter(|field| in_scope(field, describe.scope));
    let mut rows: Vec<_> =
        known.map(|field| fields::schema_field(field, &reported.fields)).collect();
    let beyond = reported.fields.not_in_schema(entity);
    let beyond: Vec<_> =
        beyond.filter(|live| in_scope(&live.as_field(), describe.scope)).cloned().collect();
    rows.extend(beyond.iter().map(fields::tenant_only_field));
    reported.warnings.extend(new_fields_warning(&beyond));
    rows
}

/// One field by name: of the schema, of the tenant alone, or a UDF.
fn describe_field(
    (entity, name): (Entity, &str),
    reported: &mut TenantView,
    answer: &mut Value,
) -> Result<(), Error> {
    let (known, new) = (entity.field(name), reported.fields.find(name).cloned());
    if let Some(field) = known {
        answer["fields"] = json!([fields::schema_field(field, &reported.fields)]);
    } else if let Some(new) = new {
        answer["fields"] = json!([fields::tenant_only_field(&new)]);
        reported.warnings.extend(new_fields_warning(&[new]));
    } else {
        let udf = reported.udfs.find(name);
        let udf = udf.ok_or_else(|| unknown_field(entity, name))?;
        answer[UDFS] = json!([fields::udf(udf)]);
    }
    Ok(())
}

fn in_scope(field: &Field, scope: DescribeScope) -> bool {
    match scope {
        DescribeScope::Required => field.required.is_yes(),
        DescribeScope::Writable => {
            !field.read_only.is_yes() || (field.required.is_yes() && field.name != "id")
        }
        DescribeScope::Picklists => field.picklist.is_yes(),
        DescribeScope::Udfs => false,
        DescribeScope::All => true,
    }
}

fn new_fields_warning(unknown: &[TenantField]) -> Option<String> {
    let names: Vec<_> = unknown.iter().map(|live| live.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        let names = join_first(&names, ", ", MAX_LISTED_FIELDS);
        format!("The built-in schema does not know {names} yet: cargo xtask refresh-schema brings it up to date.")
    })
}
