//! Liveness, readiness and metrics, each for a monitor.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};

use super::mcp_endpoint::media_type_weight;
use super::rejection::Rejection;
use crate::app::App;
use crate::telemetry::metrics;

const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The process is running.
pub async fn health() -> Json<Value> {
    Json(json!({ "ok": true, "name": "autotask-mcp", "version": env!("CARGO_PKG_VERSION") }))
}

/// A call would be sent: credentials are set, the zone is known, and the hourly limit is not reached.
pub async fn ready(State(desk): State<Arc<App>>) -> Result<Json<Value>, Rejection> {
    match desk.executor().client().check_ready().await {
        Ok(()) => Ok(Json(json!({ "ok": true }))),
        Err(error) => {
            tracing::debug!("not ready: {error}");
            Err(Rejection::NotReady)
        }
    }
}

/// The metrics in Prometheus' text format, or as `OpenMetrics` if the client names it in `Accept`.
pub async fn metrics(State(desk): State<Arc<App>>, headers: HeaderMap) -> Response {
    let text = desk.executor().client().metrics().encode().unwrap_or_default();
    match media_type_weight(&headers, "application/openmetrics-text") {
        Some(weight) if weight > 0.0 => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        _ => ([(CONTENT_TYPE, PROMETHEUS)], metrics::to_prometheus_text(&text)).into_response(),
    }
}
