//! Tables of prefixes with their filters, and of records with their values in order.

use serde_json::{Value, json};

use super::*;
use crate::value::record::RecordFields;

fn records(rows: Value) -> Vec<RecordFields> {
    let Value::Array(rows) = rows else {
        return Vec::new();
    };
    let fields = rows.into_iter().filter_map(|row| match row {
        Value::Object(fields) => Some(fields),
        _ => None,
    });
    fields.collect()
}

#[test]
fn prefix_filters() {
    let filter =
        |target: CompletionTarget, text| target.prefix_filter(text).map(|clause| clause.json());
    let rows = [
        (CompletionTarget::Company, "", None),
        (CompletionTarget::Entity, "tick", None),
        (
            CompletionTarget::Company,
            "Mar",
            Some(json!({ "op": "or", "items": [
                { "op": "beginsWith", "field": "companyName", "value": "Mar" },
                { "op": "contains", "field": "companyName", "value": " Mar" },
                { "op": "contains", "field": "companyName", "value": "-Mar" },
                { "op": "contains", "field": "companyName", "value": "(Mar" },
                { "op": "contains", "field": "companyName", "value": "/Mar" }] })),
        ),
        (
            CompletionTarget::Ticket,
            "oven",
            Some(json!({ "op": "or", "items": [
                { "op": "beginsWith", "field": "ticketNumber", "value": "oven" },
                { "op": "contains", "field": "title", "value": "oven" }] })),
        ),
    ];
    for (target, text, expected) in rows {
        assert_eq!(filter(target, text), expected, "{target:?} {text:?}");
    }
}

#[test]
fn active_filters() {
    let filter = |target: CompletionTarget, text| {
        target.active_filter(text, &[5]).map(|clause| clause.json())
    };
    let active = |value: Value| json!({ "op": "eq", "field": "isActive", "value": value });
    let open = json!({ "op": "notIn", "field": "status", "value": [5] });
    let rows = [
        (CompletionTarget::Company, "", Some(active(true.into()))),
        (CompletionTarget::Company, "m", None),
        (CompletionTarget::Contact, "", Some(active(1.into()))),
        (CompletionTarget::Resource, "m", Some(active(true.into()))),
        (CompletionTarget::Ticket, "m", Some(open)),
        (CompletionTarget::Entity, "", None),
    ];
    for (target, text, expected) in rows {
        assert_eq!(filter(target, text), expected, "{target:?} {text:?}");
    }
    assert_eq!(CompletionTarget::Ticket.active_filter("", &[]), None);
}

#[test]
fn all_columns_are_fields() {
    for target in [
        CompletionTarget::Company,
        CompletionTarget::Contact,
        CompletionTarget::Resource,
        CompletionTarget::Ticket,
    ] {
        for column in target.columns() {
            let field = target.entity().and_then(|entity| entity.field(column));
            let is_field = field.is_some_and(|f| f.name == column && !f.queryable.is_no());
            assert!(is_field, "{target:?}: {column}");
        }
    }
}

#[test]
fn values_are_sorted_by_likelihood() {
    let companies = json!([
        { "id": 1, "companyName": "Old Mar", "isActive": true },
        { "id": 2, "companyName": "Marsh", "isActive": false },
        { "id": 3, "companyName": "marrow", "isActive": true },
        { "id": 4, "companyName": "Marrow", "isActive": true },
        { "id": 5, "companyName": "Marrow", "isActive": true },
        { "id": 6, "companyName": "  ", "isActive": true },
        { "id": 7, "companyName": "Mar".repeat(100), "isActive": true },
    ]);
    let people = json!([
        { "id": 1, "firstName": "Ann", "lastName": "Lee", "email": "a.lee@x.test", "isActive": true },
        { "id": 2, "firstName": "Ann", "lastName": "Lee", "email": "ann2@x.test", "isActive": true },
        { "id": 3, "firstName": "Ann", "lastName": "Api", "email": "api@x.test", "isActive": true, "licenseType": 7 },
        { "id": 4, "firstName": "Zoe", "lastName": "Ann", "email": "zoe@x.test", "isActive": true },
        { "id": 5, "firstName": "Bo", "lastName": "Li", "email": "annual@x.test", "isActive": true },
    ]);
    let contacts = json!([
        { "id": 9, "firstName": "Ann", "lastName": "Lee", "isActive": 0 },
        { "id": 8, "firstName": "Zed", "lastName": "Ann", "isActive": 1 },
    ]);
    let tickets = json!([
        { "id": 1, "ticketNumber": "T20260101.0002" },
        { "id": 3, "ticketNumber": "T20260102.0001" },
        { "id": 2, "ticketNumber": "T20260101.0003" },
    ]);
    let rows: [(CompletionTarget, Value, &str, &[&str]); 4] = [
        (CompletionTarget::Company, companies, "mar", &["7", "3", "4", "5", "Old Mar", "Marsh"]),
        (
            CompletionTarget::Resource,
            people,
            "ann",
            &["a.lee@x.test", "ann2@x.test", "annual@x.test", "Zoe Ann"],
        ),
        (CompletionTarget::Contact, contacts, "ann", &["8", "9"]),
        (
            CompletionTarget::Ticket,
            tickets,
            "t",
            &["T20260102.0001", "T20260101.0003", "T20260101.0002"],
        ),
    ];
    for (target, given, prefix, expected) in rows {
        assert_eq!(values(target, given, prefix), expected, "{target:?}");
    }
    let entities = values(CompletionTarget::Entity, json!([]), "TICKET");
    assert_eq!(entities.first().map(String::as_str), Some("Tickets"));
    let all = values(CompletionTarget::Entity, json!([]), "");
    assert_eq!(all.len(), Entity::ALL.len());
}

fn values(target: CompletionTarget, rows: Value, prefix: &str) -> Vec<String> {
    let completions = target.values(&records(rows), prefix).into_iter();
    let value = |filling: CompletionValue| filling.value(|text| !text.contains("secret"));
    completions.filter_map(value).collect()
}

#[test]
fn a_name_that_does_not_round_trip_is_an_id() {
    for name in ["12345", "a  b", " a", "a\nb", "a\u{200b}b", "my secret"] {
        let company = json!([{ "id": 7, "companyName": name, "isActive": true }]);
        assert_eq!(values(CompletionTarget::Company, company, ""), ["7"], "{name:?}");
    }
    let people = json!([
        { "id": 1, "firstName": "Jane", "lastName": "Doe", "userName": "xjd", "email": "j@x.test", "isActive": true },
        { "id": 2, "firstName": "Sam", "lastName": "Fox", "isActive": true },
        { "id": 3, "firstName": "sam", "lastName": "fox", "isActive": true },
    ]);
    assert_eq!(values(CompletionTarget::Resource, people.clone(), "xjd"), ["j@x.test", "2", "3"]);
    assert_eq!(values(CompletionTarget::Resource, people, ""), ["Jane Doe", "2", "3"]);
}
