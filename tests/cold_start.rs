//! The first call of a process, at 100 ms per request in paused time: the requests of each round.
#![allow(clippy::expect_used, reason = "what fails here fails the test")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use autotask_mcp::app::{self, App};
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_sandbox::{BASE_URL, FaultResult, INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support;

const LATENCY: Duration = Duration::from_millis(100);

/// The requests of each round, without the method and the base URL, in alphabetical order.
type Rounds = Vec<Vec<String>>;

/// Makes the first call of a process; the zone is pinned, or detected.
fn first_call(zone: Zone, tool: &str, arguments: &Value) -> (Rounds, Value) {
    let credentials = [
        ("AUTOTASK_USERNAME", USERNAME),
        ("AUTOTASK_SECRET", SECRET),
        ("AUTOTASK_INTEGRATION_CODE", INTEGRATION_CODE),
    ];
    let pin = match zone {
        Zone::Pinned => Some(("AUTOTASK_API_URL", BASE_URL)),
        Zone::Detected => None,
    };
    let config = support::config(credentials.into_iter().chain(pin));
    let (sandbox, sent) = (Sandbox::new(), Arc::new(Mutex::new(Vec::new())));
    let log = sent.clone();
    let backend = Backend::local(&config, move |request| {
        let request_at = (Instant::now(), path(request.uri().path()));
        log.lock().unwrap_or_else(PoisonError::into_inner).push(request_at);
        match sandbox.respond(request) {
            FaultResult::Response(reply) => InProcessReply::Delayed(LATENCY, reply),
            _ => InProcessReply::ConnectionLost,
        }
    });
    let app = App::new(&config, backend).expect("settings that name tools");
    let arguments = app::parse_arguments(&arguments.to_string()).expect("a JSON object");
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let (response, started, ended) = runtime.expect("a runtime").block_on(async {
        let started = Instant::now();
        let response = app.call_as_operator(tool, arguments).await.expect("a registered tool");
        (response, started, Instant::now())
    });
    let sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
    let response =
        response.error.unwrap_or_else(|| serde_json::from_str(&response.text).expect("JSON"));
    (rounds(&sent, started, ended), response)
}

#[derive(Clone, Copy)]
enum Zone {
    Detected,
    Pinned,
}

fn path(path: &str) -> String {
    let at = path.to_ascii_lowercase().find("v1.0/").map_or(0, |at| at + "v1.0/".len());
    path.get(at..).unwrap_or_default().to_owned()
}

fn rounds(sent: &[(Instant, String)], started: Instant, ended: Instant) -> Rounds {
    let round = |at: Instant| ((at - started).as_millis() / LATENCY.as_millis()) as usize;
    let mut rounds = vec![Vec::new(); round(ended)];
    for (at, path) in sent {
        rounds[round(*at)].push(path.clone());
    }
    for round in &mut rounds {
        round.sort_unstable();
    }
    rounds
}

/// A call, and the requests of each of its rounds once the zone is known.
type Row = (&'static str, &'static str, Value, &'static [&'static str]);

const FIRST_OF_A_TICKET: &str =
    "ThresholdInformation Tickets/8107 Tickets/entityInformation/fields";
const FIRST_OF_A_SEARCH: &str =
    "ThresholdInformation Tickets/entityInformation/fields Tickets/query";

fn reads() -> Vec<Row> {
    vec![
        (
            "a ticket",
            "get-ticket",
            json!({ "id": 8107 }),
            &[
                FIRST_OF_A_TICKET,
                "Companies/query ConfigurationItems/query Contacts/query Contracts/query Resources/query Roles/query Tickets/entityInformation/userDefinedFields",
            ],
        ),
        (
            "a ticket without user-defined fields",
            "get-ticket",
            json!({ "id": "T20260305.0011", "fields": "id,status,companyID,contactID" }),
            &[FIRST_OF_A_SEARCH, "Companies/query Contacts/query"],
        ),
        (
            "a ticket without codes",
            "get-ticket",
            json!({ "id": 8107, "fields": "id,title" }),
            &["ThresholdInformation Tickets/8107"],
        ),
        (
            "a ticket with its parts",
            "get-ticket",
            json!({ "id": 8107, "fields": "id,status", "include": ["notes", "timeEntries"] }),
            &[
                "ThresholdInformation TicketNotes/query Tickets/8107 TimeEntries/query",
                "Tickets/entityInformation/fields",
                "Contacts/query Resources/query Roles/query TicketNotes/entityInformation/fields",
            ],
        ),
        (
            "open tickets",
            "search-tickets",
            json!({ "openOnly": true }),
            &[FIRST_OF_A_SEARCH, "Companies/query Resources/query"],
        ),
        (
            "tickets of a named company",
            "search-tickets",
            json!({ "companyID": "Marrow Bakery" }),
            &[
                "Companies/query ThresholdInformation Tickets/entityInformation/fields",
                "Tickets/query",
                "Resources/query",
            ],
        ),
    ]
}

fn previews() -> Vec<Row> {
    vec![
        (
            "an update",
            "update-ticket",
            json!({ "id": 8107, "priority": 1 }),
            &[FIRST_OF_A_TICKET, "Companies/query"],
        ),
        (
            "an update with names",
            "update-ticket",
            json!({ "id": 8107, "priority": "Critical", "assignedResourceID": "Jonah Whitlock" }),
            &[
                "Resources/query ThresholdInformation Tickets/8107 Tickets/entityInformation/fields",
                "ResourceRoles/query",
                "Roles/query",
                "Companies/query",
            ],
        ),
        (
            "a new ticket",
            "create-ticket",
            json!({ "companyID": 412, "title": "Oven", "status": 1, "priority": 1, "queueID": 8 }),
            &[
                "ThresholdInformation Tickets/entityInformation/fields",
                "Companies/query Tickets/query",
            ],
        ),
        (
            "a new note",
            "create-ticket-note",
            json!({ "ticketID": 8107, "title": "Oven", "description": "x", "noteType": 1, "publish": 2 }),
            &[
                "ThresholdInformation TicketNotes/entityInformation/fields",
                "Tickets/query",
                "Companies/query",
            ],
        ),
        (
            "new time",
            "create-time-entry",
            json!({ "ticketID": 8107, "resourceID": 3005, "roleID": 501, "dateWorked": "2026-03-05", "startDateTime": "2026-03-05T10:00:00Z", "endDateTime": "2026-03-05T11:00:00Z", "summaryNotes": "x" }),
            &[
                "ThresholdInformation TimeEntries/entityInformation/fields",
                "Resources/query Roles/query Tickets/query",
                "ResourceRoles/query",
                "Companies/query",
            ],
        ),
        (
            "a deletion",
            "delete-entity",
            json!({ "entity": "TimeEntries", "id": 5456 }),
            &[
                "ThresholdInformation TimeEntries/5456 TimeEntries/entityInformation/fields",
                "BillingCodes/query Resources/query Roles/query Tickets/query",
                "Companies/query",
            ],
        ),
    ]
}

#[test]
fn the_first_call_takes_few_rounds() {
    for (name, tool, arguments, expected) in reads().into_iter().chain(previews()) {
        let expected: Rounds =
            expected.iter().map(|round| round.split(' ').map(str::to_owned).collect()).collect();
        let (rounds, response) = first_call(Zone::Pinned, tool, &arguments);
        assert_eq!(rounds, expected, "{name}: {response}");
        let (rounds, response) = first_call(Zone::Detected, tool, &arguments);
        let expected = [vec![vec!["zoneInformation".to_owned()]], expected].concat();
        assert_eq!(rounds, expected, "{name}, and the zone: {response}");
    }
}
