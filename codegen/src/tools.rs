//! `tools.toml`: read, and checked against the entities; a misspelling is refused with the nearest name.

use std::collections::BTreeMap;

use serde::Deserialize;

use autotask_schema::SchemaError;
use autotask_schema::schema::{Entity, Schema};

use crate::argument_type::ArgumentType;

/// One tool, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    pub name: String,
    pub group: String,
    pub does: Effect,
    pub entity: Option<String>,
    pub title: String,
    pub about: String,
    pub by_hand: bool,
    /// The fields shown when none are asked for.
    pub shows: Vec<String>,
    pub inputs: Vec<Input>,
}

/// What a tool comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    Read,
    Search,
    Get,
    Create,
    Update,
    Delete,
}

/// One argument of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    pub name: String,
    /// The entity's field it fills or compares.
    pub field: Option<String>,
    pub op: Op,
    pub kind: ArgumentType,
    pub required: bool,
    pub help: String,
    pub options: Vec<String>,
}

/// How a search compares an argument with its field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Op {
    #[default]
    Eq,
    Contains,
    Gte,
    Lt,
    /// Up to and including a day.
    Through,
    Exist,
    NotExist,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    shared: BTreeMap<String, RawInput>,
    tool: Vec<RawTool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTool {
    name: String,
    group: String,
    does: Effect,
    entity: Option<String>,
    title: String,
    about: String,
    plan: Option<ByHand>,
    #[serde(default)]
    shows: Vec<String>,
    inputs: Vec<Listed>,
}

#[derive(Deserialize)]
enum ByHand {
    #[serde(rename = "by hand")]
    ByHand,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Listed {
    Shared(String),
    Own(RawInput),
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct RawInput {
    name: Option<String>,
    field: Option<String>,
    #[serde(default)]
    op: Op,
    #[serde(rename = "type")]
    kind: Option<ArgumentType>,
    #[serde(default)]
    required: bool,
    help: String,
    #[serde(default)]
    options: Vec<String>,
}

/// Every tool of the file, in its order.
///
/// # Errors
/// Names the tool, the argument and the nearest entity, field or shared argument.
pub fn read(text: &str, schema: &Schema) -> Result<Vec<Tool>, SchemaError> {
    let file: File =
        toml::from_str(text).map_err(|e| SchemaError::new(e.to_string()).context("tools.toml"))?;
    let checked = |raw: &RawTool| {
        let place = format!("tools.toml: {}", raw.name);
        tool(raw, &file.shared, schema).map_err(|p| p.context(&place))
    };
    file.tool.iter().map(checked).collect()
}

fn tool(
    raw: &RawTool,
    shared: &BTreeMap<String, RawInput>,
    schema: &Schema,
) -> Result<Tool, SchemaError> {
    let entity = raw.entity.as_deref().map(|name| schema.entity(name)).transpose()?;
    for shown in &raw.shows {
        check_field(entity, shown)?;
    }
    let input = |listed| input(listed, shared, entity);
    let inputs: Result<Vec<_>, _> = raw.inputs.iter().map(input).collect();
    Ok(Tool {
        name: raw.name.clone(),
        group: raw.group.clone(),
        does: raw.does,
        entity: raw.entity.clone(),
        title: raw.title.clone(),
        about: raw.about.clone(),
        by_hand: raw.plan.is_some(),
        shows: raw.shows.clone(),
        inputs: inputs?,
    })
}

fn input(
    listed: &Listed,
    shared: &BTreeMap<String, RawInput>,
    entity: Option<&Entity>,
) -> Result<Input, SchemaError> {
    let (name, raw) = match listed {
        Listed::Own(raw) => (raw.name.clone().unwrap_or_default(), raw),
        Listed::Shared(name) => {
            let known = shared.keys().map(String::as_str);
            let raw = shared
                .get(name)
                .ok_or_else(|| SchemaError::unknown_name("shared argument", name, known))?;
            (name.clone(), raw)
        }
    };
    let place = format!("argument {name:?}");
    filled(name, raw, entity).map_err(|p| p.context(&place))
}

/// An argument with a type of its own and no field stands for no field of the entity.
fn filled(name: String, raw: &RawInput, entity: Option<&Entity>) -> Result<Input, SchemaError> {
    let field = match (&raw.field, raw.kind) {
        (Some(field), _) => Some(field.clone()),
        (None, None) => Some(name.clone()),
        (None, Some(_)) => entity.filter(|e| e.field(&name).is_ok()).map(|_| name.clone()),
    };
    let declared = field.as_deref().map(|field| check_field(entity, field)).transpose()?;
    let kind = raw.kind.or(declared.flatten()).unwrap_or(ArgumentType::Text);
    Ok(Input {
        name,
        field,
        op: raw.op,
        kind,
        required: raw.required,
        help: raw.help.clone(),
        options: raw.options.clone(),
    })
}

/// The argument type a field has by itself; UDFs travel as one object.
fn check_field(entity: Option<&Entity>, field: &str) -> Result<Option<ArgumentType>, SchemaError> {
    match entity {
        None if field == "userDefinedFields" => Ok(None),
        None => Err(SchemaError::new(format!("{field:?} needs a type: the tool has no entity"))),
        Some(entity) if field == "userDefinedFields" && entity.has_user_defined_fields => Ok(None),
        Some(entity) => Ok(Some(ArgumentType::of(entity.field(field)?))),
    }
}

impl Tool {
    /// The word that unlocks a write, such as `CREATE_TICKET`; none for a tool that reads.
    #[must_use]
    pub fn token(&self) -> Option<String> {
        let writes = matches!(self.does, Effect::Create | Effect::Update | Effect::Delete);
        writes.then(|| self.name.replace('-', "_").to_uppercase())
    }
}
