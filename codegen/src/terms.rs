//! Parses `terms.toml`: everyday and legacy terms for entities and fields, and what the REST API cannot do.

use std::collections::BTreeMap;

use serde::Deserialize;

use autotask_schema::SchemaError;
use autotask_schema::schema::Schema;

/// The terms, checked, including the legacy names of the schema.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Terms {
    /// Each term with its entities and its fields as `Entity.field`.
    pub terms: BTreeMap<String, Meaning>,
    pub unavailable: Vec<Unavailable>,
}

/// The meaning of a term.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meaning {
    pub entities: Vec<String>,
    pub fields: Vec<String>,
}

/// Something that the REST API cannot do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unavailable {
    /// Matches if all words of one phrase occur; a word that ends in `*` is a prefix.
    pub phrases: Vec<String>,
    pub message: String,
    pub instead: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermsFile {
    #[serde(default)]
    term: Vec<Term>,
    #[serde(default)]
    unavailable: Vec<Unavailable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Term {
    words: Vec<String>,
    #[serde(default)]
    entities: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
}

/// Returns the terms of the file and of the schema.
///
/// # Errors
/// Names a term whose entity or field does not exist, or that is listed twice.
pub fn read(text: &str, schema: &Schema) -> Result<Terms, SchemaError> {
    let file: TermsFile =
        toml::from_str(text).map_err(|e| SchemaError::new(e.to_string()).context("terms.toml"))?;
    let mut terms = Terms { terms: BTreeMap::new(), unavailable: file.unavailable };
    for term in file.term {
        let place = format!("terms.toml: {}", term.words.join(", "));
        check(&term, schema).map_err(|p| p.context(&place))?;
        for word in &term.words {
            let meaning = Meaning { entities: term.entities.clone(), fields: term.fields.clone() };
            if terms.terms.insert(word.to_lowercase(), meaning).is_some() {
                return Err(SchemaError::new(format!("{word:?} is listed twice")).context(&place));
            }
        }
    }
    add_legacy_names(&mut terms, schema);
    Ok(terms)
}

fn check(term: &Term, schema: &Schema) -> Result<(), SchemaError> {
    for name in &term.entities {
        schema.entity(name)?;
    }
    for name in &term.fields {
        let (entity, field) = name
            .split_once('.')
            .ok_or_else(|| SchemaError::new("write a field as Entity.field"))?;
        schema.entity(entity)?.field(field)?;
    }
    Ok(())
}

/// Adds the names of the SOAP API, unless they are also names of current entities.
fn add_legacy_names(terms: &mut Terms, schema: &Schema) {
    let is_current = |name: &str| {
        let mut names = schema.entities.values().flat_map(|e| [Some(&e.name), e.singular.as_ref()]);
        names.any(|current| current.is_some_and(|current| current.eq_ignore_ascii_case(name)))
    };
    for entity in schema.entities.values() {
        let legacy = entity.legacy.iter().filter(|legacy| !is_current(legacy));
        for name in legacy {
            let meaning = terms.terms.entry(name.to_lowercase()).or_default();
            if !meaning.entities.contains(&entity.name) {
                meaning.entities.push(entity.name.clone());
            }
        }
    }
}
