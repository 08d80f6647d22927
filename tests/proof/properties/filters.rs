//! Filters survive serialization, and match the same records here as in the tenant.

use autotask_mcp::catalog::{DiscoveredSchema, Entity};
use autotask_mcp::filter::{self, Condition, FilterContext};
use autotask_mcp::value::datetime::Calendar;
use autotask_sandbox::Sandbox;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::cases;
use super::tenant::{ids, query};

const COMPARISONS: [&str; 8] = ["eq", "noteq", "gt", "gte", "lt", "lte", "exist", "notExist"];

fn operator(more: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop_oneof![proptest::sample::select(&COMPARISONS[..]), proptest::sample::select(more)]
}

fn clause_of(
    fields: &'static [&'static str],
    more: &'static [&'static str],
    value: impl Strategy<Value = Value> + Clone,
) -> impl Strategy<Value = Value> {
    let values = proptest::collection::vec(value, 1..4);
    (proptest::sample::select(fields), operator(more), values).prop_map(|(field, op, values)| {
        match op {
            "exist" | "notExist" => json!({ "op": op, "field": field }),
            "in" | "notIn" => json!({ "op": op, "field": field, "value": values }),
            _ => json!({ "op": op, "field": field, "value": values[0] }),
        }
    })
}

/// A day, or an instant in one of the forms that callers write.
fn date() -> impl Strategy<Value = Value> + Clone {
    (2026..2027_i32, 1..13_u8, 1..29_u8, 0..24_u8, 0..60_u8, 0..4_u8).prop_map(
        |(year, month, day, hour, minute, form)| {
            let day = format!("{year}-{month:02}-{day:02}");
            json!(match form {
                0 => day,
                1 => format!("{day}T{hour:02}:{minute:02}:00Z"),
                2 => format!("{day}T{hour:02}:{minute:02}"),
                _ => format!("{day} {hour:02}:{minute:02}:30-04:00"),
            })
        },
    )
}

fn clause() -> impl Strategy<Value = Value> {
    const LISTED: &[&str] = &["in", "notIn"];
    const TEXTUAL: &[&str] = &["in", "notIn", "contains", "beginsWith", "endsWith"];
    let id = (8001..8310_i64).prop_map(Value::from);
    let code = (0..12_i64).prop_map(Value::from);
    let text = "[a-zA-Z ]{1,3}".prop_map(Value::from);
    let hours = (0..40_i64)
        .prop_map(|quarters| json!(f64::from(i32::try_from(quarters).expect("small")) / 4.0));
    prop_oneof![
        clause_of(&["id"], LISTED, id),
        clause_of(&["status", "priority", "companyID", "assignedResourceID"], LISTED, code),
        clause_of(&["title", "ticketNumber", "externalID"], TEXTUAL, text),
        clause_of(&["estimatedHours"], LISTED, hours),
        clause_of(&["createDate", "dueDateTime", "completedDate"], LISTED, date()),
    ]
}

fn filters() -> impl Strategy<Value = Value> {
    let nested = clause().prop_recursive(3, 12, 3, |inner| {
        let items = proptest::collection::vec(inner, 1..4);
        (proptest::sample::select(&["and", "or"][..]), items)
            .prop_map(|(op, items)| json!({ "op": op, "items": items }))
    });
    proptest::collection::vec(nested, 1..4).prop_map(Value::from)
}

/// Parses a filter with a time zone; none for empty date ranges, which are rejected.
fn read(filter: &Value, zone: Option<&str>) -> Option<Vec<Condition>> {
    let now: Timestamp = "2026-06-30T15:00:00Z".parse().expect("an instant");
    let zone = zone.map(|name| TimeZone::get(name).expect("a zone"));
    let calendar = Calendar::new(now, zone);
    let discovered = DiscoveredSchema::default();
    let context = FilterContext { discovered: &discovered, calendar: &calendar };
    let (conditions, problem) = filter::read(context, Entity::Tickets, filter, &mut Vec::new());
    problem.is_none().then_some(conditions)
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn a_serialized_filter_parses_to_itself(
        filter in filters(),
        zone in proptest::sample::select(&[None, Some("America/New_York"), Some("Asia/Kathmandu")][..]),
    ) {
        let Some(clauses) = read(&filter, zone) else { return Ok(()) };
        let written = Value::from(filter::json_of(&clauses));
        let repeated = read(&written, None).expect("its own text");
        prop_assert_eq!(Value::from(filter::json_of(&repeated)), written);
    }
}

#[test]
fn a_filter_selects_the_same_records_here_and_in_the_tenant() {
    let sandbox = Sandbox::new();
    let tickets = query(&sandbox, "Tickets", &json!([{ "op": "gte", "field": "id", "value": 0 }]));
    assert!(tickets.len() >= 300);
    proptest!(cases(256), |(filter in filters())| {
        let Some(clauses) = read(&filter, None) else { return Ok(()) };
        let written = Value::from(filter::json_of(&clauses));
        let passes = |record: &&Value| record.as_object().is_some_and(|record| filter::matches(record, &clauses));
        let here = ids(tickets.iter().filter(passes));
        prop_assert_eq!(here, ids(&query(&sandbox, "Tickets", &written)), "{}", written);
    });
}
