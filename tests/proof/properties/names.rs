//! The label of a record resolves to its code, in any letter case and spacing.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::cases;
use crate::support::Harness;

/// Fields of a ticket with a label that are also arguments of a search.
const FIELDS: [&str; 5] = ["companyID", "status", "priority", "queueID", "assignedResourceID"];

/// The text with changed letter case and spaces.
fn respelled(text: &str, cases: &[bool], spaces: usize) -> String {
    let letters = text.chars().zip(cases.iter().cycle());
    let letters = letters.map(|(letter, is_upper)| match is_upper {
        true => letter.to_ascii_uppercase(),
        false => letter.to_ascii_lowercase(),
    });
    let padding = " ".repeat(spaces);
    format!("{padding}{}{padding}", letters.collect::<String>())
}

/// The code that a search sends for a label; the label has to be unique.
fn resolved(harness: &Harness, field: &str, label: &str) -> Value {
    let call = json!({ field: label, "fields": "id", "maxRecords": 1 });
    harness.json("search-tickets", &call)
}

#[test]
fn a_label_resolves_to_its_code() {
    let harness = Harness::new();
    let case = (0..300_i64, proptest::sample::select(&FIELDS[..]), any::<[bool; 7]>(), 0..3_usize);
    proptest!(cases(200), |((number, field, cases, spaces) in case)| {
        let ticket = harness.json("get-ticket", &json!({ "id": 8001 + number }));
        let (code, label) = (&ticket["item"][field], &ticket["item"][format!("{field}_label")]);
        let Some(label) = label.as_str() else { return Ok(()) };
        let mut page = resolved(&harness, field, &respelled(label, &cases, spaces));
        if page["error"]["code"] == "no-such-name" {
            // Inactive values match only by their exact name.
            page = resolved(&harness, field, label);
            prop_assert!(page["warnings"].to_string().contains("inactive"), "{page}");
        }
        // Several records may have the same name; then the error lists their ids.
        match page["error"]["code"].is_null() {
            true => prop_assert_eq!(&page["resolved"][field]["to"], code, "{} {}", field, label),
            false => prop_assert!(page.to_string().contains(&code.to_string()), "{page}"),
        }
    });
}
