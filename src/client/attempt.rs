//! One try of a request: a place on the endpoint, the zone, the credentials, and then the wire.

use bytes::Bytes;
use serde_json::Value;
use tracing::{Instrument, Span, field};

use super::budget::THRESHOLD;
use super::letter::letter;
use super::reply::{self, Act};
use super::retry::Sign;
use super::slots::{Slot, object};
use super::{Client, Outcome, Told};
use crate::config::BaseUrl;
use crate::error::{Code, Error, Retry};
use crate::request::Request;
use crate::shared::Tally;

/// What one try came to, and what a failure amounts to.
type Tried = Result<Value, (Sign, Error)>;

/// A failed try: the zone it went to and when, what it amounts to, and how to tell it.
pub(super) struct Failed {
    at: Option<(BaseUrl, std::time::Instant)>,
    pub(super) sign: Sign,
    pub(super) error: Error,
}

impl Client {
    /// Whether the zone, asked once more after a 401, has moved.
    pub(super) async fn zone_moved(&self, failed: &Failed, again: &mut Again) -> bool {
        let (Some((old, since)), Ok(auth)) = (&failed.at, &self.0.auth) else {
            return false;
        };
        if std::mem::replace(&mut again.zone, true) {
            return false;
        }
        self.0.zone.moved_from(old, *since, &self.0.wire, auth.username()).await
    }

    /// One try: a place on the endpoint, the zone, the credentials, and then the wire.
    pub(super) async fn try_once(
        &self,
        request: &Request,
        act: Act,
        told: &Told,
    ) -> Result<Value, Failed> {
        self.0.lockout.check()?;
        let auth = self.0.auth.as_ref().map_err(Clone::clone)?;
        let queued = std::time::Instant::now();
        let slot = self.0.slots.take(&request.path).await?;
        self.0.metrics.queued(queued.elapsed());
        // The place counts its request already.
        self.adopt(slot.tally().map(|tally| Tally { own: tally.own.saturating_sub(1), ..tally }));
        // While this one waited, others may have been refused, or have used up the budget.
        self.0.lockout.check()?;
        if request.path != THRESHOLD {
            self.0.threshold.check()?;
        }
        let base = self.0.zone.base(&self.0.wire, auth.username()).await;
        let base = base.map_err(Failed::without_zone)?;
        let headers = if act.writes() { auth.write() } else { auth.read() };
        let (letter, began) = (letter(&base, request, headers)?, std::time::Instant::now());
        let (client, path) = (self.clone(), request.path.clone());
        let span = tracing::info_span!("request", endpoint = object(&path), status = field::Empty);
        let sent = async move { client.exchange(letter, act, &path).await }.instrument(span);
        let tried =
            if act.writes() { self.carried(sent, slot, told.clone()).await? } else { sent.await };
        tried.map_err(|(sign, error)| Failed { at: Some((base, began)), sign, error })
    }

    /// A write on the wire goes on, even if its caller leaves.
    async fn carried(
        &self,
        sent: impl Future<Output = Tried> + Send + 'static,
        slot: Slot,
        told: Told,
    ) -> Result<Tried, Error> {
        let unheard = Unheard(Some(told));
        let carried = self.0.writes.spawn(async move {
            let tried = sent.await;
            drop(slot);
            unheard.tell(&tried.clone().map_err(|(_, error)| error));
            tried
        });
        carried.await.map_err(|_| Error::internal("A write ended without an outcome."))
    }

    async fn exchange(&self, letter: http::Request<Bytes>, act: Act, path: &str) -> Tried {
        self.0.threshold.count();
        let asked = letter.body().clone();
        let sent = self.0.wire.send(letter).await;
        let status = match &sent {
            Ok(reply) => reply.status().as_str().to_owned(),
            Err(broken) => broken.word().to_owned(),
        };
        Span::current().record("status", status.as_str());
        self.0.metrics.asked(object(path), &status);
        let read = match &sent {
            Ok(reply) => {
                self.0.clock.hear(reply);
                reply::read(reply, act, &asked)
            }
            Err(broken) => Err(reply::broken(broken, act)),
        };
        self.note(path, &read);
        // A 401 that names a record leaves the outcome open, and refuses the credentials all the same.
        let is_open = matches!(&read, Err(error) if error.code() == Code::OutcomeUnknown);
        if is_open && matches!(&sent, Ok(reply) if reply.status() == 401) {
            self.0.lockout.refused();
        }
        read.map_err(|error| (reply::sign(&sent, &error), error))
    }

    /// What a reply tells besides its answer.
    fn note(&self, path: &str, read: &Outcome) {
        match read {
            Ok(body) => {
                self.0.lockout.accepted();
                if path == THRESHOLD {
                    let told = self.0.threshold.learn(body);
                    told.inspect(|(used, limit)| self.tell(*used, *limit));
                }
            }
            Err(error) => match error.code() {
                Code::AuthFailed => self.0.lockout.refused(),
                Code::ThresholdReached => {
                    self.0.threshold.exhausted();
                    self.share(1.0, 1.0);
                }
                _ => {}
            },
        }
    }
}

/// Who must hear of a write on the wire, even if the process ends before its outcome is known.
struct Unheard(Option<Told>);

impl Unheard {
    fn tell(mut self, outcome: &Outcome) {
        if let Some(told) = self.0.take() {
            told(outcome);
        }
    }
}

impl Drop for Unheard {
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
pub(super) struct Again {
    pub(super) sent: bool,
    pub(super) zone: bool,
}

impl Again {
    /// A delete that was sent twice and found nothing the second time most likely worked the first time.
    pub(super) fn told(&self, act: Act, error: Error) -> Error {
        if self.sent && act == Act::Delete && error.is_no_record() {
            return Error::new(
                Code::NotFound,
                "The first delete was not answered; the second found no record, so the first most likely worked.",
            )
            .next("Look for the record; if it is gone, nothing is left to do.");
        }
        error
    }
}

impl Failed {
    /// Whether no other request would fare better.
    pub(super) fn is_hopeless(&self) -> bool {
        let nowhere = self.at.is_none() && self.sign == Sign::Verdict;
        nowhere || self.error.code() == Code::AuthFailed
    }

    /// Without a zone nothing of the request was sent; a look-up that stumbled may be made again.
    fn without_zone(error: Error) -> Self {
        let stumbled = matches!(error.retry(), Retry::Later(_));
        let sign = if stumbled { Sign::NoZone } else { Sign::Verdict };
        Self { at: None, sign, error }
    }
}

/// Nothing was sent: the error is final.
impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { at: None, sign: Sign::Verdict, error }
    }
}
