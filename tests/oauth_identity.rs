//! Under whose name callers with access tokens write, and who `me` is for them.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support::{http_server, identity_provider, sandbox_port};

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use autotask_sandbox::{INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use http_server::{HttpServer, TOKEN, call, json_of, text};
use identity_provider::{IdentityProvider, SigningKey};
use sandbox_port::SandboxPort;
use serde_json::{Value, json};

/// Active people of the sandbox.
const PEOPLE: [(&str, i64); 7] = [
    ("Maren.Holt@tidewater.example.test", 3001),
    ("TOMAS.REYES@TIDEWATER.EXAMPLE.TEST", 3002),
    ("priya.nair@tidewater.example.test", 3003),
    ("anders.holt@tidewater.example.test", 3004),
    ("jonah.whitlock@tidewater.example.test", 3005),
    ("lena.marsh@tidewater.example.test", 3006),
    ("sofia.brandt@tidewater.example.test", 3008),
];

fn serve(
    upstream: &SandboxPort,
    provider: &IdentityProvider,
    others: &[(&str, &str)],
) -> HttpServer {
    let (base, oauth) = (upstream.base(), provider.settings());
    let mut settings = vec![
        ("AUTOTASK_USERNAME", USERNAME),
        ("AUTOTASK_SECRET", SECRET),
        ("AUTOTASK_INTEGRATION_CODE", INTEGRATION_CODE),
        ("AUTOTASK_API_URL", &base),
    ];
    settings.extend(oauth.iter().map(|(name, value)| (*name, value.as_str())));
    settings.extend(others);
    HttpServer::start(&[], &settings)
}

async fn respond(server: &HttpServer, token: &str, tool: &str, arguments: &Value) -> Value {
    let reply = server.post_as(token, &call(tool, arguments)).send().await.expect("a reply");
    json_of(reply).await
}

fn note(title: &str) -> Value {
    json!({ "ticketID": 8107, "title": title, "description": "x", "noteType": 1, "publish": 2 })
}

fn confirmed(mut arguments: Value, token: &str) -> Value {
    arguments["confirm"] = token.into();
    arguments
}

/// The person that Autotask recorded as author of a note.
async fn author(server: &HttpServer, id: &Value) -> Value {
    let arguments = json!({ "entity": "TicketNotes", "id": id, "fields": "creatorResourceID" });
    let record = respond(server, TOKEN, "get-entity", &arguments).await;
    let record: Value = serde_json::from_str(&text(&record)).expect("JSON");
    record["item"]["creatorResourceID"].clone()
}

#[tokio::test]
async fn everyone_acts_under_their_own_name() {
    let key = SigningKey::ec("1");
    let provider = IdentityProvider::open(&[&key]);
    let sandbox = Arc::new(Sandbox::new());
    let upstream = SandboxPort::open(&sandbox);
    let log = std::env::temp_dir().join(format!("autotask-oauth-{}", std::process::id()));
    let path = log.to_str().expect("a path").to_owned();
    let server = serve(&upstream, &provider, &[("AUTOTASK_AUDIT_LOG", &path)]);
    for (email, id) in PEOPLE {
        let token = provider.token(&key, email);
        let mine = json!({ "entity": "Tickets", "query": [{ "op": "eq", "field": "assignedResourceID", "value": "me" }] });
        let theirs = json!({ "entity": "Tickets", "query": [{ "op": "eq", "field": "assignedResourceID", "value": id }] });
        let count = |reply: Value| {
            serde_json::from_str::<Value>(&text(&reply)).expect("JSON")["count"].clone()
        };
        let counted = count(respond(&server, &token, "count-entity", &mine).await);
        assert_eq!(
            counted,
            count(respond(&server, TOKEN, "count-entity", &theirs).await),
            "{email}"
        );
        let preview =
            respond(&server, &token, "create-ticket-note", &note(email)).await.to_string();
        assert!(preview.contains(&format!("in the name of resource {id}")), "{preview}");
        let arguments = confirmed(note(email), "CREATE_TICKET_NOTE");
        let written = respond(&server, &token, "create-ticket-note", &arguments).await;
        let written: Value = serde_json::from_str(&text(&written)).expect("JSON");
        assert_eq!(author(&server, &written["itemId"]).await, id, "{email}");
        let logged = std::fs::read_to_string(&log).expect("a log");
        let last: Value =
            serde_json::from_str(logged.lines().last().expect("a line")).expect("JSON");
        assert_eq!(last["as"], id, "{last}");
        assert_eq!(last["caller"], format!("oauth:id-of-{email}"), "{last}");
    }
    let lookups =
        sandbox.requests().iter().filter(|request| request.ends_with("/Resources/query")).count();
    assert_eq!(lookups, PEOPLE.len(), "each person is looked up once: {:?}", sandbox.requests());
    // People who left, API users and strangers write nothing.
    let created = sandbox.created("TicketNotes");
    for email in ["owen.castellano@tidewater.example.test", USERNAME, "nobody@example.test"] {
        let token = provider.token(&key, email);
        let arguments = confirmed(note("y"), "CREATE_TICKET_NOTE");
        let refused = respond(&server, &token, "create-ticket-note", &arguments).await.to_string();
        assert!(refused.contains("No active resource has the e-mail address"), "{refused}");
    }
    assert_eq!(sandbox.created("TicketNotes"), created);
    let _ = std::fs::remove_file(log);
}

#[tokio::test]
async fn a_person_can_be_required() {
    let key = SigningKey::ec("1");
    let provider = IdentityProvider::open(&[&key]);
    let sandbox = Arc::new(Sandbox::new());
    let upstream = SandboxPort::open(&sandbox);
    let tokens = std::env::temp_dir().join(format!("autotask-people-{}", std::process::id()));
    std::fs::write(
        &tokens,
        "named token-of-a-client-1 full as=3005\nnobody token-of-a-client-2 full\n",
    )
    .expect("a file");
    let path = tokens.to_str().expect("a path").to_owned();
    let settings =
        [("AUTOTASK_REQUIRE_PERSON", "true"), ("AUTOTASK_HTTP_TOKENS_FILE", path.as_str())];
    let server = serve(&upstream, &provider, &settings);
    let anonymous = key.sign(&provider.claims("a@b.test", &json!({ "email": null })));
    let unverified = key.sign(&provider.claims(PEOPLE[0].0, &json!({ "email_verified": false })));
    let person = provider.token(&key, PEOPLE[0].0);
    for (token, is_allowed) in [
        (TOKEN, false),
        ("token-of-a-client-2", false),
        (anonymous.as_str(), false),
        (unverified.as_str(), false),
        ("token-of-a-client-1", true),
        (person.as_str(), true),
    ] {
        let note = note(if token == person { "of a person" } else { "of a token" });
        for arguments in [note.clone(), confirmed(note, "CREATE_TICKET_NOTE")] {
            let reply = respond(&server, token, "create-ticket-note", &arguments).await.to_string();
            let is_refused = reply.contains("AUTOTASK_REQUIRE_PERSON allows writes only");
            assert_eq!(is_refused, !is_allowed, "{reply}");
        }
        let read = respond(&server, token, "get-ticket", &json!({ "id": 8107 })).await;
        assert_eq!(read["result"]["isError"], false, "{read}");
    }
    assert_eq!(sandbox.created("TicketNotes"), 2);
    // What Autotask may not write in a person's name is reported before confirmation.
    for (entity, id, notice) in [
        ("TicketSecondaryResources", 6001, "written as the API user"),
        ("Appointments", 2801, "does not list Appointments among"),
    ] {
        let delete = json!({ "entity": entity, "id": id });
        let preview = respond(&server, &person, "delete-entity", &delete).await.to_string();
        assert!(preview.contains("confirm-required") && preview.contains(notice), "{preview}");
    }
    let _ = std::fs::remove_file(tokens);
}

/// A Redis server that ends with the test.
struct Redis(Child, String);

impl Redis {
    fn start() -> Option<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port().to_string();
        drop(listener);
        let arguments = ["--port", &port, "--bind", "127.0.0.1", "--save", ""];
        let started = Command::new("redis-server").args(arguments).stdout(Stdio::null()).spawn();
        if started.is_err() {
            println!("without Redis: redis-server is not installed");
        }
        Some(Self(started.ok()?, format!("redis://127.0.0.1:{port}")))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// 200 clients of seven people over two replicas, while the provider changes its keys.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_writes_under_its_names_while_keys_rotate() {
    const CLIENTS: usize = 200;
    const ROTATIONS: usize = 4;
    let keys: Vec<_> =
        (0..=ROTATIONS).map(|number| SigningKey::ec(&format!("key-{number}"))).collect();
    let keys = Arc::new(keys);
    let provider = Arc::new(IdentityProvider::open(&[&keys[0]]));
    let sandbox = Arc::new(Sandbox::new());
    sandbox.set_threshold(10_000_000);
    let upstream = SandboxPort::open(&sandbox);
    let redis = Redis::start();
    let url = redis.as_ref().map_or(String::new(), |redis| redis.1.clone());
    let replica = || Arc::new(serve(&upstream, &provider, &[("AUTOTASK_REDIS_URL", &url)]));
    let replicas = [replica(), replica()];
    let (current, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let (server, provider, keys) =
            (replicas[number % 2].clone(), provider.clone(), keys.clone());
        let (current, is_over) = (current.clone(), is_over.clone());
        clients.spawn(async move {
            let (email, id) = PEOPLE[number % PEOPLE.len()];
            let mut written = Vec::new();
            for turn in 0.. {
                if is_over.load(Ordering::SeqCst) {
                    break;
                }
                let token = provider.token(&keys[current.load(Ordering::SeqCst)], email);
                let arguments = json!({ "id": 8001 + (number * 7 + turn) % 300, "fields": "id" });
                let reply = respond(&server, &token, "get-ticket", &arguments).await;
                assert_eq!(reply["result"]["isError"], false, "{reply}");
                if turn == 1 {
                    let arguments =
                        confirmed(note(&format!("{number}-{id}")), "CREATE_TICKET_NOTE");
                    let reply = respond(&server, &token, "create-ticket-note", &arguments).await;
                    let reply: Value = serde_json::from_str(&text(&reply)).expect("JSON");
                    written.push((reply["itemId"].clone(), id));
                }
            }
            written
        });
    }
    for rotation in 1..=ROTATIONS {
        tokio::time::sleep(Duration::from_millis(2500)).await;
        // Tokens of earlier keys are still in use.
        provider.publish(&keys[..=rotation].iter().collect::<Vec<_>>());
        current.store(rotation, Ordering::SeqCst);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    is_over.store(true, Ordering::SeqCst);
    let written = clients.join_all().await.concat();
    println!("{} notes, {} fetches of keys", written.len(), provider.fetches());
    assert!(written.len() > CLIENTS / 4, "{} notes", written.len());
    for (note, person) in &written {
        assert_eq!(author(&replicas[0], note).await, *person);
    }
    assert!(provider.fetches() <= 2 * (2 * ROTATIONS + 1), "{} fetches", provider.fetches());
    assert!(sandbox.max_in_flight() <= 3, "{} in flight", sandbox.max_in_flight());
}
