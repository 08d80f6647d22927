//! The client against a server within the process.

mod socket;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::Response;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::Client;
use super::backend::{Backend, InProcessReply};
use crate::client::no_callback;
use crate::client::threshold::RefreshDue;
use crate::config::Config;
use crate::confirm::Confirmed;
use crate::error::{Code, Error};
use crate::plan::request::Request;

const PIN: (&str, &str) =
    ("AUTOTASK_API_URL", "https://webservices2.autotask.net/ATServicesRest/v1.0");
const CREDENTIALS: [(&str, &str); 3] = [
    ("AUTOTASK_USERNAME", "api.user+1@example.test"),
    ("AUTOTASK_SECRET", "hush#hush"),
    ("AUTOTASK_INTEGRATION_CODE", "HUSHCODE"),
];

fn config(more: &[(&str, &str)]) -> Config {
    Config::read(&|name| {
        let mut pairs = more.iter().chain(&CREDENTIALS);
        let pair = pairs.find(|(key, _)| *key == name);
        pair.map(|(_, value)| (*value).to_owned())
    })
    .unwrap()
}

type Sent = Arc<Mutex<Vec<http::Request<Bytes>>>>;

/// A client whose requests are recorded, with the responses of `respond`.
fn client(
    config: &Config,
    respond: impl Fn(&str) -> (u16, Value) + Send + Sync + 'static,
) -> (Client, Sent) {
    let sent = Sent::default();
    let recorded = Arc::clone(&sent);
    let backend = Backend::local(config, move |request| {
        let (status, body) = respond(&request.uri().to_string());
        recorded.lock().push(request);
        let mut response = Response::new(Bytes::from(body.to_string()));
        *response.status_mut() = status.try_into().unwrap();
        InProcessReply::Reply(response)
    });
    (with_threshold(config, backend), sent)
}

/// A client that knows that little of the threshold is used.
fn with_threshold(config: &Config, backend: Backend) -> Client {
    let client = Client::new(config, backend);
    let reading = json!({ "currentTimeframeRequestCount": 1, "externalRequestThreshold": 10_000 });
    client.0.threshold.record_reading(&reading);
    assert_eq!(client.0.threshold.refresh_due(), RefreshDue::No);
    client
}

fn header<'a>(request: &'a http::Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test(start_paused = true)]
async fn requests_as_sent() {
    let (client, sent) = client(&config(&[PIN]), |_| (200, json!({ "itemId": 7 })));
    let body = json!({ "title": "Oven" });
    for (request, writes) in [
        (Request::get("Tickets/7?x=%20"), false),
        (Request::post("Tickets/query", body.clone()), false),
        (Request::post("Companies/5/Contacts", body.clone()).with_author(Some(29_682_885)), true),
        (Request::patch("Tickets", body.clone()), true),
        (Request::delete("TimeEntries/7"), true),
    ] {
        let result = if writes {
            client.write(&request, Confirmed::for_test(), no_callback()).await
        } else {
            client.read(&request).await
        };
        assert_eq!(result, Ok(json!({ "itemId": 7 })));
        let message = sent.lock().pop().unwrap();
        assert_eq!(message.method(), request.method);
        let base = "https://webservices2.autotask.net/atservicesrest/V1.0/";
        assert_eq!(message.uri().to_string(), format!("{base}{}", request.path));
        assert_eq!(header(&message, "UserName"), Some("api.user+1@example.test"));
        assert_eq!(header(&message, "Secret"), Some("hush#hush"));
        assert_eq!(header(&message, "ApiIntegrationCode"), Some("HUSHCODE"));
        let person = header(&message, "ImpersonationResourceId");
        assert_eq!(person, request.author.map(|_| "29682885"), "{request:?}");
        let has_body = request.body.is_some();
        assert_eq!(header(&message, "Content-Type").is_some(), has_body);
        let sent_body = serde_json::from_slice(message.body()).ok();
        assert_eq!(sent_body, request.body);
        assert!(!format!("{:?}", message.headers()).to_lowercase().contains("hush"));
    }
}

#[tokio::test(start_paused = true)]
async fn missing_credentials_are_named() {
    for (unset, named) in [
        (&["AUTOTASK_SECRET"][..], "Not set: AUTOTASK_SECRET."),
        (
            &["AUTOTASK_USERNAME", "AUTOTASK_INTEGRATION_CODE"],
            "Not set: AUTOTASK_USERNAME, AUTOTASK_INTEGRATION_CODE.",
        ),
    ] {
        let empty: Vec<_> = unset.iter().map(|name| (*name, "")).collect();
        let (client, sent) = client(&config(&empty), |_| (200, json!({})));
        let error = client.read(&Request::get("Tickets/7")).await.unwrap_err();
        assert_eq!(error.code(), Code::NotConfigured);
        assert!(error.to_string().contains(named), "{error}");
        assert!(sent.lock().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn paths_stay_below_the_version() {
    let (client, sent) = client(&config(&[PIN]), |_| (200, json!({})));
    for path in ["", "/Tickets", "../x", "Tickets/%2E%2e/x", "Tickets//7", "a\\..\\b", "a b"] {
        let error = client.read(&Request::get(path)).await.unwrap_err();
        assert_eq!(error.code(), Code::Internal, "{path}");
    }
    assert!(sent.lock().is_empty());
}

fn zone(url: &str) -> impl Fn(&str) -> (u16, Value) + use<> {
    let url = url.to_owned();
    move |request_url| match request_url.contains("zoneInformation") {
        true => (200, json!({ "zoneName": "A", "url": url, "ci": 5 })),
        false => (200, json!({ "item": { "id": 7 } })),
    }
}

async fn zone_error(more: &[(&str, &str)], response: (u16, Value)) -> (Error, usize) {
    let (client, sent) = client(&config(more), move |_| response.clone());
    let error = client.read(&Request::get("Tickets/7")).await.unwrap_err();
    let count = sent.lock().len();
    (error, count)
}

#[tokio::test(start_paused = true)]
async fn zone_is_detected_once_without_secrets() {
    let url = "https://webservices14.autotask.net/ATServicesRest/";
    let (client, sent) = client(&config(&[]), zone(url));
    let request = Request::get("Tickets/7");
    let clone = client.clone();
    let (a, b) = tokio::join!(client.read(&request), clone.read(&request));
    assert!(a.is_ok() && b.is_ok() && client.read(&request).await.is_ok());
    let sent = sent.lock();
    let urls: Vec<_> = sent.iter().map(|request| request.uri().to_string()).collect();
    let ticket = "https://webservices14.autotask.net/atservicesrest/V1.0/Tickets/7";
    let detection = "https://webservices.autotask.net/atservicesrest/v1.0/zoneInformation\
        ?user=api%2Euser%2B1%40example%2Etest";
    assert_eq!(urls, [detection, ticket, ticket]);
    assert!(sent[0].headers().is_empty());
}

#[tokio::test(start_paused = true)]
async fn zone_hosts() {
    let local = [("AUTOTASK_ZONE_URL", "http://localhost:5/")];
    for (more, url, is_accepted) in [
        (&[][..], "https://WebServices14.AutoTask.net/ATServicesRest/V1.0/", true),
        (&[], "http://webservices14.autotask.net/ATServicesRest/", false),
        (&[], "https://autotask.net.evil.example/", false),
        (&[], "https://evilautotask.net/", false),
        (&[], "https://user@webservices14.autotask.net/", false),
        (&[], "http://127.0.0.1:8080/", false),
        (&[], "https://localhost/", false),
        (&[], "nonsense", false),
        (&local, "http://127.0.0.1:8080/", true),
        (&local, "https://webservices14.autotask.net/", true),
        (&local, "https://evil.example/", false),
    ] {
        let (client, sent) = client(&config(more), zone(url));
        let result = client.read(&Request::get("Tickets/7")).await;
        assert_eq!(result.is_ok(), is_accepted, "{url}");
        if let Err(error) = result {
            assert_eq!(error.code(), Code::UpstreamUnavailable, "{error}");
            assert_eq!(sent.lock().len(), 1, "{url}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_rejection_names_a_record_is_not_retried() {
    for status in [401, 429, 500] {
        let (client, sent) = client(&config(&[PIN]), move |_| (status, json!({ "itemId": 7 })));
        let request = Request::post("Tickets", json!({ "title": "Oven" }));
        let result = client.write(&request, Confirmed::for_test(), no_callback()).await;
        assert_eq!(result.unwrap_err().code(), Code::OutcomeUnknown, "{status}");
        assert_eq!(sent.lock().len(), 1, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn failing_zone_detection() {
    let unknown = json!({"errors": ["Zone information could not be determined"]});
    let other = json!({"errors": ["Something else is invalid."]});
    for (status, body, code, times) in [
        (500, unknown, Code::AuthFailed, 1),
        (500, other, Code::AuthFailed, 1),
        (401, json!({}), Code::AuthFailed, 1),
        (404, json!({}), Code::UpstreamUnavailable, 1),
        (503, json!({}), Code::UpstreamUnavailable, 4),
        (200, json!({"url": null}), Code::UpstreamUnavailable, 1),
        (429, json!({}), Code::RateLimited, 4),
    ] {
        let (error, count) = zone_error(&[], (status, body.clone())).await;
        assert_eq!((error.code(), count), (code, times), "{status} {body}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_zone_detection_is_retried() {
    let calls = AtomicUsize::new(0);
    let zone = zone("https://webservices14.autotask.net/ATServicesRest/");
    let (client, _) = client(&config(&[]), move |url| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => (503, json!({})),
        _ => zone(url),
    });
    let request = Request::get("Tickets/7");
    let (a, b) = tokio::join!(client.read(&request), client.read(&request));
    assert!(a.is_ok() && b == a, "{a:?} {b:?}");
}
