//! Queries: filters and pages.

use serde_json::{Value, json};

use super::{Sandbox, check, filter_of, get, request_json};

const QUERY: &str = "POST Tickets/query";

fn count(sandbox: &Sandbox, entity: &str, filter: &Value) -> u64 {
    let path = format!("{entity}/query/count");
    let response = request_json(sandbox, "POST", &path, &json!({ "filter": filter }));
    response.json["queryCount"].as_u64().unwrap_or_else(|| panic!("{filter}: {}", response.text))
}

fn ids(response: &Value) -> Vec<i64> {
    let items = response["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

#[test]
fn operators_match_the_expected_records() {
    let sandbox = Sandbox::new();
    let rows = [
        ("Companies", json!([{"op":"exist","field":"id"}]), 15),
        ("Companies", json!([{"op":"eq","field":"id","value":0}]), 1),
        ("Companies", json!([{"op":"gte","field":"id","value":440}]), 3),
        ("Companies", json!([{"op":"gt","field":"id","value":440}]), 2),
        ("Companies", json!([{"op":"lt","field":"id","value":412}]), 2),
        ("Companies", json!([{"op":"lte","field":"id","value":412}]), 3),
        ("Companies", json!([{"op":"noteq","field":"ID","value":0}]), 14),
        ("Companies", json!([{"op":"eq","field":"companyname","value":"marrow BAKERY"}]), 1),
        ("Companies", json!([{"op":"beginsWith","field":"companyName","value":"harbor light"}]), 2),
        ("Companies", json!([{"op":"endsWith","field":"companyName","value":"hotel"}]), 1),
        ("Companies", json!([{"op":"contains","field":"companyName","value":"& s"}]), 1),
        ("Companies", json!([{"op":"notExist","field":"parentCompanyID"}]), 14),
        ("Companies", json!([{"op":"eq","field":"parentCompanyID","value":null}]), 14),
        ("Companies", json!([{"op":"in","field":"id","value":[412, 413, 7]}]), 2),
        ("Companies", json!([{"op":"notIn","field":"id","value":[412, 413]}]), 13),
        ("Companies", json!([{"op":"eq","field":"isActive","value":false}]), 1),
        ("Companies", json!([{"op":"eq","field":"id","value":"412"}]), 0),
        ("Companies", json!([{"op":"eq","field":"companyType","value":"7"}]), 1),
        ("Companies", json!([{"op":"ne","field":"id","value":412}]), 15),
        ("Companies", json!([{"op":"EQ","field":"nothing","value":412}]), 15),
        (
            "Companies",
            json!([{"op":"or","items":[{"op":"eq","field":"id","value":412},{"op":"eq","field":"id","value":413}]}]),
            2,
        ),
        (
            "Companies",
            json!([{"op":"and","items":[{"op":"gt","field":"id","value":411},{"op":"lt","field":"id","value":414}]}]),
            2,
        ),
        (
            "Companies",
            json!([{"op":"or","items":[{"op":"eq","field":"id","value":0},{"op":"and","items":[{"op":"gt","field":"id","value":411},{"op":"lt","field":"id","value":414}]}]}]),
            3,
        ),
        (
            "Companies",
            json!([{"op":"eq","field":"id","value":412},{"op":"eq","field":"id","value":413}]),
            0,
        ),
        ("Companies", json!([{"op":"eq","field":"support tier","udf":true,"value":"3"}]), 1),
        (
            "Companies",
            json!([{"op":"eq","field":"Contract Review","udf":true,"value":"2026-09-01"}]),
            1,
        ),
        ("Companies", json!([{"op":"notExist","field":"Support Tier","udf":true}]), 13),
        ("Contacts", json!([{"op":"eq","field":"isActive","value":0}]), 2),
        ("Resources", json!([{"op":"eq","field":"lastName","value":"Holt"}]), 2),
        ("Resources", json!([{"op":"eq","field":"licenseType","value":7}]), 1),
        ("TicketHistory", json!([{"op":"eq","field":"ticketID","value":8107}]), 1),
        (
            "TimeEntries",
            json!([{"op":"eq","field":"dateWorked","value":"2026-03-05"},{"op":"eq","field":"id","value":5501}]),
            1,
        ),
        ("TimeEntries", json!([{"op":"eq","field":"startDateTime","value":"2026-03-05"}]), 0),
        (
            "TimeEntries",
            json!([{"op":"eq","field":"startDateTime","value":"2026-03-05T05:00:00-05:00"},{"op":"eq","field":"id","value":5501}]),
            1,
        ),
        (
            "TimeEntries",
            json!([{"op":"eq","field":"startDateTime","value":"2026-03-05T10:00:00.000"},{"op":"eq","field":"id","value":5501}]),
            1,
        ),
    ];
    for (entity, filter, expected) in rows {
        assert_eq!(count(&sandbox, entity, &filter), expected, "{entity} {filter}");
    }
}

#[test]
fn invalid_queries_are_rejected() {
    let sandbox = Sandbox::new();
    let many: Vec<Value> = (0..501).map(Value::from).collect();
    let all = json!([{"op":"exist","field":"id"}]);
    let udf = json!({"op":"eq","field":"Asset Tag","udf":true,"value":"x"});
    let rows = [
        (
            filter_of(json!({"op":"eq","field":"queueName","value":"Desk"})),
            "Unable to find queueName in the Ticket Entity.",
        ),
        (filter_of(json!({"op":"eq","field":"creatorType","value":1})), "not queryable"),
        (
            filter_of(json!({"op":"eq","field":"Nothing","udf":true,"value":1})),
            "Unable to find Nothing",
        ),
        (json!({}), "Parameter name: filters"),
        (json!({"filter": []}), "Parameter name: filters"),
        (json!({"filter": {"op":"exist","field":"id"}}), "Parameter name: filters"),
        (filter_of(json!({"op":"in","field":"id","value":many})), "500 or fewer 'OR'"),
        (json!({"filter":[udf, udf]}), "user-defined field"),
        (json!({"filter":all,"MaxRecords":0}), "between 1 and 500"),
        (json!({"filter":all,"maxrecords":501}), "between 1 and 500"),
        (json!({"filter":all,"IncludeFields":["id","companyName"]}), "Unable to find companyName"),
        (
            json!({"filter":all,"IncludeFields":["userDefinedFields"]}),
            "Unable to find userDefinedFields",
        ),
        (filter_of(json!({"op":"eq","field":"status","value":"New"})), "Conversion failed"),
        (
            filter_of(json!({"op":"eq","field":"createDate","value":"yesterday"})),
            "Conversion failed",
        ),
        (
            filter_of(json!({"op":"eq","field":"isVisibleToComanaged","value":"yes"})),
            "Conversion failed",
        ),
    ];
    for (body, words) in rows {
        check(&sandbox, QUERY, &body, 500, words);
    }
    let two = json!({"filter":[{"op":"eq","field":"ticketID","value":8107},{"op":"gt","field":"id","value":0}]});
    check(&sandbox, "POST TicketHistory/query", &two, 500, "TicketHistory");
    check(&sandbox, "POST Tickets/query", &Value::Null, 500, "filters");
}

#[test]
fn only_the_included_fields_are_returned() {
    let sandbox = Sandbox::new();
    let body = json!({"filter":[{"op":"eq","field":"id","value":8107}],"IncludeFields":["ID","ticketnumber","creatorType","Asset Tag"]});
    let response = check(&sandbox, QUERY, &body, 200, "");
    assert_eq!(
        response.json["items"],
        json!([{
            "id": 8107, "ticketNumber": "T20260305.0011", "creatorType": 1,
            "userDefinedFields": [{"name": "Asset Tag", "value": "TW-1003"}],
        }])
    );
}

#[test]
fn pages_are_ordered_by_id_and_requested_with_the_same_method() {
    let sandbox = Sandbox::new();
    let body = json!({"filter":[{"op":"gte","field":"id","value":0}],"MaxRecords":4,"IncludeFields":["id"]});
    let mut seen = Vec::new();
    let mut response = check(&sandbox, "POST Companies/query", &body, 200, "");
    assert_eq!(response.json["pageDetails"]["prevPageUrl"], Value::Null);
    while let Some(url) = response.json["pageDetails"]["nextPageUrl"].as_str().map(str::to_owned) {
        seen.extend(ids(&response.json));
        let path = url.split_once("V1.0/").unwrap().1;
        check(&sandbox, &format!("GET {path}"), &Value::Null, 405, "'GET'");
        check(&sandbox, &format!("POST {path}"), &Value::Null, 500, "filters");
        response = check(&sandbox, &format!("POST {path}"), &body, 200, "prevPageUrl\":\"https");
    }
    seen.extend(ids(&response.json));
    assert_eq!(seen, [0, 405, 412, 413, 420, 421, 430, 431, 432, 433, 434, 435, 440, 450, 460]);
}

#[test]
fn pages_of_a_get_query_are_requested_with_get() {
    let sandbox = Sandbox::new();
    let search = r#"{"filter":[{"op":"gte","field":"id","value":0}],"MaxRecords":10}"#;
    let encoded = percent_encoding::utf8_percent_encode(search, percent_encoding::NON_ALPHANUMERIC);
    let first = get(&sandbox, &format!("Companies/query?search={encoded}"));
    let url = first.json["pageDetails"]["nextPageUrl"].as_str().unwrap();
    let second = get(&sandbox, url.split_once("V1.0/").unwrap().1);
    assert_eq!(ids(&second.json), [433, 434, 435, 440, 450, 460][1..]);
    let long = "x".repeat(2100);
    assert_eq!(get(&sandbox, &format!("Companies/query?search={long}")).status, 404);
}
