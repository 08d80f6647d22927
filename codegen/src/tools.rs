//! Parses `tools.toml`, and checks it against the entities; an unknown name is rejected with the closest known one.

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
    pub effect: Effect,
    pub entity: Option<String>,
    /// The view of its results in clients that render MCP Apps: a folder of `apps/`.
    pub view: Option<String>,
    pub title: String,
    pub description: String,
    /// The fields returned if the caller names none.
    pub shows: Vec<String>,
    pub inputs: Vec<Input>,
}

/// What a tool does with records.
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
    /// The entity's fields that it fills or compares.
    pub fields: Vec<String>,
    pub op: Op,
    pub kind: ArgumentType,
    pub required: bool,
    pub help: String,
    pub options: Vec<String>,
    /// Another accepted name.
    pub alias: Option<String>,
}

/// How a search compares an argument with its field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Op {
    #[default]
    Eq,
    /// A text in any of the fields.
    Contains,
    /// Each word of a name in any of the fields.
    Words,
    /// The digits of a phone number in any of the fields.
    Phone,
    Gte,
    Lte,
    Exist,
    NotExist,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolsFile {
    shared: BTreeMap<String, RawInput>,
    tool: Vec<RawTool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTool {
    name: String,
    group: String,
    effect: Effect,
    entity: Option<String>,
    view: Option<String>,
    title: String,
    description: String,
    #[serde(default)]
    shows: Vec<String>,
    inputs: Vec<InputEntry>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum InputEntry {
    Shared(String),
    Own(RawInput),
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct RawInput {
    name: Option<String>,
    field: Option<String>,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    op: Op,
    #[serde(rename = "type")]
    kind: Option<ArgumentType>,
    #[serde(default)]
    required: bool,
    help: String,
    #[serde(default)]
    options: Vec<String>,
    alias: Option<String>,
}

/// Parses the tools, in the order of the file.
///
/// # Errors
/// Names the tool, the argument and the closest entity, field or shared argument.
pub fn read(text: &str, schema: &Schema) -> Result<Vec<Tool>, SchemaError> {
    let file: ToolsFile =
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
    check_name(&raw.name)?;
    check_name(&raw.group)?;
    raw.view.as_deref().map_or(Ok(()), check_name)?;
    let entity = raw.entity.as_deref().map(|name| schema.entity(name)).transpose()?;
    for field in &raw.shows {
        check_field(entity, field)?;
    }
    let input = |entry| input(entry, shared, (entity, raw.effect));
    let inputs: Result<Vec<_>, _> = raw.inputs.iter().map(input).collect();
    Ok(Tool {
        name: raw.name.clone(),
        group: raw.group.clone(),
        effect: raw.effect,
        entity: raw.entity.clone(),
        view: raw.view.clone(),
        title: raw.title.clone(),
        description: raw.description.clone(),
        shows: raw.shows.clone(),
        inputs: inputs?,
    })
}

/// Checks the name of a tool, group or prompt: lower-case words joined by hyphens.
pub(crate) fn check_name(name: &str) -> Result<(), SchemaError> {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    match name.split('-').all(is_word) {
        true => Ok(()),
        false => Err(SchemaError::new(
            "a name consists of lower-case letters, with hyphens between words",
        )),
    }
}

fn input(
    entry: &InputEntry,
    shared: &BTreeMap<String, RawInput>,
    tool: (Option<&Entity>, Effect),
) -> Result<Input, SchemaError> {
    let (name, raw) = match entry {
        InputEntry::Own(raw) => (raw.name.clone().unwrap_or_default(), raw),
        InputEntry::Shared(name) => {
            let known = shared.keys().map(String::as_str);
            let raw = shared
                .get(name)
                .ok_or_else(|| SchemaError::unknown_name("shared argument", name, known))?;
            (name.clone(), raw)
        }
    };
    let place = format!("argument {name:?}");
    with_defaults(name, raw, tool).map_err(|e| e.context(&place))
}

/// An argument uses the entity's field of its name, unless it declares a type and is `id` or no such field exists.
fn with_defaults(
    name: String,
    raw: &RawInput,
    (entity, effect): (Option<&Entity>, Effect),
) -> Result<Input, SchemaError> {
    let has_field = || entity.is_some_and(|entity| entity.field(&name).is_ok());
    let fields = match (&raw.field, raw.kind) {
        _ if !raw.fields.is_empty() => raw.fields.clone(),
        (Some(field), _) => vec![field.clone()],
        (None, Some(_)) if name == "id" || !has_field() => Vec::new(),
        (None, _) => vec![name.clone()],
    };
    let declared = fields.iter().map(|field| check_field(entity, field));
    let declared = declared.collect::<Result<Vec<_>, _>>()?;
    let kind = declared.first().copied().flatten();
    let kind = kind.map(|kind| if effect == Effect::Search { kind.or_list() } else { kind });
    let kind = raw.kind.or(kind).unwrap_or(ArgumentType::Text);
    Ok(Input {
        name,
        fields,
        op: raw.op,
        kind,
        required: raw.required,
        help: raw.help.clone(),
        options: raw.options.clone(),
        alias: raw.alias.clone(),
    })
}

/// Checks that a field exists, and returns its argument type; none for the UDFs, which are one object.
fn check_field(entity: Option<&Entity>, field: &str) -> Result<Option<ArgumentType>, SchemaError> {
    match entity {
        None if field == "userDefinedFields" => Ok(None),
        None => Err(SchemaError::new(format!("{field:?} needs a type: the tool has no entity"))),
        Some(entity) if field == "userDefinedFields" && entity.has_user_defined_fields => Ok(None),
        Some(entity) => Ok(Some(ArgumentType::from_field(entity.field(field)?))),
    }
}

impl Tool {
    /// Whether fields of the entity that are not declared are also accepted as arguments.
    #[must_use]
    pub fn accepts_fields(&self) -> bool {
        let is_open = matches!(self.effect, Effect::Search | Effect::Create | Effect::Update);
        is_open && self.entity.is_some()
    }

    /// The token that confirms a write, such as `CREATE_TICKET`; none for a read-only tool.
    #[must_use]
    pub fn token(&self) -> Option<String> {
        let writes = matches!(self.effect, Effect::Create | Effect::Update | Effect::Delete);
        writes.then(|| self.name.replace('-', "_").to_uppercase())
    }
}
