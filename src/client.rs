//! The client of one Autotask tenant: retries reads, sends writes once, and stays within the tenant's limits.

mod attempt;
pub mod auth;
pub mod backend;
pub mod caller_key;
mod endpoint_limits;
mod fair_queue;
pub mod fetch_metadata;
mod lockout;
pub mod page;
pub mod request;
mod requesters;
pub mod response;
pub mod retry;
mod server_clock;
mod single_flight;
mod threshold;
mod threshold_refresh;
pub mod zone;

use std::sync::Arc;

use http::Method;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::task::TaskTracker;

use crate::cluster::ReplicaCoordinator;
use crate::config::{BaseUrl, Config};
use crate::confirm::Confirmed;
use crate::error::Error;
use crate::plan::request::Request;
use crate::telemetry::metrics::Metrics;
use auth::Auth;
use backend::Backend;
use endpoint_limits::EndpointLimiter;
use lockout::Lockout;
use requesters::Requesters;
use response::body::Body;
use retry::{AttemptHistory, FailureKind, OperationKind, RetryBudget, RetryDecision};
use server_clock::ServerClock;
use single_flight::SingleFlight;
use threshold::Threshold;
use zone::Zone;

/// The client of one tenant; clones share the zone, the connections and the limits.
#[derive(Clone)]
pub struct Client(Arc<ClientInner>);

struct ClientInner {
    backend: Backend,
    /// Missing credentials fail a call, not the start.
    auth: Result<Auth, Error>,
    zone: Zone,
    lockout: Lockout,
    limiter: EndpointLimiter,
    replicas: Option<ReplicaCoordinator>,
    threshold: Threshold,
    /// Held while one caller decides about a refresh of the threshold.
    refreshing: tokio::sync::Mutex<()>,
    reads: SingleFlight,
    writes: TaskTracker,
    metrics: Metrics,
    clock: ServerClock,
}

/// The path of a readiness check, which sends no request of its own.
const NO_ENDPOINT: &str = "";

/// The result of a request.
pub type WriteOutcome = Result<Value, Error>;

/// Called with a write's outcome, even if its caller has cancelled.
pub type OutcomeCallback = Arc<dyn Fn(&WriteOutcome) + Send + Sync>;

impl Client {
    /// A client with the credentials and the zone of the settings; sends nothing yet.
    #[must_use]
    pub fn new(config: &Config, backend: Backend) -> Self {
        let replicas = ReplicaCoordinator::new(config);
        Self(Arc::new(ClientInner {
            backend,
            auth: Auth::new(config),
            zone: Zone::new(config),
            lockout: Lockout::default(),
            limiter: EndpointLimiter::new(replicas.clone()),
            replicas,
            threshold: Threshold::new(config.threshold_stop_percent),
            refreshing: tokio::sync::Mutex::default(),
            reads: SingleFlight::default(),
            writes: TaskTracker::new(),
            metrics: Metrics::default(),
            clock: ServerClock::default(),
        }))
    }

    /// The address of Autotask's web pages, ending in `/`; none if the zone is unknown or reports none.
    #[must_use]
    pub fn web_url(&self) -> Option<&str> {
        self.0.zone.web_url()
    }

    /// Sends a read and returns the response body; identical reads in flight are sent once.
    ///
    /// # Errors
    ///
    /// Any failure of the credentials, the connection or Autotask.
    pub async fn read(&self, request: &Request) -> Result<Value, Error> {
        self.read_body(request).await.map(Body::into_value)
    }

    /// The same, with the items of a page as rows.
    async fn read_body(&self, request: &Request) -> Result<Body, Error> {
        let operation = match request.method {
            Method::GET => OperationKind::Get,
            _ => OperationKind::Query,
        };
        let body = request.body.as_ref().map(Value::to_string).unwrap_or_default();
        let key = format!("{} {} {body}", request.method, request.path);
        let start = |callers| {
            let (client, request) = (self.clone(), request.clone());
            async move { client.send_read(&request, operation, &callers).await }
        };
        self.0.reads.run(&key, start).await
    }

    /// Sends a confirmed write once and returns the response body. Cancelling drops a write that still waits; a
    /// write that was sent runs to its end, and `on_outcome` is called in any case.
    ///
    /// # Errors
    ///
    /// As for a read; `outcome-unknown` when the write may have happened.
    pub async fn write(
        &self,
        request: &Request,
        _: Confirmed,
        on_outcome: OutcomeCallback,
    ) -> Result<Value, Error> {
        let operation = match request.method {
            Method::DELETE => OperationKind::Delete,
            _ => OperationKind::Mutate,
        };
        self.refresh_threshold(&request.path).await?;
        let reads = self.0.reads.clone();
        let on_outcome: OutcomeCallback = Arc::new(move |outcome| {
            reads.clear();
            on_outcome(outcome);
        });
        let sent = self.send(request, operation, (&Requesters::current(), &on_outcome)).await;
        sent.map(Body::into_value)
    }

    /// Waits until every sent write has its outcome, or until the deadline.
    pub async fn wait_for_writes(&self, deadline: Instant) {
        self.0.writes.close();
        if timeout_at(deadline, self.0.writes.wait()).await.is_err() {
            tracing::warn!("the outcome of a write was still unknown at shutdown");
        }
    }

    /// Checks that a call would be sent now; looks up the zone if it is not known.
    ///
    /// # Errors
    /// Why a call would not be sent.
    pub async fn check_ready(&self) -> Result<(), Error> {
        self.0.lockout.check()?;
        self.refresh_threshold(NO_ENDPOINT).await?;
        self.zone().await?;
        self.0.lockout.check_last_auth()
    }

    /// The base URL of the zone: pinned, or looked up.
    ///
    /// # Errors
    ///
    /// Missing credentials, or no zone for them.
    pub async fn zone(&self) -> Result<BaseUrl, Error> {
        let auth = self.0.auth.as_ref().map_err(Clone::clone)?;
        self.0.zone.base_url(&self.0.backend, auth.username()).await
    }

    /// The coordination with other replicas, if it is configured.
    #[must_use]
    pub fn shared(&self) -> Option<&ReplicaCoordinator> {
        self.0.replicas.as_ref()
    }

    /// The metrics.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The tenant's current time, according to its last response.
    #[must_use]
    pub fn tenant_time(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// A warning for responses while much of the request threshold is used, or its usage is unknown.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        self.0.threshold.warning()
    }

    /// Sends a request, and again as the retry policy allows.
    async fn send(
        &self,
        request: &Request,
        operation: OperationKind,
        (callers, on_outcome): (&Requesters, &OutcomeCallback),
    ) -> Result<Body, Error> {
        let (mut budget, started, mut history) =
            (RetryBudget::new(operation), Instant::now(), AttemptHistory::default());
        loop {
            let failed = match self.try_once(request, operation, (callers, on_outcome)).await {
                Ok(body) => return Ok(body),
                Err(failed) => failed,
            };
            if failed.failure == FailureKind::Unauthorized
                && self.zone_changed(&failed, &mut history).await
            {
                continue;
            }
            match budget.next(failed.failure, started.elapsed()) {
                RetryDecision::GiveUp => return Err(history.final_error(operation, failed.error)),
                RetryDecision::RetryAfter(delay) => sleep(delay).await,
            }
            self.0.metrics.record_retry(endpoint_limits::endpoint_key(&request.path));
            history.was_resent = true;
        }
    }
}

/// The id that a write's response names; some zones send it as text.
#[must_use]
pub fn created_id(response: &Value) -> Option<i64> {
    let mut members = response.as_object()?.iter();
    let (_, id) = members.find(|(name, _)| name.eq_ignore_ascii_case("itemId"))?;
    id.as_i64().or_else(|| id.as_str()?.parse().ok())
}

/// For requests whose outcome needs no callback.
pub(crate) fn no_callback() -> OutcomeCallback {
    Arc::new(|_| {})
}

#[cfg(test)]
mod tests;
