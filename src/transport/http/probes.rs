//! Liveness, readiness and metrics, each for a monitor.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::rejection::Rejection;
use crate::app::App;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The process is running.
pub async fn health() -> Json<Value> {
    Json(json!({ "ok": true, "name": "autotask-mcp", "version": env!("CARGO_PKG_VERSION") }))
}

/// A call would be sent: credentials are set, the zone is known, and the hourly limit is not reached.
pub async fn ready(State(app): State<Arc<App>>) -> Result<Json<Value>, Rejection> {
    match app.executor().client().check_ready().await {
        Ok(()) => {
            let conflicts = setting_conflicts(&app).await;
            let warnings = (!conflicts.is_empty()).then_some(conflicts);
            Ok(Json(match warnings {
                Some(warnings) => json!({ "ok": true, "warnings": warnings }),
                None => json!({ "ok": true }),
            }))
        }
        Err(error) => {
            tracing::debug!("not ready: {error}");
            Err(Rejection::NotReady)
        }
    }
}

/// Why this server and other replicas cannot work together.
pub async fn setting_conflicts(app: &App) -> Vec<String> {
    match app.executor().client().shared() {
        Some(replicas) => replicas.setting_conflicts().await,
        None => Vec::new(),
    }
}

/// The metrics in the `OpenMetrics` text format, which Prometheus reads.
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let text = app.executor().client().metrics().encode().unwrap_or_default();
    ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response()
}
