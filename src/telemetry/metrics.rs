//! Metrics of the server; labels are tools, entities, codes and roles, never tenant data or people.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds in seconds, from an offline call to a long wait for a permit.
const DURATION_BUCKETS_SECONDS: [f64; 9] = [0.001, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0];

type Pair = [(&'static str, String); 2];
type Counters = Family<Pair, Counter>;
type Role = [(&'static str, &'static str); 1];
type Level = Gauge<f64, AtomicU64>;

/// The counters of one tenant's client and of the calls that use it.
pub struct Metrics {
    calls: Family<(Pair, Role), Counter>,
    requests: Counters,
    retries: Family<[(&'static str, String); 1], Counter>,
    queued: Family<Role, Histogram>,
    threshold_used: Level,
    threshold_limit: Level,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            calls: Family::default(),
            requests: Family::default(),
            retries: Family::default(),
            queued: Family::new_with_constructor(|| Histogram::new(DURATION_BUCKETS_SECONDS)),
            threshold_used: Gauge::default(),
            threshold_limit: Gauge::default(),
        }
    }
}

impl Metrics {
    /// Counts a tool call of a caller in a role with its outcome: `ok`, or the code of an error.
    pub fn record_call(&self, role: &'static str, tool: &str, outcome: &str) {
        let labels = [("tool", tool.to_owned()), ("outcome", outcome.to_owned())];
        self.calls.get_or_create(&(labels, [("role", role)])).inc();
    }

    /// Counts a request to an endpoint with its status, or the kind of its failure.
    pub fn record_request(&self, endpoint: &str, status: &str) {
        count(&self.requests, ("endpoint", endpoint), ("status", status));
    }

    /// Counts a retry of a request to an endpoint.
    pub fn record_retry(&self, endpoint: &str) {
        let label = [("endpoint", endpoint.to_owned())];
        self.retries.get_or_create(&label).inc();
    }

    /// Records how long a request of a caller in a role waited for a permit.
    pub fn record_wait(&self, role: &'static str, waited: Duration) {
        self.queued.get_or_create(&[("role", role)]).observe(waited.as_secs_f64());
    }

    /// Records the tenant's hourly usage and its limit.
    pub fn threshold(&self, used: f64, limit: f64) {
        self.threshold_used.set(used);
        self.threshold_limit.set(limit);
    }

    /// All metrics in the `OpenMetrics` text format.
    ///
    /// # Errors
    /// Formatting fails, which does not happen in memory.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut registry = Registry::with_prefix("autotask_mcp");
        registry.register(
            "calls",
            "Tool calls by tool, outcome and role of the caller",
            self.calls.clone(),
        );
        registry.register(
            "upstream_requests",
            "Requests to Autotask by endpoint and status",
            self.requests.clone(),
        );
        registry.register("upstream_retries", "Retried requests to Autotask", self.retries.clone());
        registry.register_with_unit(
            "queue",
            "Time a request waited for a permit of its endpoint, by role of the caller",
            Unit::Seconds,
            self.queued.clone(),
        );
        registry.register(
            "threshold_used",
            "Requests of the tenant in the past hour, as last reported",
            self.threshold_used.clone(),
        );
        registry.register(
            "threshold_limit",
            "Hourly request limit of the tenant",
            self.threshold_limit.clone(),
        );
        let mut text = String::new();
        encode(&mut text, &registry).map(|()| text)
    }
}

fn count(counters: &Counters, first: (&'static str, &str), second: (&'static str, &str)) {
    let labels = [(first.0, first.1.to_owned()), (second.0, second.1.to_owned())];
    counters.get_or_create(&labels).inc();
}
