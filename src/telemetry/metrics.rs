//! What is counted while the server runs; labels name tools, entities and codes, never anything of a tenant.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds in seconds, from a call that only looks at the schema to one that waits its turn for long.
const DURATION_BUCKETS_SECONDS: [f64; 9] = [0.001, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0];

type Pair = [(&'static str, String); 2];
type Counters = Family<Pair, Counter>;
type Level = Gauge<f64, AtomicU64>;

/// The counters of one tenant's client and of the calls that use it.
pub struct Metrics {
    calls: Counters,
    requests: Counters,
    retries: Family<[(&'static str, String); 1], Counter>,
    queued: Histogram,
    threshold_used: Level,
    threshold_limit: Level,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            calls: Family::default(),
            requests: Family::default(),
            retries: Family::default(),
            queued: Histogram::new(DURATION_BUCKETS_SECONDS),
            threshold_used: Gauge::default(),
            threshold_limit: Gauge::default(),
        }
    }
}

impl Metrics {
    /// A call of a tool came to this: `ok`, or an error's code.
    pub fn record_call(&self, tool: &str, outcome: &str) {
        count(&self.calls, ("tool", tool), ("outcome", outcome));
    }

    /// A request to an endpoint was answered with this status, or was lost in this way.
    pub fn record_request(&self, endpoint: &str, status: &str) {
        count(&self.requests, ("endpoint", endpoint), ("status", status));
    }

    /// A request to an endpoint is made again.
    pub fn record_retry(&self, endpoint: &str) {
        let label = [("endpoint", endpoint.to_owned())];
        self.retries.get_or_create(&label).inc();
    }

    /// A request waited so long for its turn.
    pub fn record_wait(&self, waited: Duration) {
        self.queued.observe(waited.as_secs_f64());
    }

    /// The tenant has used so many requests of its hour, of so many.
    pub fn threshold(&self, used: f64, limit: f64) {
        self.threshold_used.set(used);
        self.threshold_limit.set(limit);
    }

    /// All of it in Prometheus' text format.
    ///
    /// # Errors
    /// None that a text in memory gives.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut all = Registry::with_prefix("autotask_mcp");
        all.register("calls", "Tool calls by tool and outcome", self.calls.clone());
        all.register(
            "upstream_requests",
            "Requests to Autotask by endpoint and status",
            self.requests.clone(),
        );
        all.register("upstream_retries", "Requests made again", self.retries.clone());
        all.register_with_unit(
            "queue",
            "Time a request waited for one of the places of its endpoint",
            Unit::Seconds,
            self.queued.clone(),
        );
        all.register(
            "threshold_used",
            "Requests of the tenant in its hour, as it told last",
            self.threshold_used.clone(),
        );
        all.register(
            "threshold_limit",
            "Requests that the tenant has in an hour",
            self.threshold_limit.clone(),
        );
        let mut text = String::new();
        encode(&mut text, &all).map(|()| text)
    }
}

/// The same in the older text format: its counters have their whole name everywhere, and it knows neither units nor an
/// end.
#[must_use]
pub fn to_prometheus_text(text: &str) -> String {
    fn counter(line: &str) -> Option<&str> {
        line.strip_prefix("# TYPE ")?.strip_suffix(" counter")
    }
    let counters: Vec<_> = text.lines().filter_map(counter).collect();
    let line = |line: &str| match *line.splitn(4, ' ').collect::<Vec<_>>() {
        ["#", "UNIT" | "EOF", ..] => String::new(),
        ["#", kind, name, told] if counters.contains(&name) => {
            format!("# {kind} {name}_total {told}\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn count(counters: &Counters, one: (&'static str, &str), other: (&'static str, &str)) {
    let labels = [(one.0, one.1.to_owned()), (other.0, other.1.to_owned())];
    counters.get_or_create(&labels).inc();
}
