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
use crate::tools::Arguments;
use crate::value::datetime::Calendar;
pub use generated::REPORTS;
use period::{Dates, Every, Period};

/// The most records of a list in a report.
const MAX_RECORDS: usize = 10_000;

/// A report, as declared in `schema/reports.toml`.
pub struct ReportDef {
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    period: Period,
    /// Name, tool, arguments with placeholders for dates, and whether all pages are read.
    calls: &'static [(&'static str, &'static str, &'static str, bool)],
    outcomes: &'static [OutcomeDef],
    sections: &'static [Section],
}

/// Its name, the fields of which the first says when something was done, and the field that says when it was due.
type OutcomeDef = (&'static str, &'static [&'static str], &'static str);
/// An outcome and its value.
type Match = (&'static str, &'static str);

struct Section {
    /// The section as JSON without rows; figures lack their values.
    head: &'static str,
    /// The calls that it is made from.
    calls: &'static [&'static str],
    rows: Rows,
    /// A column, with `-` before it for the largest first; empty to keep the order.
    sort: &'static str,
    limit: usize,
    columns: &'static [(&'static str, ColumnValue)],
}

/// What the rows of a section are.
#[derive(Clone, Copy)]
enum Rows {
    /// One, whose columns are figures.
    Totals,
    /// The groups of its calls.
    Groups,
    /// The same, with each day or week of the period.
    Every(Every),
    /// The records of a call that have one of these outcomes, if any are named.
    Records(&'static str, &'static [Match]),
    /// The values of a field of a call's records.
    Tally(&'static str, &'static str),
}

/// Where the value of a column comes from.
enum ColumnValue {
    /// What the row is grouped by, or a field of its record.
    Own,
    /// A member of a call's group, or of its whole response.
    Member(&'static str, &'static str),
    /// A total of today, counted back through the later rows by what two columns add and take away.
    Balance(&'static str, &'static str, [&'static str; 2]),
    /// The number of a call's records with one of these outcomes; without a call, of the row's.
    Matches(&'static str, &'static [Match]),
    /// The first column in percent of both.
    Share(&'static str, &'static str),
    Total(&'static [&'static str]),
}

/// What the sections of a report are made from.
struct Material<'a> {
    outcomes: &'static [OutcomeDef],
    dates: &'a Dates,
    now: Timestamp,
    responses: BTreeMap<&'static str, Value>,
}

impl App {
    /// The data of a report; `day` chooses the week or the month, by default the last whole one.
    ///
    /// # Errors
    /// The text of the response of a call that failed, or a message about the day.
    pub async fn report(
        &self,
        report: &ReportDef,
        day: Option<&str>,
        channel: &dyn ClientChannel,
    ) -> Result<Value, String> {
        let now = self.clock.now();
        let calendar = Calendar::new(now, self.clock.time_zone.clone());
        let dates = Dates::new(report.period, day, &calendar)?;
        let mut responses = BTreeMap::new();
        for (done, (name, tool, arguments, follows)) in (0..).zip(report.calls) {
            channel.progress(done, Some(report.calls.len() as u64), "parts read");
            let arguments = parse_arguments(&dates.fill(arguments));
            let arguments = arguments.map_err(|error| error.to_string())?;
            responses.insert(*name, self.read_all((tool, *follows), arguments, channel).await?);
        }
        let material = Material { outcomes: report.outcomes, dates: &dates, now, responses };
        let sections = report.sections.iter().map(|section| rows::section(section, &material));
        Ok(json!({
            "title": report.title,
            "subtitle": format!("{} to {}", dates.from, dates.until),
            "created": calendar.show(now),
            "timeZone": calendar.zone_name(),
            "sections": sections.collect::<Vec<_>>(),
        }))
    }

    /// The response of a call, of a list perhaps all pages.
    async fn read_all(
        &self,
        (tool, follows): (&str, bool),
        mut arguments: Arguments,
        channel: &dyn ClientChannel,
    ) -> Result<Value, String> {
        let mut items = Vec::new();
        loop {
            let answer = self.call_tool(self.operator(), channel, tool, arguments.clone()).await;
            let unknown = || self.operator().access().unknown_tool_message(tool);
            let answer = answer.ok_or_else(unknown)?;
            let mut body: Value = match &answer.error {
                None => serde_json::from_str(&answer.text).unwrap_or_default(),
                // Only the sections of a module that the API user may not read are empty.
                Some(error) if error["error"]["code"] == "forbidden" => {
                    return Ok(json!({ "note": answer.text.lines().next() }));
                }
                Some(_) => return Err(answer.text),
            };
            if let Value::Array(more) = body["items"].take() {
                items.extend(more);
            }
            match body["cursor"].take() {
                Value::String(cursor) if follows && items.len() < MAX_RECORDS => {
                    arguments.insert("cursor".to_owned(), cursor.into());
                }
                cursor => {
                    if follows && cursor.is_string() {
                        body["truncated"] = format!("the first {} records", items.len()).into();
                    }
                    body["items"] = items.into();
                    return Ok(body);
                }
            }
        }
    }
}
