//! Edits the text of a client's configuration, of which only the entry of this server changes.

use std::io;

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstRootNode};
use serde_json::{Map, Value};
use toml_edit::{Array, DocumentMut, Item, Table};

use super::entry::ENTRY_NAME;
use super::mcp_client::{Format, McpClient};

/// A configuration: its text and its content.
pub struct Document {
    format: Format,
    text: String,
    content: Map<String, Value>,
}

impl Document {
    /// A configuration without content.
    pub fn empty(format: Format) -> Self {
        let text = if format == Format::Json { "{}\n" } else { "" };
        Self { format, text: text.to_owned(), content: Map::new() }
    }

    /// Reads a configuration; the error says why it cannot be changed.
    pub fn parse(format: Format, text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::empty(format));
        }
        let content = content(format, text)?;
        Ok(Self { format, text: text.to_owned(), content })
    }

    /// The entry of this server.
    pub fn entry(&self, client: McpClient) -> Option<&Value> {
        self.content.get(client.servers_key())?.get(ENTRY_NAME)
    }

    /// The text with this entry added.
    pub fn with_entry(&self, client: McpClient, entry: &Value) -> io::Result<String> {
        let key = client.servers_key();
        let text = match self.format {
            Format::Json => add_to_json(&self.text, key, entry),
            Format::Toml => add_to_toml(&self.text, key, entry),
        };
        let mut expected = self.content.clone();
        let servers = expected.entry(key).or_insert_with(|| Map::new().into()).as_object_mut();
        servers.map(|servers| servers.insert(ENTRY_NAME.to_owned(), entry.clone()));
        self.checked(text, &expected)
    }

    /// The text without the entry of this server.
    pub fn without_entry(&self, client: McpClient) -> io::Result<String> {
        let key = client.servers_key();
        let text = match self.format {
            Format::Json => remove_from_json(&self.text, key),
            Format::Toml => remove_from_toml(&self.text, key),
        };
        let mut expected = self.content.clone();
        let servers = expected.get_mut(key).and_then(Value::as_object_mut);
        servers.map(|servers| servers.shift_remove(ENTRY_NAME));
        self.checked(text, &expected)
    }

    /// The text if its content is as expected; editing may go wrong in a file with repeated keys or another unusual form.
    fn checked(&self, text: Option<String>, expected: &Map<String, Value>) -> io::Result<String> {
        let text = text.filter(|text| {
            content(self.format, text).is_ok_and(|mut found| {
                // An empty TOML table may disappear with its last entry.
                for (key, value) in expected.iter().filter(|(_, value)| is_empty(value)) {
                    found.entry(key).or_insert_with(|| value.clone());
                }
                found == *expected
            })
        });
        text.ok_or_else(|| {
            io::Error::other("The file is not changed: its servers are not in the usual form. Edit it by hand; --print shows the entry.")
        })
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty)
}

fn content(format: Format, text: &str) -> Result<Map<String, Value>, String> {
    let content = match format {
        Format::Json => serde_json::from_str(text).map_err(|error| not_json(text, &error)),
        Format::Toml => toml_edit::de::from_str(text)
            .map_err(|error| format!("it is not TOML ({})", error.message())),
    };
    match content? {
        Value::Object(content) => Ok(content),
        _ => Err("it is not a JSON object".to_owned()),
    }
}

fn not_json(text: &str, error: &serde_json::Error) -> String {
    match CstRootNode::parse(text, &ParseOptions::default()) {
        Ok(_) => "it contains comments or is not strict JSON".to_owned(),
        Err(_) => format!("it is not JSON ({error})"),
    }
}

fn add_to_json(text: &str, key: &str, entry: &Value) -> Option<String> {
    let root = CstRootNode::parse(text, &ParseOptions::default()).ok()?;
    let servers = root.object_value_or_create()?.object_value_or_create(key)?;
    servers.append(ENTRY_NAME, cst_value(entry));
    Some(root.to_string())
}

fn remove_from_json(text: &str, key: &str) -> Option<String> {
    let root = CstRootNode::parse(text, &ParseOptions::default()).ok()?;
    root.object_value()?.object_value(key)?.get(ENTRY_NAME)?.remove();
    Some(root.to_string())
}

/// Converts a value of an entry: a string, a list of strings, or an object.
fn cst_value(value: &Value) -> CstInputValue {
    match value {
        Value::Array(values) => CstInputValue::Array(values.iter().map(cst_value).collect()),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| (key.clone(), cst_value(value)));
            CstInputValue::Object(members.collect())
        }
        text => CstInputValue::String(text.as_str().unwrap_or_default().to_owned()),
    }
}

fn add_to_toml(text: &str, key: &str, entry: &Value) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let mut servers = Table::new();
    servers.set_implicit(true);
    let servers = document.entry(key).or_insert(Item::Table(servers)).as_table_like_mut()?;
    servers.insert(ENTRY_NAME, toml_item(entry));
    Some(with_line_ends_of(text, &document))
}

fn remove_from_toml(text: &str, key: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    document.get_mut(key)?.as_table_like_mut()?.remove(ENTRY_NAME)?;
    Some(with_line_ends_of(text, &document))
}

/// The document with the line endings of the original text, which `toml_edit` does not keep.
fn with_line_ends_of(text: &str, document: &DocumentMut) -> String {
    let changed = document.to_string();
    if text.contains("\r\n") { changed.replace('\n', "\r\n") } else { changed }
}

/// Converts a value of an entry to a TOML item.
fn toml_item(value: &Value) -> Item {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match value {
        Value::Array(values) => Item::Value(values.iter().map(text).collect::<Array>().into()),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| (key.clone(), toml_item(value)));
            Item::Table(members.collect())
        }
        _ => Item::Value(text(value).into()),
    }
}
