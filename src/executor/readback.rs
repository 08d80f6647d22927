//! Fields that Autotask is known to take, to answer with success, and to leave as they were: read once more.

use serde_json::Value;

use super::diff::equivalent;
use super::{Executor, RecordFields};
use crate::plan::Write;
use crate::plan::address::Address;
use crate::validate::rules;

impl Executor {
    /// Warnings where a doubtful field was not taken over; no request where none was written.
    pub(super) async fn read_back(&self, write: &Write, at: Address, id: i64) -> Vec<String> {
        let doubtful: Vec<_> =
            rules::silently_ignored_fields(write.entity, &write.change).collect();
        if doubtful.is_empty() {
            return Vec::new();
        }
        match self.fetch_record(at, id).await {
            Ok(stored) => ignored_warnings(&doubtful, &stored),
            Err(_) => vec![unverified_warning(&doubtful)],
        }
    }
}

fn ignored_warnings(doubtful: &[(&str, &Value)], stored: &RecordFields) -> Vec<String> {
    let warning = |(field, asked): &(&str, &Value)| {
        let is = stored.get(*field).unwrap_or(&Value::Null);
        let why = match *field {
            "hoursWorked" => "; hours follow startDateTime and endDateTime",
            _ => "",
        };
        let text =
            format!("Autotask answered with success, but {field} is {is}, not {asked}{why}.");
        (!equivalent(is, asked)).then_some(text)
    };
    doubtful.iter().filter_map(warning).collect()
}

fn unverified_warning(doubtful: &[(&str, &Value)]) -> String {
    let names: Vec<_> = doubtful.iter().map(|(field, _)| *field).collect();
    format!("Autotask sometimes ignores {}; the record could not be read to see.", names.join(", "))
}
