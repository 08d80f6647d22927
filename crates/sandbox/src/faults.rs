//! Faults that tests can inject, and which requests they affect.

pub(crate) mod inject;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::rng::Rng;
use crate::route::below_prefix;

/// The maximum number of chunks of a slow body.
pub const MAX_CHUNKS: usize = 8;

/// What the client gets, from HTTP down to the connection.
#[derive(Debug)]
pub enum FaultResult {
    /// The response, without delay.
    Response(Response<Bytes>),
    /// The response after this time.
    Delayed(Duration, Response<Bytes>),
    /// No response on an open connection.
    NoResponse,
    /// The connection is closed without a response.
    Disconnect,
    /// The head without delay, then the body in up to `MAX_CHUNKS` chunks, each after this time.
    SlowBody(Duration, Response<Bytes>),
    /// The connection is refused; a listener that has already accepted it closes it.
    ConnectionRefused,
    /// The body, repeated until this many bytes are sent.
    Oversized(Response<Bytes>, u64),
}

/// One fault; the request has no effect, unless the variant says that it is handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// 429, with `Retry-After` if given.
    TooManyRequests {
        /// The value of `Retry-After`.
        retry_after: Option<String>,
    },
    /// 500 that names the limit of concurrent requests.
    ThreadLimit,
    /// 500 with a validation error.
    ValidationError,
    /// 500 for a missing permission to query.
    PermissionDenied,
    /// 500 without a body.
    Empty500,
    /// 500 with a web page.
    Html500,
    /// 502 with a web page.
    BadGateway,
    /// 503 with a web page.
    Unavailable,
    /// 504 with a web page.
    GatewayTimeout,
    /// The request is handled; its response is cut in half, as if complete.
    Truncated,
    /// 200 with a web page.
    NotJson,
    /// The request is handled; its response is not UTF-8.
    InvalidUtf8,
    /// The request is handled; its response is an empty object.
    EmptyObject,
    /// The request is handled; its response has the wrong content type.
    WrongContentType,
    /// 302 to another host.
    Redirect,
    /// The request is handled; its response comes after this time.
    Delayed(Duration),
    /// No response comes.
    NoResponse {
        /// Whether the request is handled.
        handled: bool,
    },
    /// The connection is closed without a response.
    Disconnect {
        /// Whether the request is received and handled.
        handled: bool,
    },
    /// The request is handled; its response comes in chunks, each after this time.
    SlowBody(Duration),
    /// 401, whatever the credentials.
    Unauthorized,
    /// 500 that quotes the request's headers, plain, URL-encoded and in base64.
    EchoHeaders,
    /// 200 with a body of this many bytes.
    Oversized(u64),
    /// The request is handled; its `Content-Length` is greater than its body.
    WrongLength,
    /// 500 that names the hourly threshold.
    ThresholdExceeded,
    /// The connection is refused.
    ConnectionRefused,
}

/// The faults of the next requests: first the queue, then by path, then at random.
#[derive(Default)]
pub(crate) struct FaultQueue {
    queue: VecDeque<Option<Fault>>,
    /// By lower-case path.
    by_path: BTreeMap<String, Fault>,
    random: Option<RandomFaults>,
}

struct RandomFaults {
    rng: Rng,
    percent: u8,
    faults: Vec<Fault>,
}

impl FaultQueue {
    /// Adds faults to the queue; `None` is a request without one.
    pub(crate) fn extend(&mut self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.queue.extend(faults);
    }

    /// Sets the fault of all requests to a path.
    pub(crate) fn set_for_path(&mut self, path: &str, fault: Fault) {
        self.by_path.insert(path.to_ascii_lowercase(), fault);
    }

    /// Sets the faults of a percentage of the requests.
    pub(crate) fn set_random(&mut self, seed: u64, percent: u8, faults: Vec<Fault>) {
        self.random = Some(RandomFaults { rng: Rng::new(seed), percent, faults });
    }

    /// The fault of the next request.
    pub(crate) fn next(&mut self, path: &str) -> Option<Fault> {
        match self.queue.pop_front() {
            Some(fault) => fault,
            None => self.for_path(path).or_else(|| self.random.as_mut()?.next()),
        }
    }

    fn for_path(&self, path: &str) -> Option<Fault> {
        if self.by_path.is_empty() {
            return None;
        }
        let path = path.to_ascii_lowercase();
        let path = below_prefix(&path)?;
        self.by_path.get(path.strip_prefix("v1.0/").unwrap_or(path)).cloned()
    }
}

impl RandomFaults {
    fn next(&mut self) -> Option<Fault> {
        let is_hit = self.rng.percent(self.percent.into());
        let fault = self.rng.pick(&self.faults);
        fault.filter(|_| is_hit).cloned()
    }
}
