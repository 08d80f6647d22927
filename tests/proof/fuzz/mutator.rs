//! Generates inputs by random changes of a corpus: of bytes, dictionary words and JSON nodes.

use serde_json::{Value, json};

use crate::random::Random;

/// Words with a meaning for the parsers of the targets.
const WORDS: &[&str] = &[
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "9223372036854775808",
    "0.1",
    "\"\"",
    "[]",
    "{}",
    "\\u0000",
    "\u{feff}",
    "\u{202e}",
    "\u{e0041}",
    "\u{fe0f}",
    "é",
    "\r\n",
    "\n",
    "\t",
    "=",
    ",",
    "as=",
    "*",
    "full",
    "read-only",
    "and",
    "or",
    "eq",
    "in",
    "notIn",
    "exist",
    "contains",
    "id",
    "udf",
    "items",
    "value",
    "field",
    "Tickets",
    "Contacts",
    "TicketNotes",
    "confirm",
    "CREATE_CONTACT",
    "UPDATE_TICKET",
    "DELETE_ENTITY",
    "cursor",
    "me",
    "today",
    "2026-02-30T25:00",
    "fields",
    "groupBy",
    "HTTP/1.1",
    "Retry-After: ",
    "Content-Length: 5",
    "429",
    "500",
    "401",
    "{{SECRET}}",
    "----",
    "itemId",
    "pageDetails",
    "nextPageUrl",
    "errors",
    "method",
    "params",
    "jsonrpc",
    "2.0",
];
const MAX_INPUT_BYTES: usize = 1 << 16;
/// Values that replace a node of JSON.
const REPLACEMENTS: usize = 12;

pub struct Mutator {
    random: Random,
    corpus: Vec<Vec<u8>>,
}

impl Mutator {
    pub fn new(seed: u64, corpus: Vec<Vec<u8>>) -> Self {
        Self { random: Random::new(seed), corpus }
    }

    pub fn next_input(&mut self) -> Vec<u8> {
        let mut input = self.random.pick(&self.corpus).clone();
        for _ in 0..=self.random.below(5) {
            input = match serde_json::from_slice::<Value>(&input) {
                Ok(value) if self.random.percent(70) => self.mutate_json(value),
                _ => self.mutate_bytes(input),
            };
        }
        input.truncate(MAX_INPUT_BYTES);
        input
    }

    fn mutate_json(&mut self, mut value: Value) -> Vec<u8> {
        let target = self.random.below(count_nodes(&value));
        let replacement = self.replacement(&value);
        let rename = self.random.percent(20).then(|| (*self.random.pick(WORDS)).to_owned());
        let remove = self.random.percent(15);
        change_node(&mut value, &mut { target }, &|node| match (node, &rename) {
            (Value::Object(members), Some(name)) => {
                drop(members.insert(name.clone(), replacement.clone()));
            }
            (Value::Array(items), _) if remove => drop(items.pop()),
            (Value::Array(items), Some(_)) => items.push(replacement.clone()),
            (node, _) => *node = replacement.clone(),
        });
        value.to_string().into_bytes()
    }

    /// A simple value, a nested one, or another part of the same value.
    fn replacement(&mut self, value: &Value) -> Value {
        let word = *self.random.pick(WORDS);
        match self.random.below(REPLACEMENTS) {
            0 => Value::Null,
            1 => json!(self.random.percent(50)),
            2 => json!(self.random.next().cast_signed() >> self.random.below(64)),
            3 => json!(self.random.below(9_000)),
            4 => json!([word]),
            5 => json!({ word: word }),
            6 => json!(word.repeat(self.random.below(2_000))),
            7 => json!(value.to_string()),
            8 => (0..self.random.below(20)).fold(json!(word), |inner, _| json!([inner])),
            9 => json!(-1.5e-7),
            10 => {
                node(value, &mut self.random.below(count_nodes(value))).cloned().unwrap_or_default()
            }
            _ => json!(word),
        }
    }

    fn mutate_bytes(&mut self, mut input: Vec<u8>) -> Vec<u8> {
        let start = self.random.below(input.len() + 1);
        let end = (start + self.random.below(16)).min(input.len());
        match self.random.below(7) {
            0 => drop(input.drain(start..end)),
            1 => drop(input.splice(start..end, self.random.pick(WORDS).bytes())),
            2 => drop(input.splice(start..start, self.random.pick(WORDS).bytes())),
            3 => {
                let copy = input[start..end].repeat(1 + self.random.below(40));
                input.splice(start..start, copy);
            }
            4 => input.truncate(start),
            5 => {
                let other = self.random.pick(&self.corpus).clone();
                input.splice(start.., other[self.random.below(other.len() + 1)..].iter().copied());
            }
            _ => {
                let byte = u8::try_from(self.random.below(256)).expect("a byte");
                input.splice(start..end.min(start + 1), [byte]);
            }
        }
        input
    }
}

fn children(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(members) => members.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    }
}

fn count_nodes(value: &Value) -> usize {
    1 + children(value).into_iter().map(count_nodes).sum::<usize>()
}

/// The node of this number, counted from the root.
fn node<'a>(value: &'a Value, number: &mut usize) -> Option<&'a Value> {
    if *number == 0 {
        return Some(value);
    }
    *number -= 1;
    children(value).into_iter().find_map(|child| node(child, number))
}

fn change_node(value: &mut Value, number: &mut usize, change: &impl Fn(&mut Value)) -> bool {
    if *number == 0 {
        change(value);
        return true;
    }
    *number -= 1;
    match value {
        Value::Object(members) => {
            members.values_mut().any(|child| change_node(child, number, change))
        }
        Value::Array(items) => items.iter_mut().any(|child| change_node(child, number, change)),
        _ => false,
    }
}
