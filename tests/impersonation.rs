//! Impersonation: a write uses the resource of its token, or the one in the settings.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support::{http_server, stub_upstream};

use std::sync::{Arc, Mutex};

use http::Request;
use http_body_util::BodyExt;
use http_server::{HttpServer, TOKEN, call, json_of};
use hyper::body::Incoming;
use serde_json::json;
use stub_upstream::{CODE, SECRET, Upstream, ok_reply, threshold};

/// Method, path and `ImpersonationResourceId` of each request.
type Sent = Arc<Mutex<Vec<(String, String, Option<String>)>>>;

fn upstream(sent: &Sent) -> Upstream {
    let sent = sent.clone();
    Upstream::open(move |request: Request<Incoming>| {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let impersonated = request.headers().get("ImpersonationResourceId");
        let impersonated = impersonated.and_then(|value| value.to_str().ok()).map(str::to_owned);
        sent.lock().expect("the list").push((method.clone(), path.clone(), impersonated));
        async move {
            let person = r#"{"id":3005,"email":"jonah@example.test","firstName":"Jonah","lastName":"Reed","isActive":true}"#;
            match (method.as_str(), path.rsplit('/').next().unwrap_or_default()) {
                ("DELETE", _) => ok_reply(r#"{"itemId":7}"#),
                (_, "ThresholdInformation") => threshold(),
                (_, "query") if path.contains("/Resources/") => {
                    let body = request.into_body().collect().await.expect("a body").to_bytes();
                    let is_known = String::from_utf8_lossy(&body).contains("jonah@");
                    let items = if is_known { person } else { "" };
                    ok_reply(format!(r#"{{"items":[{items}],"pageDetails":{{"count":1}}}}"#))
                }
                _ => ok_reply(r#"{"item":{"id":7,"ticketID":5}}"#),
            }
        }
    })
}

#[tokio::test]
async fn a_write_impersonates_the_resource_of_its_token() {
    let sent = Sent::default();
    let upstream = upstream(&sent);
    let zone = format!("http://{}/ATServicesRest/", upstream.address());
    let folder =
        std::env::temp_dir().join(format!("autotask-impersonation-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (tokens, log) = (folder.join("tokens"), folder.join("audit.jsonl"));
    let lines = "by-id token-of-a-client-1 full as=3001\n\
        by-email token-of-a-client-2 full as=jonah@example.test\n\
        nobody token-of-a-client-3 full\n\
        unknown token-of-a-client-4 full as=gone@example.test\n";
    std::fs::write(&tokens, lines).expect("a file");
    let server = HttpServer::start(
        &[],
        &[
            ("AUTOTASK_API_URL", &zone),
            ("AUTOTASK_USERNAME", "api@example.test"),
            ("AUTOTASK_SECRET", SECRET),
            ("AUTOTASK_INTEGRATION_CODE", CODE),
            ("AUTOTASK_IMPERSONATION_RESOURCE_ID", "3999"),
            ("AUTOTASK_HTTP_TOKENS_FILE", tokens.to_str().expect("a path")),
            ("AUTOTASK_AUDIT_LOG", log.to_str().expect("a path")),
        ],
    );
    let delete = |entity: &str| {
        call("delete-entity", &json!({ "entity": entity, "id": 7, "confirm": "DELETE_ENTITY" }))
    };
    let entry = delete("TimeEntries");
    let tag = delete("TicketTagAssociations");
    for (token, request, impersonated) in [
        (TOKEN, &entry, Some("3999")),
        ("token-of-a-client-1", &entry, Some("3001")),
        ("token-of-a-client-2", &entry, Some("3005")),
        ("token-of-a-client-3", &entry, Some("3999")),
        // Autotask rejects impersonation for this entity.
        ("token-of-a-client-1", &tag, None),
    ] {
        sent.lock().expect("the list").clear();
        let reply = json_of(server.post_as(token, request).send().await.expect("a reply")).await;
        let sent = sent.lock().expect("the list").clone();
        let deletes: Vec<_> = sent.iter().filter(|(method, ..)| method == "DELETE").collect();
        assert_eq!(deletes.len(), 1, "{reply}");
        assert_eq!(deletes[0].2.as_deref(), impersonated, "{token}: {reply}");
        let reads = sent.iter().filter(|(method, ..)| method != "DELETE");
        assert!(reads.clone().all(|(.., impersonated)| impersonated.is_none()), "{sent:?}");
        let log = std::fs::read_to_string(&log).expect("a log");
        let last: serde_json::Value =
            serde_json::from_str(log.lines().last().expect("a line")).expect("JSON");
        assert_eq!(last["as"].as_i64().map(|id| id.to_string()).as_deref(), impersonated, "{last}");
        let warns = reply.to_string().contains("written as the API user");
        assert_eq!(warns, impersonated.is_none(), "{reply}");
    }
    // A write whose resource is unknown is not sent without impersonation.
    sent.lock().expect("the list").clear();
    let reply = server.post_as("token-of-a-client-4", &entry).send().await.expect("a reply");
    let reply = json_of(reply).await.to_string();
    assert!(reply.contains("names the person"), "{reply}");
    let sent = sent.lock().expect("the list").clone();
    assert!(sent.iter().all(|(method, ..)| method != "DELETE"), "{sent:?}");
    std::fs::remove_dir_all(&folder).expect("the folder");
}
