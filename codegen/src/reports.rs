//! `reports.toml`: read, and checked against the tools; every call, column and outcome that is named exists.

use std::collections::BTreeMap;

use serde::Deserialize;

use autotask_schema::SchemaError;

use crate::prompts::calls;
use crate::tools::{Effect, Tool};

/// One report, checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub name: String,
    pub title: String,
    pub description: String,
    pub period: Period,
    /// Calls by name, each a tool and its arguments.
    pub calls: BTreeMap<String, String>,
    #[serde(default)]
    pub outcomes: BTreeMap<String, Outcome>,
    #[serde(rename = "section")]
    pub sections: Vec<Section>,
}

/// The days that a report is about, such as `week` or `past 30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Period {
    Week,
    Month,
    Past(u16),
    Next(u16),
}

/// When something was done, and when it was due.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The first of these fields that is not empty.
    pub done: Vec<String>,
    pub due: String,
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    pub title: String,
    pub kind: SectionKind,
    #[serde(default)]
    pub note: String,
    /// The call whose records are the rows.
    pub records: Option<String>,
    /// The field by whose values the records are counted.
    pub tally: Option<String>,
    /// The outcomes of which a record has one.
    #[serde(default)]
    pub only: Vec<String>,
    pub every: Option<Every>,
    #[serde(default)]
    pub sort: String,
    #[serde(default)]
    pub limit: usize,
    pub columns: Vec<Column>,
}

/// How a section is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SectionKind {
    Figures,
    Bars,
    Lines,
    Table,
}

/// The rows that a section has even without a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    Day,
    Week,
}

/// What a column contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    Text,
    Number,
    Date,
    Hours,
}

/// A column of a section, or one of its figures.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub key: String,
    pub label: String,
    #[serde(rename = "type")]
    pub kind: Option<ColumnType>,
    /// A call and a member of its response.
    pub from: Option<String>,
    pub plus: Option<String>,
    pub minus: Option<String>,
    /// The outcomes to count; an empty list counts all records.
    pub count: Option<Vec<String>>,
    #[serde(default)]
    pub share: Vec<String>,
    #[serde(default)]
    pub total: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportsFile {
    #[serde(default)]
    report: Vec<Report>,
}

/// Every report of the file, in its order.
///
/// # Errors
/// Names the report, and the call, column, outcome, tool or argument that does not exist.
pub fn read(text: &str, tools: &[Tool]) -> Result<Vec<Report>, SchemaError> {
    let file: ReportsFile = toml::from_str(text)
        .map_err(|e| SchemaError::new(e.to_string()).context("reports.toml"))?;
    for report in &file.report {
        let place = format!("reports.toml: {}", report.name);
        check(report, tools).map_err(|problem| problem.context(&place))?;
    }
    Ok(file.report)
}

fn check(report: &Report, tools: &[Tool]) -> Result<(), SchemaError> {
    for (name, call) in &report.calls {
        check_call(call, tools).map_err(|problem| problem.context(name))?;
    }
    for section in &report.sections {
        check_section(report, section).map_err(|problem| problem.context(&section.title))?;
    }
    Ok(())
}

/// A report changes nothing.
fn check_call(call: &str, tools: &[Tool]) -> Result<(), SchemaError> {
    let (name, arguments) = call.split_once(' ').unwrap_or((call, ""));
    calls::check_call(name, arguments, tools)?;
    let reads = tools.iter().any(|tool| {
        tool.name == name && matches!(tool.effect, Effect::Read | Effect::Search | Effect::Get)
    });
    if reads { Ok(()) } else { Err(SchemaError::new(format!("{name} writes"))) }
}

fn check_section(report: &Report, section: &Section) -> Result<(), SchemaError> {
    let calls: Vec<_> = report.calls.keys().collect();
    let columns: Vec<_> = section.columns.iter().map(|column| &column.key).collect();
    let outcomes: Vec<_> = report.outcomes.keys().collect();
    known("call", section.records.iter().map(String::as_str), &calls)?;
    known("column", Some(section.sort.trim_start_matches('-')), &columns)?;
    known("outcome", section.only.iter().map(|only| outcome(only).0), &outcomes)?;
    for column in &section.columns {
        known("call", column.from.iter().map(|from| member(from).0), &calls)?;
        let used = column.plus.iter().chain(&column.minus).chain(&column.share);
        known("column", used.chain(&column.total).map(String::as_str), &columns)?;
        let counted = column.count.iter().flatten().map(|count| outcome(count).0);
        known("outcome", counted, &outcomes)?;
    }
    Ok(())
}

fn known<'a>(
    kind: &str,
    names: impl IntoIterator<Item = &'a str>,
    known: &[&String],
) -> Result<(), SchemaError> {
    let unknown = names
        .into_iter()
        .find(|name| !name.is_empty() && known.iter().all(|known| known.as_str() != *name));
    match unknown {
        None => Ok(()),
        Some(name) => {
            Err(SchemaError::unknown_name(kind, name, known.iter().map(|name| name.as_str())))
        }
    }
}

/// The outcome and its value in `resolution=Met`.
#[must_use]
pub fn outcome(text: &str) -> (&str, &str) {
    text.split_once('=').unwrap_or((text, ""))
}

/// The call and the member in `billable.sum_hoursWorked`.
#[must_use]
pub fn member(text: &str) -> (&str, &str) {
    text.split_once('.').unwrap_or((text, "count"))
}

impl Section {
    /// The names of the calls that it is made from, each once.
    #[must_use]
    pub fn calls(&self) -> Vec<&str> {
        let columns =
            self.columns.iter().filter_map(|column| Some(member(column.from.as_ref()?).0));
        let mut calls: Vec<&str> = self.records.as_deref().into_iter().collect();
        for call in columns {
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
        calls
    }
}

impl Column {
    /// What it contains: a number unless it is what rows are grouped by.
    #[must_use]
    pub fn kind(&self) -> ColumnType {
        let is_own = self.from.is_none() && self.count.is_none();
        let is_own = is_own && self.share.is_empty() && self.total.is_empty();
        self.kind.unwrap_or(if is_own { ColumnType::Text } else { ColumnType::Number })
    }
}

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let days = |text: &str| text.parse().ok();
        let period = match text.split_once(' ') {
            None if text == "week" => Some(Self::Week),
            None if text == "month" => Some(Self::Month),
            Some(("past", count)) => days(count).map(Self::Past),
            Some(("next", count)) => days(count).map(Self::Next),
            _ => None,
        };
        period.ok_or_else(|| format!("a period is week, month, past N or next N, not {text:?}"))
    }
}
