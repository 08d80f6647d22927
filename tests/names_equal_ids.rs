//! Every tool sends the same request for names as for ids.

use crate::support;

use std::collections::BTreeSet;

use support::Harness;

/// Tools that accept no names except those of entities.
const WITHOUT_NAMES: [&str; 9] = [
    "list-known-entities",
    "describe-entity-fields",
    "get-entity",
    "get-threshold-information",
    "get-version",
    "get-contact",
    "get-project",
    "get-task",
    "delete-entity",
];

/// A tool, the compared request, and the arguments by name and by id.
const ROWS: [[&str; 4]; 23] = [
    [
        "search-tickets",
        "POST Tickets/query",
        r#"{"companyID":"Marrow Bakery","status":"waiting customer","priority":"Low","queueID":"Service Desk L1","assignedResourceID":"priya.nair@tidewater.example.test"}"#,
        r#"{"companyID":412,"status":7,"priority":"3","queueID":29680007,"assignedResourceID":3003}"#,
    ],
    [
        "search-companies",
        "POST Companies/query",
        r#"{"companyType":"customer"}"#,
        r#"{"companyType":1}"#,
    ],
    ["get-company", "GET Companies/405", r#"{"id":"northwind dental"}"#, r#"{"id":405}"#],
    [
        "search-contacts",
        "POST Contacts/query",
        r#"{"companyID":"Marrow","nameContains":"a"}"#,
        r#"{"companyID":"412","nameContains":"a"}"#,
    ],
    [
        "search-projects",
        "POST Projects/query",
        r#"{"companyID":"Marrow Bakery","status":"In Progress","projectLeadResourceID":"Sofia Brandt"}"#,
        r#"{"companyID":412,"status":8,"projectLeadResourceID":3008}"#,
    ],
    [
        "search-tasks",
        "POST Tasks/query",
        r#"{"projectID":4001,"status":"New","assignedResourceID":"Holt, Maren"}"#,
        r#"{"projectID":4001,"status":1,"assignedResourceID":3001}"#,
    ],
    [
        "search-time-entries",
        "POST TimeEntries/query",
        r#"{"resourceID":"Lena","dateFrom":"2026-03-02"}"#,
        r#"{"resourceID":3006,"dateFrom":"2026-03-02"}"#,
    ],
    [
        "get-ticket",
        "POST TicketNotes/query",
        r#"{"id":"T20260305.0011","include":"notes"}"#,
        r#"{"id":8107,"include":"notes"}"#,
    ],
    [
        "query-entity",
        "POST Tickets/query",
        r#"{"entity":"Tickets","query":[{"op":"noteq","field":"status","value":"Complete"},{"op":"or","items":[{"op":"eq","field":"companyID","value":"Marrow Bakery"},{"op":"in","field":"assignedResourceID","value":["Priya Nair","Lena Marsh"]}]}]}"#,
        r#"{"entity":"Tickets","query":[{"op":"noteq","field":"status","value":5},{"op":"or","items":[{"op":"eq","field":"companyID","value":412},{"op":"in","field":"assignedResourceID","value":[3003,3006]}]}]}"#,
    ],
    [
        "query-entity",
        "POST Tickets/query",
        r#"{"entity":"Tickets","query":[{"op":"eq","field":"issueType","value":"Hardware"},{"op":"eq","field":"subIssueType","value":"Printer"}]}"#,
        r#"{"entity":"Tickets","query":[{"op":"eq","field":"issueType","value":11},{"op":"eq","field":"subIssueType","value":111}]}"#,
    ],
    [
        "count-entity",
        "POST Tickets/query/count",
        r#"{"entity":"ticket","query":[{"op":"eq","field":"escalation level","value":"owner"}]}"#,
        r#"{"entity":"Tickets","query":[{"op":"eq","field":"Escalation Level","udf":true,"value":"3"}]}"#,
    ],
    [
        "count-entity",
        "POST TimeEntries/query",
        r#"{"entity":"TimeEntries","query":[{"op":"eq","field":"roleID","value":"Senior Engineer"}],"groupBy":"resourceID","sum":"hoursWorked"}"#,
        r#"{"entity":"TimeEntries","query":[{"op":"eq","field":"roleID","value":502}],"groupBy":"resourceID","sum":"hoursWorked"}"#,
    ],
    [
        "create-ticket",
        "POST Tickets",
        r#"{"title":"x","companyID":"Marrow Bakery","contactID":"Bruno","status":"New","priority":"Critical","queueID":"Service Desk L1","issueType":"Hardware","subIssueType":"Printer","assignedResourceID":"Lena Marsh","assignedResourceRoleID":"Senior Engineer","userDefinedFields":{"escalation level":"Owner"},"confirm":"CREATE_TICKET"}"#,
        r#"{"title":"x","companyID":412,"contactID":77,"status":1,"priority":4,"queueID":29680007,"issueType":11,"subIssueType":111,"assignedResourceID":3006,"assignedResourceRoleID":502,"userDefinedFields":{"Escalation Level":"3"},"confirm":"CREATE_TICKET"}"#,
    ],
    [
        "update-ticket",
        "PATCH Tickets",
        r#"{"id":8107,"priority":"low","queueID":"Service Desk L2","confirm":"UPDATE_TICKET"}"#,
        r#"{"id":8107,"priority":3,"queueID":29680008,"confirm":"UPDATE_TICKET"}"#,
    ],
    [
        "create-ticket-note",
        "POST Tickets/8107/Notes",
        r#"{"ticketID":"T20260305.0011","description":"x","noteType":"Task Notes","publish":"Internal Project Team","confirm":"CREATE_TICKET_NOTE"}"#,
        r#"{"ticketID":8107,"description":"x","noteType":3,"publish":2,"confirm":"CREATE_TICKET_NOTE"}"#,
    ],
    [
        "create-company",
        "POST Companies",
        r#"{"companyName":"x","companyType":"Customer","phone":"1","ownerResourceID":"maren.holt@tidewater.example.test","confirm":"CREATE_COMPANY"}"#,
        r#"{"companyName":"x","companyType":1,"phone":"1","ownerResourceID":3001,"confirm":"CREATE_COMPANY"}"#,
    ],
    [
        "update-company",
        "PATCH Companies",
        r#"{"id":412,"ownerResourceID":"Sofia Brandt","confirm":"UPDATE_COMPANY"}"#,
        r#"{"id":412,"ownerResourceID":3008,"confirm":"UPDATE_COMPANY"}"#,
    ],
    [
        "create-contact",
        "POST Companies/412/Contacts",
        r#"{"companyID":"Marrow Bakery","firstName":"Ada","lastName":"Loaf","confirm":"CREATE_CONTACT"}"#,
        r#"{"companyID":412,"firstName":"Ada","lastName":"Loaf","confirm":"CREATE_CONTACT"}"#,
    ],
    [
        "update-contact",
        "PATCH Companies/412/Contacts",
        r#"{"id":77,"companyID":"Marrow Bakery","title":"Baker","confirm":"UPDATE_CONTACT"}"#,
        r#"{"id":77,"companyID":412,"title":"Baker","confirm":"UPDATE_CONTACT"}"#,
    ],
    [
        "create-time-entry",
        "POST TimeEntries",
        r#"{"ticketID":8107,"resourceID":"Lena Marsh","roleID":"Senior Engineer","billingCodeID":"Onsite Support","startDateTime":"2026-06-30T09:00:00Z","endDateTime":"2026-06-30T10:00:00Z","dateWorked":"2026-06-30","summaryNotes":"x","confirm":"CREATE_TIME_ENTRY"}"#,
        r#"{"ticketID":8107,"resourceID":3006,"roleID":502,"billingCodeID":802,"startDateTime":"2026-06-30T09:00:00Z","endDateTime":"2026-06-30T10:00:00Z","dateWorked":"2026-06-30","summaryNotes":"x","confirm":"CREATE_TIME_ENTRY"}"#,
    ],
    [
        "create-time-entry",
        "POST TimeEntries",
        r#"{"internalBillingCodeID":822,"resourceID":"Lena Marsh","hoursWorked":1,"dateWorked":"2026-06-30","confirm":"CREATE_TIME_ENTRY"}"#,
        r#"{"internalBillingCodeID":822,"resourceID":3006,"hoursWorked":1,"dateWorked":"2026-06-30","confirm":"CREATE_TIME_ENTRY"}"#,
    ],
    [
        "create-entity",
        "POST Companies/412/ToDos",
        r#"{"entity":"companytodo","fields":{"companyID":"Marrow Bakery","assignedToResourceID":"Priya Nair","actionType":"Phone Call","startDateTime":"2026-06-30T10:00:00Z","endDateTime":"2026-06-30T10:30:00Z"},"confirm":"CREATE_ENTITY"}"#,
        r#"{"entity":"CompanyToDos","fields":{"companyID":412,"assignedToResourceID":3003,"actionType":1,"startDateTime":"2026-06-30T10:00:00Z","endDateTime":"2026-06-30T10:30:00Z"},"confirm":"CREATE_ENTITY"}"#,
    ],
    [
        "update-entity",
        "PATCH Tickets/8107/Notes",
        r#"{"entity":"TicketNotes","id":9001,"fields":{"publish":"Internal Project Team"},"confirm":"UPDATE_ENTITY"}"#,
        r#"{"entity":"TicketNotes","id":9001,"fields":{"publish":2},"confirm":"UPDATE_ENTITY"}"#,
    ],
];

/// The requests of a call that match `METHOD path`, with their bodies.
fn requests(tool: &str, request: &str, arguments: &str) -> Vec<String> {
    let harness = Harness::new();
    let response = harness.call_tool(tool, arguments);
    let result = response.map(|response| (response.error.is_none(), response.text));
    assert!(result.as_ref().is_some_and(|(is_success, _)| *is_success), "{tool}: {result:?}");
    let prefix = format!("{request} ").replacen(' ', " /atservicesrest/V1.0/", 1);
    let mut requests = harness.requests_with_bodies();
    requests.retain(|request| request.starts_with(&prefix));
    requests
}

#[test]
fn names_and_ids_send_the_same_requests() {
    for [tool, request, by_name, by_id] in ROWS {
        let expected = requests(tool, request, by_id);
        assert!(!expected.is_empty(), "{tool}: no {request}");
        assert_eq!(requests(tool, request, by_name), expected, "{tool}");
    }
}

#[test]
fn every_tool_that_accepts_names_is_tested() {
    let tested: BTreeSet<_> = ROWS.iter().map(|row| row[0]).collect();
    let harness = Harness::new();
    let all = harness.app.operator().access().tools().iter().map(|tool| tool.name());
    let expected: BTreeSet<_> = all.filter(|tool| !WITHOUT_NAMES.contains(tool)).collect();
    assert_eq!(tested, expected, "add a row to ROWS, or the tool to WITHOUT_NAMES");
}
