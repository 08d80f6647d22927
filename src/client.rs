//! Speaks to one tenant: reads again what may be read again, writes once, and never beyond the tenant's limits.

mod attempt;
pub mod auth;
mod budget;
mod clock;
mod flights;
mod letter;
mod lockout;
pub mod reply;
pub mod retry;
mod slots;
mod threshold;
pub mod wire;
pub mod zone;

use std::sync::Arc;

use http::Method;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::task::TaskTracker;

use crate::config::{BaseUrl, Config};
use crate::error::Error;
use crate::gate::Confirmed;
use crate::metrics::Metrics;
use crate::request::Request;
use crate::shared::Shared;
use attempt::Again;
use auth::Auth;
use clock::Clock;
use flights::Flights;
use lockout::Lockout;
use reply::Act;
use retry::{Next, Sign, Tries};
use slots::Slots;
use threshold::Threshold;
use wire::Wire;
use zone::Zone;

/// Speaks to one tenant; clones share the zone, the connections and the limits.
#[derive(Clone)]
pub struct Client(Arc<Parts>);

struct Parts {
    wire: Wire,
    /// Missing credentials must not stop the start, only a call.
    auth: Result<Auth, Error>,
    zone: Zone,
    lockout: Lockout,
    slots: Slots,
    shared: Option<Shared>,
    threshold: Threshold,
    asking: tokio::sync::Mutex<()>,
    flights: Flights,
    writes: TaskTracker,
    metrics: Metrics,
    clock: Clock,
}

/// Where a question of readiness goes: nowhere.
const READY: &str = "";

/// What a request came to.
pub type Outcome = Result<Value, Error>;

/// Who hears of a write's outcome, even if its caller has left.
pub type Told = Arc<dyn Fn(&Outcome) + Send + Sync>;

impl Client {
    /// A client with the credentials and the zone of the settings; nothing is sent yet.
    #[must_use]
    pub fn new(config: &Config, wire: Wire) -> Self {
        let shared = Shared::new(config);
        Self(Arc::new(Parts {
            wire,
            auth: Auth::new(config),
            zone: Zone::new(config),
            lockout: Lockout::default(),
            slots: Slots::new(shared.clone()),
            shared,
            threshold: Threshold::new(config.threshold_stop_percent),
            asking: tokio::sync::Mutex::default(),
            flights: Flights::default(),
            writes: TaskTracker::new(),
            metrics: Metrics::default(),
            clock: Clock::default(),
        }))
    }

    /// Sends a read and answers the body of its reply; equal reads in flight are one.
    ///
    /// # Errors
    ///
    /// What Autotask, the way there, or the credentials refused.
    pub async fn read(&self, request: &Request) -> Result<Value, Error> {
        let act = match request.method {
            Method::GET => Act::Get,
            _ => Act::Query,
        };
        let body = request.body.as_ref().map(Value::to_string).unwrap_or_default();
        let asked = format!("{} {} {body}", request.method, request.path);
        let begin = || {
            let (client, request) = (self.clone(), request.clone());
            async move {
                client.follow_threshold(&request.path).await?;
                client.send(&request, act, &nobody()).await
            }
        };
        self.0.flights.join(&asked, begin).await
    }

    /// Sends a confirmed write, once, and answers the body of its reply. A caller who leaves while it waits takes
    /// it along; once it is on the wire it is carried through, and `told` hears of it in any case.
    ///
    /// # Errors
    ///
    /// As for a read; `outcome-unknown` when the write may have happened.
    pub async fn write(&self, request: &Request, _: Confirmed, told: Told) -> Result<Value, Error> {
        let act = match request.method {
            Method::DELETE => Act::Delete,
            _ => Act::Change,
        };
        self.follow_threshold(&request.path).await?;
        let flights = self.0.flights.clone();
        let told: Told = Arc::new(move |outcome| {
            flights.forget();
            told(outcome);
        });
        self.send(request, act, &told).await
    }

    /// Waits until every write on the wire has its outcome, but not beyond the deadline.
    pub async fn finish(&self, deadline: Instant) {
        self.0.writes.close();
        if timeout_at(deadline, self.0.writes.wait()).await.is_err() {
            tracing::warn!("a write was still without its outcome at the end");
        }
    }

    /// Whether a call would be sent now; the zone is looked up if it is not known.
    ///
    /// # Errors
    /// Why it would not be.
    pub async fn ready(&self) -> Result<(), Error> {
        self.0.lockout.check()?;
        self.follow_threshold(READY).await?;
        self.zone().await?;
        self.0.lockout.trusted()
    }

    /// The base of the zone: pinned, or looked up.
    ///
    /// # Errors
    ///
    /// Missing credentials, or no zone for them.
    pub async fn zone(&self) -> Result<BaseUrl, Error> {
        let auth = self.0.auth.as_ref().map_err(Clone::clone)?;
        self.0.zone.base(&self.0.wire, auth.username()).await
    }

    /// What is shared with other replicas, if anything is.
    #[must_use]
    pub fn shared(&self) -> Option<&Shared> {
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
    async fn send(&self, request: &Request, act: Act, told: &Told) -> Outcome {
        let (mut tries, began, mut again) = (Tries::new(act), Instant::now(), Again::default());
        loop {
            let failed = match self.try_once(request, act, told).await {
                Ok(body) => return Ok(body),
                Err(failed) => failed,
            };
            if failed.sign == Sign::Unauthorized && self.zone_moved(&failed, &mut again).await {
                continue;
            }
            match tries.next(failed.sign, began.elapsed()) {
                Next::Tell => return Err(again.told(act, failed.error)),
                Next::Wait(wait) => sleep(wait).await,
            }
            self.0.metrics.retried(slots::object(&request.path));
            again.sent = true;
        }
    }
}

/// The record that a write's reply names; some zones answer the id as a text.
#[must_use]
pub fn item_id(reply: &Value) -> Option<i64> {
    let mut members = reply.as_object()?.iter();
    let (_, id) = members.find(|(name, _)| name.eq_ignore_ascii_case("itemId"))?;
    id.as_i64().or_else(|| id.as_str()?.parse().ok())
}

/// For what no one needs to hear of.
pub(crate) fn nobody() -> Told {
    Arc::new(|_| {})
}

#[cfg(test)]
mod tests;
