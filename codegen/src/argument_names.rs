//! Parses `argument-names.toml`: everyday names of arguments, and the arguments they may mean.

use std::collections::BTreeSet;

use serde::Deserialize;

use autotask_schema::SchemaError;
use autotask_schema::schema::Schema;

use crate::tools::Tool;

/// Words that mean the first of these arguments that a tool has.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArgumentName {
    /// In lower case, letters only.
    pub words: Vec<String>,
    pub arguments: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamesFile {
    #[serde(default)]
    name: Vec<ArgumentName>,
}

/// Parses every row of the file.
///
/// # Errors
/// Names an argument that no tool has, neither as an input nor as a field of its entity, or a repeated word.
pub fn read(text: &str, tools: &[Tool], schema: &Schema) -> Result<Vec<ArgumentName>, SchemaError> {
    let file: NamesFile = toml::from_str(text)
        .map_err(|e| SchemaError::new(e.to_string()).context("argument-names.toml"))?;
    let entities = tools.iter().filter_map(|tool| schema.entities.get(tool.entity.as_ref()?));
    let fields = entities.flat_map(|entity| &entity.fields).map(|field| &field.name);
    let inputs = tools.iter().flat_map(|tool| &tool.inputs).map(|input| &input.name);
    let declared: BTreeSet<_> = inputs.chain(fields).collect();
    let mut words = BTreeSet::new();
    for row in &file.name {
        let unknown = row.arguments.iter().find(|argument| !declared.contains(argument));
        let repeated = row.words.iter().find(|word| !words.insert(*word));
        let problem = unknown.map(|name| format!("no tool has an argument {name}"));
        let problem = problem.or(repeated.map(|word| format!("{word:?} is listed twice")));
        if let Some(problem) = problem {
            return Err(SchemaError::new(problem).context("argument-names.toml"));
        }
    }
    Ok(file.name)
}
