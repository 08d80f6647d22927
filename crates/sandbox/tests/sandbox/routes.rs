//! Paths, methods, credentials and impersonation: what is supported, and how the rest is rejected.

use autotask_schema::built_in;
use autotask_schema::schema::Schema;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::{
    BASE_URL, INTEGRATION_CODE, SECRET, Sandbox, USERNAME, check, get, request, request_json, send,
};

const NOT_FOUND_PAGE: &str = "404 - File or directory not found";

/// Whether a path supports a method; a 404 for a missing record has no page.
fn is_supported(sandbox: &Sandbox, method: &str, path: &str, body: &Value) -> bool {
    let response = request_json(sandbox, method, path, body);
    let is_unknown = response.status == 404 && response.text.contains(NOT_FOUND_PAGE);
    !is_unknown && response.status != 405
}

#[test]
fn every_route_supports_exactly_its_methods() {
    let sandbox = Sandbox::new();
    let schema = Schema::from_json(built_in()).unwrap();
    for entity in schema.entities.values() {
        let templates = entity.routes.iter().filter(|(path, _)| !path.ends_with("/{year}"));
        for (template, methods) in templates {
            let path = template.replace("{parentId}", "999999").replace("{id}", "999999");
            for method in ["GET", "POST", "PATCH", "PUT", "DELETE"] {
                let is_listed = methods.iter().any(|listed| listed == method);
                let is_supported = is_supported(&sandbox, method, &path, &json!({}));
                assert_eq!(is_supported, is_listed, "{method} {path}");
            }
        }
    }
}

/// A path that no entity lists is unknown, such as the root collection of an entity that exists below a parent only.
#[test]
fn routes_outside_the_schema_are_unknown() {
    let sandbox = Sandbox::new();
    let schema = Schema::from_json(built_in()).unwrap();
    for entity in schema.entities.values() {
        let name = &entity.name;
        for (template, path) in [
            (name.clone(), name.clone()),
            (format!("{name}/{{id}}"), format!("{name}/999999")),
            (format!("{name}/query"), format!("{name}/query")),
        ] {
            if !entity.routes.contains_key(&template) {
                check(&sandbox, &format!("GET {path}"), &Value::Null, 404, NOT_FOUND_PAGE);
            }
        }
    }
}

#[test]
fn unusual_paths() {
    let sandbox = Sandbox::new();
    let none = &Value::Null;
    let rows = [
        ("GET Widgets/1", 404, NOT_FOUND_PAGE),
        ("GET Widgets/entityInformation", 404, NOT_FOUND_PAGE),
        ("GET Tickets//8107", 404, NOT_FOUND_PAGE),
        ("GET Tickets/8107/Attachments/query", 404, NOT_FOUND_PAGE),
        ("GET Tickets/8107/TimeEntries", 404, NOT_FOUND_PAGE),
        ("GET TicketAttachments/entityInformation/userDefinedFields", 404, NOT_FOUND_PAGE),
        ("GET Tickets/8107/Attachments/entityInformation", 404, NOT_FOUND_PAGE),
        ("GET Tickets/8107/Notes/entityInformation/fields", 200, "noteType"),
        ("GET tickets/8107", 200, "Oven tablet"),
        ("GET Tickets/999999", 404, ""),
        ("GET Tickets", 405, "does not support http method 'GET'"),
        ("PATCH Tickets/8107", 405, "'PATCH'"),
        ("DELETE Tickets/8107", 405, "'DELETE'"),
        ("DELETE TicketAttachments/640", 405, "'DELETE'"),
        ("POST TicketNotes", 404, NOT_FOUND_PAGE),
        ("PATCH Contacts", 404, NOT_FOUND_PAGE),
        ("GET zoneInformation?user=API.tide%40example.test", 200, "webservices14"),
        ("GET zoneInformation?user=nobody%40example.test", 500, "errors"),
        ("GET Version", 200, "majorVersion"),
        ("GET Modules", 200, "modules"),
        ("GET Resources/3005/TimeOffBalances/2026", 200, "vacationTimeBalance"),
        ("GET Resources/3005/TimeOffBalances/2020", 404, ""),
    ];
    for (line, status, words) in rows {
        check(&sandbox, line, none, status, words);
    }
    check(
        &sandbox,
        "POST Tickets/query/",
        &json!({"filter":[{"op":"eq","field":"id","value":8107}]}),
        200,
        "Oven",
    );
}

#[test]
fn other_prefixes_and_versions() {
    let sandbox = Sandbox::new();
    let rows = [
        ("/ATServicesRest/versioninformation", 200, "apiVersions"),
        ("/proxy/atservicesrest/V1.0/zoneInformation?user=api.tide@example.test", 200, "zoneName"),
        ("/atservicesrest/v2.0/zoneInformation?user=api.tide@example.test", 404, NOT_FOUND_PAGE),
        ("/v1.0/Tickets/1", 404, NOT_FOUND_PAGE),
    ];
    for (path, status, words) in rows {
        let response = send(&sandbox, Request::get(path).body(Bytes::new()).unwrap());
        assert!(
            response.status == status && response.text.contains(words),
            "{path} {}",
            response.text
        );
    }
}

#[test]
fn credentials_are_checked_in_order() {
    let sandbox = Sandbox::new();
    let rows = [
        ("nobody@example.test", "wrong", "wrong", 500, "Zone information"),
        (USERNAME, "wrong", "wrong", 401, ""),
        (USERNAME, SECRET, "wrong", 500, "IntegrationCode is invalid"),
        (USERNAME, SECRET, INTEGRATION_CODE, 200, "item"),
    ];
    for (user, secret, code, status, words) in rows {
        let request = Request::get(format!("{BASE_URL}V1.0/Companies/0"))
            .header("username", user)
            .header("SECRET", secret)
            .header("APIIntegrationcode", code);
        let response = send(&sandbox, request.body(Bytes::new()).unwrap());
        assert!(
            response.status == status && response.text.contains(words),
            "{user} {}",
            response.text
        );
        assert!(status != 401 || response.text.is_empty());
    }
}

#[test]
fn impersonation_is_rejected_on_reads_and_sets_the_creator_on_writes() {
    let sandbox = Sandbox::new();
    let note = json!({"ticketID":8107,"title":"T","description":"D","noteType":3,"publish":2});
    let task = json!({"projectID":4001,"title":"T","status":1,"taskType":1});
    let filter = json!({"filter":[{"op":"exist","field":"id"}]});
    let rows = [
        ("POST", "Tickets/query", "3005", &filter, 500, "adequate permissions to query"),
        ("GET", "Tickets/8107", "3005", &filter, 500, "adequate permissions to query"),
        ("POST", "Tickets/8107/Notes", "3005", &note, 200, "itemId"),
        ("POST", "Tickets/8107/Notes", "3900", &note, 500, "adequate permissions to create"),
        ("POST", "Tickets/8107/Notes", "3007", &note, 500, "adequate permissions to create"),
        ("POST", "Projects/4001/Tasks", "3005", &task, 200, "itemId"),
    ];
    for (method, path, id, body, status, words) in rows {
        let request = request(method, path).header("ImpersonationResourceId", id);
        let response = send(&sandbox, request.body(body.to_string().into()).unwrap());
        assert!(
            response.status == status && response.text.contains(words),
            "{path} {}",
            response.text
        );
        let created = response.json["itemId"].as_i64();
        if let (Some(created), "Tickets/8107/Notes") = (created, path) {
            let note = get(&sandbox, &format!("TicketNotes/{created}")).json["item"].clone();
            assert_eq!(note["creatorResourceID"], 3005);
            assert_eq!(note["impersonatorCreatorResourceID"], 3900);
        }
        if let (Some(created), "Projects/4001/Tasks") = (created, path) {
            let task = get(&sandbox, &format!("Tasks/{created}")).json["item"].clone();
            assert_eq!(task["creatorResourceID"], 3900);
        }
    }
}

#[test]
fn requests_are_logged_and_counted() {
    let sandbox = Sandbox::new();
    get(&sandbox, "Companies/0");
    let response = get(&sandbox, "ThresholdInformation");
    assert_eq!(response.json["currentTimeframeRequestCount"], 2);
    assert_eq!(response.json["externalRequestThreshold"], 10_000);
    let log = sandbox.requests();
    assert_eq!(
        log,
        ["GET /ATServicesRest/v1.0/Companies/0", "GET /ATServicesRest/v1.0/ThresholdInformation"]
    );
}
