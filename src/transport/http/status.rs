//! Whether the process lives, and whether a call would find its way.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::door::takes;
use super::refusal::Refusal;
use crate::app::App;
use crate::telemetry::metrics;

const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The process answers.
pub async fn health() -> Response {
    said(&json!({ "ok": true, "name": "autotask-mcp", "version": env!("CARGO_PKG_VERSION") }))
}

/// A call would be sent: credentials are there, the zone is known, and the hourly budget is not used up.
pub async fn ready(State(desk): State<Arc<App>>) -> Response {
    match desk.executor().client().check_ready().await {
        Ok(()) => said(&json!({ "ok": true })),
        Err(error) => {
            tracing::debug!("not ready: {error}");
            Refusal::NotReady.into_response()
        }
    }
}

/// The counters, as Prometheus reads them: in the newer format where that is asked for.
pub async fn metrics(State(desk): State<Arc<App>>, headers: HeaderMap) -> Response {
    let text = desk.executor().client().metrics().encode();
    let text = text.unwrap_or_default();
    match takes(&headers, "application/openmetrics-text") {
        true => typed(text, OPEN_METRICS),
        false => typed(metrics::to_prometheus_text(&text), PLAIN),
    }
}

fn said(body: &Value) -> Response {
    typed(body.to_string(), "application/json")
}

fn typed(body: String, of: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    let of = HeaderValue::from_static(of);
    response.headers_mut().insert(CONTENT_TYPE, of);
    response
}
