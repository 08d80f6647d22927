//! Speaks to one tenant: reads again what may be read again, writes once, and never beyond the tenant's limits.

pub mod auth;
mod flights;
mod lockout;
pub mod reply;
pub mod retry;
mod slots;
mod threshold;
pub mod wire;
pub mod zone;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::task::TaskTracker;

use crate::config::{BaseUrl, Config};
use crate::error::{Code, Error, Retry};
use crate::gate::Confirmed;
use crate::request::Request;
use auth::Auth;
use flights::Flights;
use lockout::Lockout;
use reply::Act;
use retry::{Next, Sign, Tries};
use slots::{Slot, Slots};
use threshold::{Due, Threshold};
use wire::Wire;
use zone::Zone;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const THRESHOLD: &str = "ThresholdInformation";
/// A call does not wait longer for the tenant's word on its budget.
const THRESHOLD_PATIENCE: Duration = Duration::from_secs(5);

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
    threshold: Threshold,
    asking: tokio::sync::Mutex<()>,
    flights: Flights,
    writes: TaskTracker,
}

/// What a request came to.
pub type Outcome = Result<Value, Error>;

/// Who hears of a write's outcome, even if its caller has left.
pub type Told = Arc<dyn Fn(&Outcome) + Send + Sync>;

/// What one try came to, and what a failure amounts to.
type Tried = Result<Value, (Sign, Error)>;

/// A failed try: the zone it went to and when, what it amounts to, and how to tell it.
struct Failed {
    at: Option<(BaseUrl, std::time::Instant)>,
    sign: Sign,
    error: Error,
}

impl Client {
    /// A client with the credentials and the zone of the settings; nothing is sent yet.
    #[must_use]
    pub fn new(config: &Config, wire: Wire) -> Self {
        Self(Arc::new(Parts {
            wire,
            auth: Auth::new(config),
            zone: Zone::new(config),
            lockout: Lockout::default(),
            slots: Slots::default(),
            threshold: Threshold::new(config.threshold_stop_percent),
            asking: tokio::sync::Mutex::default(),
            flights: Flights::default(),
            writes: TaskTracker::new(),
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
        let body = request
            .body
            .as_ref()
            .map(Value::to_string)
            .unwrap_or_default();
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
        self.send(request, act, &told).await
    }

    /// Waits until every write on the wire has its outcome, but not beyond the deadline.
    pub async fn finish(&self, deadline: Instant) {
        self.0.writes.close();
        if timeout_at(deadline, self.0.writes.wait()).await.is_err() {
            tracing::warn!("a write was still without its outcome at the end");
        }
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
            again.sent = true;
        }
    }

    /// Whether the zone, asked once more after a 401, has moved.
    async fn zone_moved(&self, failed: &Failed, again: &mut Again) -> bool {
        let (Some((old, since)), Ok(auth)) = (&failed.at, &self.0.auth) else {
            return false;
        };
        if std::mem::replace(&mut again.zone, true) {
            return false;
        }
        self.0
            .zone
            .moved_from(old, *since, &self.0.wire, auth.username())
            .await
    }

    /// One try: a place on the endpoint, the zone, the credentials, and then the wire.
    async fn try_once(&self, request: &Request, act: Act, told: &Told) -> Result<Value, Failed> {
        self.0.lockout.check()?;
        let auth = self.0.auth.as_ref().map_err(Clone::clone)?;
        let slot = self.0.slots.take(&request.path).await?;
        // While this one waited, others may have been refused, or have used up the budget.
        self.0.lockout.check()?;
        if request.path != THRESHOLD {
            self.0.threshold.check()?;
        }
        let base = self.0.zone.base(&self.0.wire, auth.username()).await;
        let base = base.map_err(Failed::without_zone)?;
        let headers = if act.writes() {
            auth.write()
        } else {
            auth.read()
        };
        let (letter, began) = (letter(&base, request, headers)?, std::time::Instant::now());
        let (client, path) = (self.clone(), request.path.clone());
        let sent = async move { client.exchange(letter, act, &path).await };
        let tried = if act.writes() {
            self.carried(sent, slot, told.clone()).await?
        } else {
            sent.await
        };
        tried.map_err(|(sign, error)| Failed {
            at: Some((base, began)),
            sign,
            error,
        })
    }

    /// A write on the wire goes on, even if its caller leaves.
    async fn carried(
        &self,
        sent: impl Future<Output = Tried> + Send + 'static,
        slot: Slot,
        told: Told,
    ) -> Result<Tried, Error> {
        let carried = self.0.writes.spawn(async move {
            let tried = sent.await;
            drop(slot);
            told(&tried.clone().map_err(|(_, error)| error));
            tried
        });
        carried
            .await
            .map_err(|_| Error::internal("A write ended without an outcome."))
    }

    async fn exchange(&self, letter: http::Request<Bytes>, act: Act, path: &str) -> Tried {
        self.0.threshold.count();
        let sent = self.0.wire.send(letter).await;
        let read = match &sent {
            Ok(reply) => reply::read(reply, act),
            Err(broken) => Err(reply::broken(broken, act)),
        };
        self.note(path, &read);
        read.map_err(|error| (reply::sign(&sent, &error), error))
    }

    /// What a reply tells besides its answer.
    fn note(&self, path: &str, read: &Outcome) {
        match read {
            Ok(body) => {
                self.0.lockout.accepted();
                if path == THRESHOLD {
                    self.0.threshold.learn(body);
                }
            }
            Err(error) => match error.code() {
                Code::AuthFailed => self.0.lockout.refused(),
                Code::ThresholdReached => self.0.threshold.exhausted(),
                _ => {}
            },
        }
    }

    /// Asks the tenant now and then how much of its budget is left, and stops before it is gone.
    ///
    /// The first question is waited for, by everybody; later ones go beside the calls.
    async fn follow_threshold(&self, path: &str) -> Result<(), Error> {
        if self.0.auth.is_err() {
            return Ok(());
        }
        let asking = self.0.asking.lock().await;
        match self.0.threshold.due() {
            Due::No => {}
            // The call itself is the question.
            Due::First | Due::Beside if path == THRESHOLD => return Ok(()),
            Due::First => self.ask_threshold().await?,
            Due::Beside => {
                let client = self.clone();
                tokio::spawn(async move { client.ask_threshold().await });
            }
        }
        drop(asking);
        self.0.threshold.check()
    }

    /// Not knowing is no reason to stop; bad credentials are, and no zone, before they are tried once more.
    async fn ask_threshold(&self) -> Result<(), Error> {
        let (request, mut again) = (Request::get(THRESHOLD), Again::default());
        let ask = async {
            let first = self.try_once(&request, Act::Get, &nobody()).await;
            match first {
                Err(failed)
                    if failed.sign == Sign::Unauthorized
                        && self.zone_moved(&failed, &mut again).await =>
                {
                    self.try_once(&request, Act::Get, &nobody()).await
                }
                first => first,
            }
        };
        match timeout(THRESHOLD_PATIENCE, ask).await {
            Ok(Err(failed)) if failed.is_hopeless() => Err(failed.error),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                tracing::debug!("the threshold is not known");
                Ok(())
            }
        }
    }
}

/// For what no one needs to hear of.
pub(crate) fn nobody() -> Told {
    Arc::new(|_| {})
}

/// What was done again already.
#[derive(Default)]
struct Again {
    sent: bool,
    zone: bool,
}

impl Again {
    /// A delete that was sent twice and found nothing the second time most likely worked the first time.
    fn told(&self, act: Act, error: Error) -> Error {
        if self.sent && act == Act::Delete && error.code() == Code::NotFound {
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
    fn is_hopeless(&self) -> bool {
        let nowhere = self.at.is_none() && self.sign == Sign::Verdict;
        nowhere || self.error.code() == Code::AuthFailed
    }

    /// Without a zone nothing of the request was sent; a look-up that stumbled may be made again.
    fn without_zone(error: Error) -> Self {
        let stumbled = matches!(error.retry(), Retry::Later(_));
        let sign = if stumbled {
            Sign::NoZone
        } else {
            Sign::Verdict
        };
        Self {
            at: None,
            sign,
            error,
        }
    }
}

/// Nothing was sent: the error is final.
impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self {
            at: None,
            sign: Sign::Verdict,
            error,
        }
    }
}

/// The request as it goes out, below `V1.0/` of the zone.
fn letter(
    base: &BaseUrl,
    request: &Request,
    headers: &HeaderMap,
) -> Result<http::Request<Bytes>, Error> {
    if climbs(&request.path) {
        return Err(unsendable(request));
    }
    let body = request.body.as_ref().map(Value::to_string);
    let mut letter = http::Request::builder()
        .method(&request.method)
        .uri(format!("{base}V1.0/{}", request.path))
        .body(Bytes::from(body.unwrap_or_default()))
        .map_err(|_| unsendable(request))?;
    letter.headers_mut().extend(headers.clone());
    letter.headers_mut().insert(ACCEPT, JSON);
    if request.body.is_some() {
        letter.headers_mut().insert(CONTENT_TYPE, JSON);
    }
    Ok(letter)
}

/// Whether a path has empty or dot segments, which would leave the version or the entity.
fn climbs(path: &str) -> bool {
    let path = bare(path).to_ascii_lowercase().replace("%2e", ".");
    path.split(['/', '\\'])
        .any(|segment| matches!(segment, "" | "." | ".."))
}

fn unsendable(request: &Request) -> Error {
    Error::internal(format!(
        "No request can be made to {:?}.",
        bare(&request.path)
    ))
}

/// The path without its query, which may hold a tenant's data.
fn bare(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
