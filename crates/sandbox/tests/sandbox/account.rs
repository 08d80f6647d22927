//! The state of the account: lockout, zone, threshold, request counts and clock.

use autotask_sandbox::{SECRET, USERNAME};
use http::Method;
use serde_json::{Value, json};

use super::{Sandbox, check, get, item, request, with_body};

fn with_secret(sandbox: &Sandbox, secret: &str) -> u16 {
    let mut request = with_body(request("GET", "Version"), &Value::Null);
    request.headers_mut().insert("Secret", secret.parse().unwrap());
    sandbox.handle(request).status().as_u16()
}

#[test]
fn wrong_secrets_lock_the_user() {
    let sandbox = Sandbox::new();
    sandbox.lock_after(2);
    let secrets = ["wrong", SECRET, "wrong", SECRET, SECRET];
    let statuses = secrets.map(|secret| with_secret(&sandbox, secret));
    assert_eq!(statuses, [401, 200, 401, 401, 401]);
    assert_eq!(sandbox.bad_logins(), 2);
    check(&sandbox, "GET zoneInformation?user=api.tide@example.test", &json!(null), 200, "url");
}

#[test]
fn ten_wrong_secrets_lock_the_user_by_default() {
    let sandbox = Sandbox::new();
    for _ in 0..9 {
        with_secret(&sandbox, "wrong");
    }
    assert_eq!(with_secret(&sandbox, SECRET), 200);
    with_secret(&sandbox, "wrong");
    assert_eq!(with_secret(&sandbox, SECRET), 401);
}

#[test]
fn a_moved_tenant_is_served_only_at_its_new_host() {
    let moved = "https://webservices29.autotask.net/ATServicesRest/";
    let sandbox = Sandbox::new();
    assert_eq!(get(&sandbox, "Version").status, 200);
    sandbox.move_zone(moved);
    assert_eq!(get(&sandbox, "Version").status, 401);
    let lookup = get(&sandbox, &format!("zoneInformation?user={USERNAME}"));
    assert_eq!((lookup.status, &lookup.json["url"]), (200, &json!(moved)));
    let at = |uri: &str, host: &str| {
        let mut request = with_body(request("GET", "Version"), &Value::Null);
        *request.uri_mut() = uri.parse().unwrap();
        request.headers_mut().insert("Host", host.parse().unwrap());
        sandbox.handle(request).status().as_u16()
    };
    let path = "/ATServicesRest/v1.0/Version";
    assert_eq!(at(path, "Webservices29.Autotask.net"), 200);
    assert_eq!(at(path, "webservices14.autotask.net"), 401);
    assert_eq!(at(&format!("{moved}v1.0/Version"), "elsewhere"), 200);
    assert_eq!(sandbox.bad_logins(), 0);
    let all = json!({ "filter": [{ "op": "exist", "field": "id" }], "MaxRecords": 1 });
    let mut pages = with_body(request("POST", ""), &all);
    *pages.uri_mut() = format!("{moved}v1.0/Tickets/query").parse().unwrap();
    let page = sandbox.handle(pages).into_body();
    let next = format!("\"nextPageUrl\":\"{moved}V1.0/Tickets/query/next");
    assert!(String::from_utf8_lossy(&page).contains(&next), "{page:?}");
}

#[test]
fn the_request_count_continues_from_the_set_value() {
    let sandbox = Sandbox::new();
    sandbox.set_used(7_400);
    let used =
        || get(&sandbox, "ThresholdInformation").json["currentTimeframeRequestCount"].clone();
    assert_eq!(used(), 7_400);
    get(&sandbox, "Tickets/8107");
    assert_eq!(used(), 7_402);
}

#[test]
fn requests_in_flight_are_counted_by_endpoint() {
    let rows = [
        (vec!["GET Tickets/7", "PATCH Tickets", "POST Tickets/query"], 3),
        (vec!["GET Tickets/query/count", "GET Tickets/entityInformation/fields"], 2),
        (vec!["GET Tickets/7", "POST Tickets/7/Notes"], 1),
        (vec!["GET Tickets/7/Notes/8", "POST TicketNotes/query"], 2),
        (vec!["GET Tickets/7", "GET Companies/7", "GET Contacts/7"], 1),
        (vec!["GET ThresholdInformation", "GET thresholdinformation", "GET Version"], 2),
        (vec!["GET zoneInformation", "GET zoneInformation"], 0),
        (vec!["GET Nothing/7", "DELETE Tickets/query"], 0),
    ];
    for (requests, max) in rows {
        let sandbox = Sandbox::new();
        let start = |line: &&str| {
            let (method, path) = line.split_once(' ').unwrap();
            let method: Method = method.parse().unwrap();
            sandbox.track(&method, &format!("/ATServicesRest/V1.0/{path}"))
        };
        let in_flight: Vec<_> = requests.iter().map(start).collect();
        assert_eq!(sandbox.max_in_flight(), max, "{requests:?}");
        drop(in_flight);
        drop(start(&requests[0]));
        assert_eq!(sandbox.max_in_flight(), max, "{requests:?}");
    }
}

#[test]
fn only_successful_creates_are_counted() {
    let sandbox = Sandbox::new();
    let contact = json!({ "firstName": "Ada", "lastName": "Ebb", "isActive": 1 });
    let contacts = "POST Companies/412/Contacts";
    check(&sandbox, contacts, &contact, 200, "itemId");
    check(&sandbox, contacts, &contact, 200, "itemId");
    check(&sandbox, contacts, &json!({}), 500, "Missing");
    check(
        &sandbox,
        "PATCH Companies/412/Contacts",
        &json!({ "id": 77, "title": "Baker" }),
        200,
        "",
    );
    check(
        &sandbox,
        "POST Contacts/query",
        &json!({ "filter": [{ "op": "exist", "field": "id" }] }),
        200,
        "",
    );
    assert_eq!(sandbox.created("Contacts"), 2);
    assert_eq!(sandbox.created("Companies"), 0);
}

#[test]
fn dates_are_relative_to_the_clock() {
    let sandbox = Sandbox::pinned("2027-01-10T07:00:00Z".parse().unwrap());
    let read = |path: &str, field: &str| item(&sandbox, path)[field].clone();
    assert_eq!(read("Tickets/8107", "ticketNumber"), "T20260305.0011");
    assert_eq!(read("Tickets/8107", "createDate"), "2026-09-15T09:14:22.157Z");
    assert_eq!(read("Tickets/8300", "createDate"), "2027-01-10T07:00:00Z");
    assert_eq!(read("Contracts/891", "endDate"), "2027-01-10T00:00:00Z");
    let lease = &item(&sandbox, "Tickets/8107")["userDefinedFields"][2]["value"];
    assert_eq!(lease, "2027-01-16T00:00:00Z");
    check(&sandbox, "GET Version", &Value::Null, 200, "2027-01-10T07:00:00Z");
    let ticket =
        json!({"companyID":412,"title":"New","status":1,"priority":2,"queueID":29_680_007});
    let id = check(&sandbox, "POST Tickets", &ticket, 200, "").json["itemId"].clone();
    let created = item(&sandbox, &format!("Tickets/{id}"));
    assert_eq!(created["ticketNumber"], "T20270110.0001");
    assert_eq!(created["dueDateTime"], "2027-01-11T07:00:00Z");

    let now = Sandbox::with_real_clock().now();
    assert!(now.duration_since(jiff::Timestamp::now()).abs().as_secs() < 60);
}
