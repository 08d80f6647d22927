//! One attempt of a request: permit, zone, credentials, exchange.

use std::time::Instant;

use bytes::Bytes;
use tracing::{Instrument, Span, field};

use super::endpoint_limits::{EndpointPermit, endpoint_key};
use super::request::http_request;
use super::requesters::Requesters;
use super::response::{self, body::Body};
use super::retry::{AttemptHistory, FailureKind, OperationKind};
use super::threshold::THRESHOLD_PATH;
use super::{Client, OutcomeCallback, WriteOutcome};
use crate::cluster::UsageCount;
use crate::config::BaseUrl;
use crate::error::{Code, Error, Retry};
use crate::plan::request::Request;

/// The result of an exchange with Autotask.
type AttemptResult = Result<Body, (FailureKind, Error)>;

/// A failed attempt: the zone it was sent to and when, the kind of failure, and the error to report.
pub(super) struct FailedAttempt {
    sent_to: Option<(BaseUrl, Instant)>,
    pub(super) failure: FailureKind,
    pub(super) error: Error,
}

impl Client {
    /// Whether the zone, looked up once more after a 401, has moved.
    pub(super) async fn zone_changed(
        &self,
        failed: &FailedAttempt,
        history: &mut AttemptHistory,
    ) -> bool {
        let (Some((old, since)), Ok(auth)) = (&failed.sent_to, &self.0.auth) else {
            return false;
        };
        if std::mem::replace(&mut history.zone_checked, true) {
            return false;
        }
        self.0.zone.has_moved(old, *since, &self.0.backend, auth.username()).await
    }

    /// Sends a request once, after its checks.
    pub(super) async fn try_once(
        &self,
        request: &Request,
        operation: OperationKind,
        (callers, on_outcome): (&Requesters, &OutcomeCallback),
    ) -> Result<Body, FailedAttempt> {
        self.0.lockout.check()?;
        let auth = self.0.auth.as_ref().map_err(Clone::clone)?;
        let queued_at = Instant::now();
        let permit = self.0.limiter.acquire(&request.path, callers).await?;
        self.0.metrics.record_wait(callers.role(), queued_at.elapsed());
        // The permit already counts this request.
        self.apply_shared(
            permit.usage().map(|usage| UsageCount { own: usage.own.saturating_sub(1), ..usage }),
        );
        // The credentials or the threshold may have failed while this request waited.
        self.0.lockout.check()?;
        if request.path != THRESHOLD_PATH {
            self.0.threshold.check()?;
        }
        let base = self.0.zone.base_url(&self.0.backend, auth.username()).await;
        let base = base.map_err(FailedAttempt::without_zone)?;
        let (message, sent_at) = (http_request(&base, request, auth.headers())?, Instant::now());
        let (client, path) = (self.clone(), request.path.clone());
        let span =
            tracing::info_span!("request", endpoint = endpoint_key(&path), status = field::Empty);
        let exchange = async move { client.exchange(message, operation, &path).await };
        let on_outcome = operation.is_write().then(|| on_outcome.clone());
        let result = self.run_detached(exchange.instrument(span), permit, on_outcome).await?;
        result.map_err(|(failure, error)| FailedAttempt {
            sent_to: Some((base, sent_at)),
            failure,
            error,
        })
    }

    /// Runs an exchange to its end even if the caller cancels: Autotask still works on the request, so it keeps
    /// its permit, and a write needs its outcome.
    async fn run_detached(
        &self,
        exchange: impl Future<Output = AttemptResult> + Send + 'static,
        permit: EndpointPermit,
        on_outcome: Option<OutcomeCallback>,
    ) -> Result<AttemptResult, Error> {
        let exchange = async move {
            let result = exchange.await;
            drop(permit);
            result
        };
        let task = match on_outcome {
            None => tokio::spawn(exchange),
            Some(on_outcome) => {
                let guard = OutcomeGuard(Some(on_outcome));
                self.0.writes.spawn(async move {
                    let result = exchange.await;
                    let outcome = result.clone().map(Body::into_value);
                    guard.deliver(&outcome.map_err(|(_, error)| error));
                    result
                })
            }
        };
        task.await.map_err(|_| Error::internal("A request ended without a result."))
    }

    async fn exchange(
        &self,
        message: http::Request<Bytes>,
        operation: OperationKind,
        path: &str,
    ) -> AttemptResult {
        self.0.threshold.count_request();
        let request_body = message.body().clone();
        let sent = self.0.backend.send(message).await;
        let status = match &sent {
            Ok(response) => response.status().as_str().to_owned(),
            Err(error) => error.as_str().to_owned(),
        };
        Span::current().record("status", status.as_str());
        self.0.metrics.record_request(endpoint_key(path), &status);
        let result = match &sent {
            Ok(response) => {
                self.0.clock.observe(response);
                response::read_body(response, operation, &request_body)
            }
            Err(error) => Err(response::transport_error(error, operation)),
        };
        let result = self.observe(path, result);
        // A 401 that names a record leaves the outcome unknown, but the credentials were rejected all the same.
        let is_unknown = matches!(&result, Err(error) if error.code() == Code::OutcomeUnknown);
        if is_unknown && matches!(&sent, Ok(response) if response.status() == 401) {
            self.0.lockout.record_failure();
        }
        result.map_err(|error| (response::classify_failure(&sent, &error), error))
    }

    /// Records what a result says about the credentials and the threshold.
    fn observe(&self, path: &str, result: Result<Body, Error>) -> Result<Body, Error> {
        let error = match result {
            Ok(body) => {
                self.0.lockout.record_success();
                if path == THRESHOLD_PATH
                    && let Some((used, limit)) = self.0.threshold.record_reading(&body.json)
                {
                    self.publish(used, limit);
                }
                return Ok(body);
            }
            Err(error) => error,
        };
        Err(match error.code() {
            Code::AuthFailed => {
                self.0.lockout.record_failure();
                error
            }
            Code::ThresholdReached => {
                let usage = self.0.threshold.usage();
                let (used, limit) = self.0.threshold.mark_exhausted();
                self.share_reading(used, limit);
                match usage {
                    Some(usage) => error.also(&format!("Last known usage: {usage} requests.")),
                    None => error,
                }
            }
            _ => error,
        })
    }
}

/// Delivers the outcome of a sent write, also if the process ends before the outcome is known.
struct OutcomeGuard(Option<OutcomeCallback>);

impl OutcomeGuard {
    fn deliver(mut self, outcome: &WriteOutcome) {
        if let Some(on_outcome) = self.0.take() {
            on_outcome(outcome);
        }
    }
}

impl Drop for OutcomeGuard {
    fn drop(&mut self) {
        if let Some(on_outcome) = self.0.take() {
            on_outcome(&Err(Error::new(
                Code::OutcomeUnknown,
                "The server ended before Autotask responded.",
            )));
        }
    }
}

impl FailedAttempt {
    /// Whether any other request would fail the same way.
    pub(super) fn is_final(&self) -> bool {
        let no_zone = self.sent_to.is_none() && self.failure == FailureKind::Permanent;
        no_zone || self.error.code() == Code::AuthFailed
    }

    /// Without a zone nothing was sent; a look-up that failed for now can be repeated.
    fn without_zone(error: Error) -> Self {
        let is_temporary = matches!(error.retry(), Retry::Later(_));
        let failure = if is_temporary { FailureKind::NoZone } else { FailureKind::Permanent };
        Self { sent_to: None, failure, error }
    }
}

/// Nothing was sent: the error is final.
impl From<Error> for FailedAttempt {
    fn from(error: Error) -> Self {
        Self { sent_to: None, failure: FailureKind::Permanent, error }
    }
}
