//! Speaks to one tenant: reads again what may be read again, writes once, and never beyond the tenant's limits.

mod attempt;
pub mod auth;
pub mod backend;
mod endpoint_limits;
mod http_request;
mod lockout;
pub mod page;
pub mod request;
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

use crate::client::request::Request;
use crate::cluster::ReplicaCoordinator;
use crate::config::{BaseUrl, Config};
use crate::confirm::Confirmed;
use crate::error::Error;
use crate::telemetry::metrics::Metrics;
use attempt::AttemptHistory;
use auth::Auth;
use backend::Backend;
use endpoint_limits::EndpointLimiter;
use lockout::Lockout;
use response::OperationKind;
use retry::{FailureKind, RetryBudget, RetryDecision};
use server_clock::ServerClock;
use single_flight::SingleFlight;
use threshold::Threshold;
use zone::Zone;

/// Speaks to one tenant; clones share the zone, the connections and the limits.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    wire: Backend,
    /// Missing credentials must not stop the start, only a call.
    auth: Result<Auth, Error>,
    zone: Zone,
    lockout: Lockout,
    slots: EndpointLimiter,
    shared: Option<ReplicaCoordinator>,
    threshold: Threshold,
    asking: tokio::sync::Mutex<()>,
    flights: SingleFlight,
    writes: TaskTracker,
    metrics: Metrics,
    clock: ServerClock,
}

/// Where a question of readiness goes: nowhere.
const NO_ENDPOINT: &str = "";

/// What a request came to.
pub type WriteOutcome = Result<Value, Error>;

/// Who hears of a write's outcome, even if its caller has left.
pub type OutcomeCallback = Arc<dyn Fn(&WriteOutcome) + Send + Sync>;

impl Client {
    /// A client with the credentials and the zone of the settings; nothing is sent yet.
    #[must_use]
    pub fn new(config: &Config, wire: Backend) -> Self {
        let shared = ReplicaCoordinator::new(config);
        Self(Arc::new(Inner {
            wire,
            auth: Auth::new(config),
            zone: Zone::new(config),
            lockout: Lockout::default(),
            slots: EndpointLimiter::new(shared.clone()),
            shared,
            threshold: Threshold::new(config.threshold_stop_percent),
            asking: tokio::sync::Mutex::default(),
            flights: SingleFlight::default(),
            writes: TaskTracker::new(),
            metrics: Metrics::default(),
            clock: ServerClock::default(),
        }))
    }

    /// Sends a read and answers the body of its reply; equal reads in flight are one.
    ///
    /// # Errors
    ///
    /// What Autotask, the way there, or the credentials refused.
    pub async fn read(&self, request: &Request) -> Result<Value, Error> {
        let act = match request.method {
            Method::GET => OperationKind::Get,
            _ => OperationKind::Query,
        };
        let body = request.body.as_ref().map(Value::to_string).unwrap_or_default();
        let asked = format!("{} {} {body}", request.method, request.path);
        let begin = || {
            let (client, request) = (self.clone(), request.clone());
            async move {
                client.refresh_threshold(&request.path).await?;
                client.send(&request, act, &no_callback()).await
            }
        };
        self.0.flights.run(&asked, begin).await
    }

    /// Sends a confirmed write, once, and answers the body of its reply. A caller who leaves while it waits takes
    /// it along; once it is on the wire it is carried through, and `told` hears of it in any case.
    ///
    /// # Errors
    ///
    /// As for a read; `outcome-unknown` when the write may have happened.
    pub async fn write(
        &self,
        request: &Request,
        _: Confirmed,
        told: OutcomeCallback,
    ) -> Result<Value, Error> {
        let act = match request.method {
            Method::DELETE => OperationKind::Delete,
            _ => OperationKind::Mutate,
        };
        self.refresh_threshold(&request.path).await?;
        let flights = self.0.flights.clone();
        let told: OutcomeCallback = Arc::new(move |outcome| {
            flights.clear();
            told(outcome);
        });
        self.send(request, act, &told).await
    }

    /// Waits until every write on the wire has its outcome, but not beyond the deadline.
    pub async fn wait_for_writes(&self, deadline: Instant) {
        self.0.writes.close();
        if timeout_at(deadline, self.0.writes.wait()).await.is_err() {
            tracing::warn!("a write was still without its outcome at the end");
        }
    }

    /// Whether a call would be sent now; the zone is looked up if it is not known.
    ///
    /// # Errors
    /// Why it would not be.
    pub async fn check_ready(&self) -> Result<(), Error> {
        self.0.lockout.check()?;
        self.refresh_threshold(NO_ENDPOINT).await?;
        self.zone().await?;
        self.0.lockout.check_last_auth()
    }

    /// The base of the zone: pinned, or looked up.
    ///
    /// # Errors
    ///
    /// Missing credentials, or no zone for them.
    pub async fn zone(&self) -> Result<BaseUrl, Error> {
        let auth = self.0.auth.as_ref().map_err(Clone::clone)?;
        self.0.zone.base_url(&self.0.wire, auth.username()).await
    }

    /// What is shared with other replicas, if anything is.
    #[must_use]
    pub fn shared(&self) -> Option<&ReplicaCoordinator> {
        self.0.shared.as_ref()
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// What time it is where the tenant is kept, as its last reply told.
    #[must_use]
    pub fn tenant_time(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// A sentence for answers while much of the hourly budget is used.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        self.0.threshold.warning()
    }

    /// Sends until there is an outcome to tell.
    async fn send(
        &self,
        request: &Request,
        act: OperationKind,
        told: &OutcomeCallback,
    ) -> WriteOutcome {
        let (mut tries, began, mut again) =
            (RetryBudget::new(act), Instant::now(), AttemptHistory::default());
        loop {
            let failed = match self.try_once(request, act, told).await {
                Ok(body) => return Ok(body),
                Err(failed) => failed,
            };
            if failed.sign == FailureKind::Unauthorized
                && self.zone_changed(&failed, &mut again).await
            {
                continue;
            }
            match tries.next(failed.sign, began.elapsed()) {
                RetryDecision::GiveUp => return Err(again.final_error(act, failed.error)),
                RetryDecision::RetryAfter(wait) => sleep(wait).await,
            }
            self.0.metrics.record_retry(endpoint_limits::endpoint_key(&request.path));
            again.sent = true;
        }
    }
}

/// The record that a write's reply names; some zones answer the id as a text.
#[must_use]
pub fn created_id(reply: &Value) -> Option<i64> {
    let mut members = reply.as_object()?.iter();
    let (_, id) = members.find(|(name, _)| name.eq_ignore_ascii_case("itemId"))?;
    id.as_i64().or_else(|| id.as_str()?.parse().ok())
}

/// For what no one needs to hear of.
pub(crate) fn no_callback() -> OutcomeCallback {
    Arc::new(|_| {})
}

#[cfg(test)]
mod tests;
