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
use tokio::time::{Instant, sleep, timeout};
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
use slots::Slots;
use threshold::Threshold;
use wire::Wire;
use zone::Zone;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const THRESHOLD: &str = "ThresholdInformation";

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
    flights: Flights,
    writes: TaskTracker,
}

/// A failed try: the zone it went to, what it amounts to, and how to tell it.
struct Failed {
    base: Option<BaseUrl>,
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
            async move { client.send(&request, act).await }
        };
        self.0.flights.join(&asked, begin).await
    }

    /// Sends a confirmed write, once, and answers the body of its reply. Once begun it is carried through,
    /// even if the caller leaves.
    ///
    /// # Errors
    ///
    /// As for a read; `outcome-unknown` when the write may have happened.
    pub async fn write(&self, request: &Request, _: Confirmed) -> Result<Value, Error> {
        let act = match request.method {
            Method::DELETE => Act::Delete,
            _ => Act::Change,
        };
        let (client, request) = (self.clone(), request.clone());
        let carried = self
            .0
            .writes
            .spawn(async move { client.send(&request, act).await });
        carried
            .await
            .unwrap_or_else(|_| Err(Error::internal("A write ended without an outcome.")))
    }

    /// Waits until every write in flight has its outcome, for as long as `patience` lasts.
    pub async fn finish(&self, patience: Duration) {
        self.0.writes.close();
        if timeout(patience, self.0.writes.wait()).await.is_err() {
            tracing::warn!("a write was still without its outcome at the end");
        }
    }

    /// A sentence for answers while much of the hourly budget is used.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        self.0.threshold.warning()
    }

    /// Sends until there is an outcome to tell.
    async fn send(&self, request: &Request, act: Act) -> Result<Value, Error> {
        self.follow_threshold().await?;
        let (mut tries, began, mut again) = (Tries::new(act), Instant::now(), Again::default());
        loop {
            let failed = match self.try_once(request, act).await {
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
        let (Some(old), Ok(auth)) = (&failed.base, &self.0.auth) else {
            return false;
        };
        if std::mem::replace(&mut again.zone, true) {
            return false;
        }
        let moved = self
            .0
            .zone
            .moved_from(old, &self.0.wire, auth.username())
            .await;
        tracing::info!(
            moved,
            "the credentials were refused; the zone was asked again"
        );
        moved
    }

    async fn try_once(&self, request: &Request, act: Act) -> Result<Value, Failed> {
        self.0.lockout.check()?;
        let _slot = self.0.slots.take(&request.path).await?;
        let auth = self.0.auth.as_ref().map_err(Clone::clone)?;
        let base = self.0.zone.base(&self.0.wire, auth.username()).await;
        let base = base.map_err(Failed::without_zone)?;
        let headers = match act {
            Act::Get | Act::Query => auth.read(),
            Act::Change | Act::Delete => auth.write(),
        };
        let letter = letter(&base, request, headers)?;
        self.0.threshold.count();
        let sent = self.0.wire.send(letter).await;
        let read = match &sent {
            Ok(reply) => reply::read(reply, act),
            Err(broken) => Err(reply::broken(broken, act)),
        };
        self.note(request, &read);
        read.map_err(|error| Failed {
            base: Some(base),
            sign: reply::sign(&sent, &error),
            error,
        })
    }

    /// What a reply tells besides its answer.
    fn note(&self, request: &Request, read: &Result<Value, Error>) {
        match read {
            Ok(body) => {
                self.0.lockout.accepted();
                if request.path == THRESHOLD {
                    self.0.threshold.learn(body);
                }
            }
            Err(error) if error.code() == Code::AuthFailed => self.0.lockout.refused(),
            Err(_) => {}
        }
    }

    /// Asks the tenant now and then how much of its budget is left, and stops before it is gone.
    async fn follow_threshold(&self) -> Result<(), Error> {
        if self.0.auth.is_ok() && self.0.threshold.is_due() {
            let asked = self.try_once(&Request::get(THRESHOLD), Act::Get).await;
            if let Err(failed) = asked {
                tracing::debug!("the threshold is not known: {}", failed.error);
            }
        }
        self.0.threshold.check()
    }
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
    /// Without a zone nothing of the request was sent; a look-up that stumbled may be made again.
    fn without_zone(error: Error) -> Self {
        let stumbled = matches!(error.retry(), Retry::Later(_));
        let sign = if stumbled {
            Sign::NotSent
        } else {
            Sign::Verdict
        };
        Self {
            base: None,
            sign,
            error,
        }
    }
}

/// Nothing was sent: the error is final.
impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self {
            base: None,
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
