//! Reports: the responses of read calls, put together as figures, charts and tables.

mod generated;
mod groups;
mod period;
mod rows;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{App, parse_arguments};
use crate::access::caller::ClientChannel;
use crate::access::suggest::unknown_name;
use crate::tools::Arguments;
use crate::value::datetime::Calendar;
use crate::value::record::RecordFields;
pub use generated::REPORTS;
use period::{Dates, Every, Period};

/// Records of one call; the rest is not a report anybody reads.
const MAX_RECORDS: usize = 10_000;
/// The largest page.
const PAGE_SIZE: u16 = 500;

/// A report, as declared in `schema/reports.toml`.
pub struct Report {
    pub name: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    period: Period,
    calls: &'static [Call],
    outcomes: &'static [Outcome],
    sections: &'static [Section],
}

/// A call of a tool that reads; its arguments contain placeholders for dates.
struct Call {
    name: &'static str,
    tool: &'static str,
    arguments: &'static str,
}

/// Whether something was done when it was due.
struct Outcome {
    key: &'static str,
    /// The first of these fields that is not empty.
    done: &'static [&'static str],
    due: &'static str,
}

struct Section {
    title: &'static str,
    kind: SectionKind,
    note: &'static str,
    rows: Rows,
    /// A column, with `-` before it for the largest first; empty to keep the order.
    sort: &'static str,
    /// Zero for no limit.
    limit: usize,
    columns: &'static [Column],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SectionKind {
    Figures,
    Bars,
    Lines,
    Table,
}

/// What the rows of a section are.
#[derive(Clone, Copy)]
enum Rows {
    /// The groups of its calls.
    Groups,
    /// The same, with each day or week of the period.
    Every(Every),
    /// The records of a call that have one of these outcomes, if any are named.
    Records(&'static str, &'static [Match]),
    /// The values of a field of a call's records.
    Tally(&'static str, &'static str),
}

/// An outcome and its value.
type Match = (&'static str, &'static str);

struct Column {
    key: &'static str,
    label: &'static str,
    kind: ColumnType,
    value: ColumnValue,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ColumnType {
    Text,
    Number,
    Date,
    Hours,
}

/// Where the value of a column comes from.
enum ColumnValue {
    /// What the row is grouped by, or a field of its record.
    Own,
    /// A member of a call's group, or of its whole response in figures.
    Member(&'static str, &'static str),
    /// A total of today, counted back through the later rows.
    Balance {
        call: &'static str,
        member: &'static str,
        plus: &'static str,
        minus: &'static str,
    },
    /// The number of a call's records with one of these outcomes.
    Matches(&'static str, &'static [Match]),
    /// The first column in percent of both.
    Share(&'static str, &'static str),
    Total(&'static [&'static str]),
}

/// What a call returned.
#[derive(Default)]
struct Response {
    body: Value,
    records: Vec<RecordFields>,
    /// What is missing.
    note: Option<String>,
}

/// What the sections of a report are made from.
struct Material<'a> {
    report: &'a Report,
    dates: &'a Dates,
    now: Timestamp,
    responses: BTreeMap<&'static str, Response>,
}

impl Response {
    fn groups(&self) -> &[Value] {
        self.body["groups"].as_array().map_or(&[], Vec::as_slice)
    }
}

impl Report {
    /// The report of a name.
    ///
    /// # Errors
    /// A message with the names that exist.
    pub fn find(name: &str) -> Result<&'static Self, String> {
        let found = REPORTS.iter().find(|report| report.name == name);
        found.ok_or_else(|| {
            let names: Vec<_> = REPORTS.iter().map(|report| report.name).collect();
            let unknown = unknown_name("report", name, names.iter().copied());
            format!("{unknown} Reports: {}.", names.join(", "))
        })
    }
}

impl App {
    /// The data of a report; `day` chooses the week or the month, by default the last whole one.
    ///
    /// # Errors
    /// The text of the response of a call that failed, or a message about the day.
    pub async fn report(
        &self,
        report: &Report,
        day: Option<&str>,
        channel: &dyn ClientChannel,
    ) -> Result<Value, String> {
        let calendar = Calendar::new(self.clock.now(), self.clock.time_zone.clone());
        let dates = Dates::new(report.period, day, &calendar)?;
        let mut responses = BTreeMap::new();
        for call in report.calls {
            let (done, all) = (responses.len() as u64, report.calls.len() as u64);
            channel.progress(done, Some(all), "parts of the report read");
            responses.insert(call.name, self.read_for_report(call, &dates, channel).await?);
        }
        let material = Material { report, dates: &dates, now: self.clock.now(), responses };
        let sections: Vec<_> =
            report.sections.iter().map(|section| rows::section(section, &material)).collect();
        Ok(json!({
            "title": report.title,
            "subtitle": dates.describe(),
            "created": calendar.show(self.clock.now()),
            "timeZone": calendar.zone_name(),
            "sections": sections,
        }))
    }

    /// The response of a call, of a list all pages.
    async fn read_for_report(
        &self,
        call: &Call,
        dates: &Dates,
        channel: &dyn ClientChannel,
    ) -> Result<Response, String> {
        let arguments = parse_arguments(&dates.fill(call.arguments));
        let mut arguments = arguments.map_err(|error| error.to_string())?;
        let is_one_page = call.arguments.contains("axRecords\":");
        ask_for_large_pages(call, &mut arguments);
        let mut response = Response::default();
        loop {
            let answer =
                self.call_tool(self.operator(), channel, call.tool, arguments.clone()).await;
            let Some(answer) = answer else {
                return Err(self.operator().access().unknown_tool_message(call.tool));
            };
            if let Some(error) = answer.error {
                // A report of a module that the API user may not read has only this section empty.
                return match error["error"]["code"] == "forbidden" {
                    true => Ok(Response { note: Some(first_line(&answer.text)), ..response }),
                    false => Err(answer.text),
                };
            }
            response.body = serde_json::from_str(&answer.text).unwrap_or_default();
            response.note = response.body["truncated"].as_str().map(|text| format!("Only {text}."));
            if let Some(Value::Array(items)) = response.body.get_mut("items").map(Value::take) {
                response.records.extend(items.into_iter().filter_map(into_record));
            }
            match response.body["cursor"].take() {
                cursor @ Value::String(_) if !is_one_page => {
                    arguments.insert("cursor".to_owned(), cursor);
                }
                _ => return Ok(response),
            }
            if response.records.len() >= MAX_RECORDS {
                let note = format!("Only the first {} records.", response.records.len());
                return Ok(Response { note: Some(note), ..response });
            }
        }
    }
}

/// Reads as many records a page as possible where the call does not say how many.
fn ask_for_large_pages(call: &Call, arguments: &mut Arguments) {
    if call.tool == "query-entity"
        && let Some(query @ Value::Array(_)) = arguments.get_mut("query")
    {
        *query = json!({ "filter": query.take(), "MaxRecords": PAGE_SIZE });
    }
}

fn into_record(item: Value) -> Option<RecordFields> {
    match item {
        Value::Object(record) => Some(record),
        _ => None,
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
