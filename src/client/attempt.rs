//! One try of a request: a place on the endpoint, the zone, the credentials, and then the wire.

use bytes::Bytes;
use serde_json::Value;
use tracing::{Instrument, Span, field};

use super::endpoint_limits::{EndpointPermit, endpoint_key};
use super::http_request::http_request;
use super::response::{self, OperationKind};
use super::retry::FailureKind;
use super::threshold_refresh::THRESHOLD_PATH;
use super::{Client, OutcomeCallback, WriteOutcome};
use crate::client::request::Request;
use crate::cluster::UsageCount;
use crate::config::BaseUrl;
use crate::error::{Code, Error, Retry};

/// What one try came to, and what a failure amounts to.
type AttemptResult = Result<Value, (FailureKind, Error)>;

/// A failed try: the zone it went to and when, what it amounts to, and how to tell it.
pub(super) struct FailedAttempt {
    at: Option<(BaseUrl, std::time::Instant)>,
    pub(super) sign: FailureKind,
    pub(super) error: Error,
}

impl Client {
    /// Whether the zone, asked once more after a 401, has moved.
    pub(super) async fn zone_changed(
        &self,
        failed: &FailedAttempt,
        again: &mut AttemptHistory,
    ) -> bool {
        let (Some((old, since)), Ok(auth)) = (&failed.at, &self.0.auth) else {
            return false;
        };
        if std::mem::replace(&mut again.zone, true) {
            return false;
        }
        self.0.zone.has_moved(old, *since, &self.0.wire, auth.username()).await
    }

    /// One try: a place on the endpoint, the zone, the credentials, and then the wire.
    pub(super) async fn try_once(
        &self,
        request: &Request,
        act: OperationKind,
        told: &OutcomeCallback,
    ) -> Result<Value, FailedAttempt> {
        self.0.lockout.check()?;
        let auth = self.0.auth.as_ref().map_err(Clone::clone)?;
        let queued = std::time::Instant::now();
        let slot = self.0.slots.acquire(&request.path).await?;
        self.0.metrics.record_wait(queued.elapsed());
        // The place counts its request already.
        self.apply_shared(
            slot.tally().map(|tally| UsageCount { own: tally.own.saturating_sub(1), ..tally }),
        );
        // While this one waited, others may have been refused, or have used up the budget.
        self.0.lockout.check()?;
        if request.path != THRESHOLD_PATH {
            self.0.threshold.check()?;
        }
        let base = self.0.zone.base_url(&self.0.wire, auth.username()).await;
        let base = base.map_err(FailedAttempt::without_zone)?;
        let headers = if act.writes() { auth.write() } else { auth.read() };
        let (letter, began) = (http_request(&base, request, headers)?, std::time::Instant::now());
        let (client, path) = (self.clone(), request.path.clone());
        let span =
            tracing::info_span!("request", endpoint = endpoint_key(&path), status = field::Empty);
        let sent = async move { client.exchange(letter, act, &path).await }.instrument(span);
        let tried = if act.writes() {
            self.run_detached(sent, slot, told.clone()).await?
        } else {
            sent.await
        };
        tried.map_err(|(sign, error)| FailedAttempt { at: Some((base, began)), sign, error })
    }

    /// A write on the wire goes on, even if its caller leaves.
    async fn run_detached(
        &self,
        sent: impl Future<Output = AttemptResult> + Send + 'static,
        slot: EndpointPermit,
        told: OutcomeCallback,
    ) -> Result<AttemptResult, Error> {
        let unheard = OutcomeGuard(Some(told));
        let carried = self.0.writes.spawn(async move {
            let tried = sent.await;
            drop(slot);
            unheard.deliver(&tried.clone().map_err(|(_, error)| error));
            tried
        });
        carried.await.map_err(|_| Error::internal("A write ended without an outcome."))
    }

    async fn exchange(
        &self,
        letter: http::Request<Bytes>,
        act: OperationKind,
        path: &str,
    ) -> AttemptResult {
        self.0.threshold.count_request();
        let asked = letter.body().clone();
        let sent = self.0.wire.send(letter).await;
        let status = match &sent {
            Ok(reply) => reply.status().as_str().to_owned(),
            Err(broken) => broken.as_str().to_owned(),
        };
        Span::current().record("status", status.as_str());
        self.0.metrics.record_request(endpoint_key(path), &status);
        let read = match &sent {
            Ok(reply) => {
                self.0.clock.observe(reply);
                response::read(reply, act, &asked)
            }
            Err(broken) => Err(response::broken(broken, act)),
        };
        self.observe(path, &read);
        // A 401 that names a record leaves the outcome open, and refuses the credentials all the same.
        let is_open = matches!(&read, Err(error) if error.code() == Code::OutcomeUnknown);
        if is_open && matches!(&sent, Ok(reply) if reply.status() == 401) {
            self.0.lockout.record_failure();
        }
        read.map_err(|error| (response::classify_failure(&sent, &error), error))
    }

    /// What a reply tells besides its answer.
    fn observe(&self, path: &str, read: &WriteOutcome) {
        match read {
            Ok(body) => {
                self.0.lockout.record_success();
                if path == THRESHOLD_PATH {
                    let told = self.0.threshold.record_reading(body);
                    told.inspect(|(used, limit)| self.publish(*used, *limit));
                }
            }
            Err(error) => match error.code() {
                Code::AuthFailed => self.0.lockout.record_failure(),
                Code::ThresholdReached => {
                    self.0.threshold.mark_exhausted();
                    self.share_reading(1.0, 1.0);
                }
                _ => {}
            },
        }
    }
}

/// Who must hear of a write on the wire, even if the process ends before its outcome is known.
struct OutcomeGuard(Option<OutcomeCallback>);

impl OutcomeGuard {
    fn deliver(mut self, outcome: &WriteOutcome) {
        if let Some(told) = self.0.take() {
            told(outcome);
        }
    }
}

impl Drop for OutcomeGuard {
    fn drop(&mut self) {
        if let Some(told) = self.0.take() {
            told(&Err(Error::new(
                Code::OutcomeUnknown,
                "The server ended before Autotask answered.",
            )));
        }
    }
}

/// What was done again already.
#[derive(Default)]
pub(super) struct AttemptHistory {
    pub(super) sent: bool,
    pub(super) zone: bool,
}

impl AttemptHistory {
    /// A delete that was sent twice and found nothing the second time most likely worked the first time.
    pub(super) fn final_error(&self, act: OperationKind, error: Error) -> Error {
        if self.sent && act == OperationKind::Delete && error.is_no_record() {
            return Error::new(
                Code::NotFound,
                "The first delete was not answered; the second found no record, so the first most likely worked.",
            )
            .next("Look for the record; if it is gone, nothing is left to do.");
        }
        error
    }
}

impl FailedAttempt {
    /// Whether no other request would fare better.
    pub(super) fn is_final(&self) -> bool {
        let nowhere = self.at.is_none() && self.sign == FailureKind::Permanent;
        nowhere || self.error.code() == Code::AuthFailed
    }

    /// Without a zone nothing of the request was sent; a look-up that stumbled may be made again.
    fn without_zone(error: Error) -> Self {
        let stumbled = matches!(error.retry(), Retry::Later(_));
        let sign = if stumbled { FailureKind::NoZone } else { FailureKind::Permanent };
        Self { at: None, sign, error }
    }
}

/// Nothing was sent: the error is final.
impl From<Error> for FailedAttempt {
    fn from(error: Error) -> Self {
        Self { at: None, sign: FailureKind::Permanent, error }
    }
}
