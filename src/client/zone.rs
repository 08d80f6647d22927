//! Which data center serves this tenant.

use std::sync::OnceLock;
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::sync::Mutex;

use super::backend::Backend;
use super::response::{self, OperationKind};
use crate::config::{BaseUrl, Config};
use crate::error::{Code, Error, Retry};

/// The base of all requests: pinned by the settings, or looked up once.
pub struct Zone {
    pinned: Option<BaseUrl>,
    asked_at: BaseUrl,
    last: Mutex<Option<ZoneLookup>>,
    /// The address of Autotask's web pages in this zone.
    web_url: OnceLock<String>,
}

struct ZoneLookup {
    ended: Instant,
    result: Result<BaseUrl, Error>,
}

impl Zone {
    /// The zone that the settings pin or let look up.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            pinned: config.api_url.clone(),
            asked_at: config.zone_url.clone(),
            last: Mutex::new(None),
            web_url: OnceLock::new(),
        }
    }

    /// The base URL of the user's zone; a good answer is kept for the life of the process.
    ///
    /// Callers who wait for the same look-up share its outcome, also a bad one.
    ///
    /// # Errors
    ///
    /// `auth-failed` for an unknown user, `upstream-unavailable` for no or no acceptable zone.
    pub async fn base_url(&self, wire: &Backend, username: &str) -> Result<BaseUrl, Error> {
        if let Some(pinned) = &self.pinned {
            return Ok(pinned.clone());
        }
        let began = Instant::now();
        let mut last = self.last.lock().await;
        match &*last {
            Some(found) if found.result.is_ok() || found.ended >= began => found.result.clone(),
            _ => {
                let result = self.look_up(wire, username).await;
                *last = Some(ZoneLookup { ended: Instant::now(), result: result.clone() });
                result
            }
        }
    }

    /// Whether the zone is another than the one a request of this moment went to. It is looked up once more,
    /// unless somebody did so since.
    pub async fn has_moved(
        &self,
        old: &BaseUrl,
        since: Instant,
        wire: &Backend,
        username: &str,
    ) -> bool {
        if self.pinned.is_some() {
            return false;
        }
        let mut last = self.last.lock().await;
        if last.as_ref().is_none_or(|found| found.ended < since) {
            let result = self.look_up(wire, username).await;
            *last = Some(ZoneLookup { ended: Instant::now(), result });
        }
        last.as_ref().is_some_and(|found| found.result.as_ref().is_ok_and(|base| base != old))
    }

    /// The address of Autotask's web pages, ending in `/`; none before the zone is known, or if it is pinned.
    #[must_use]
    pub fn web_url(&self) -> Option<&str> {
        self.web_url.get().map(String::as_str)
    }

    async fn look_up(&self, wire: &Backend, username: &str) -> Result<BaseUrl, Error> {
        let user = utf8_percent_encode(username, NON_ALPHANUMERIC);
        let url = format!("{}v1.0/zoneInformation?user={user}", self.asked_at);
        let request = Request::get(url)
            .body(Bytes::new())
            .map_err(|_| Error::internal("The address of the zone look-up does not read."))?;
        let reply = wire.send(request).await;
        let reply = reply.map_err(|broken| response::broken(&broken, OperationKind::Get))?;
        let found = response::read(&reply, OperationKind::Get, &[])
            .map_err(|error| explain(error, &reply))?;
        self.validate(&found)
    }

    /// Checked before any secret goes there.
    fn validate(&self, found: &Value) -> Result<BaseUrl, Error> {
        let base = found.get("url").and_then(Value::as_str);
        let base = base.and_then(BaseUrl::parse).ok_or_else(no_zone_error)?;
        let is_trusted =
            |url: &BaseUrl| url.is_autotask() || (url.is_loopback() && self.asked_at.is_loopback());
        if is_trusted(&base) {
            let web_url = found.get("webUrl").and_then(Value::as_str).and_then(BaseUrl::parse);
            if let Some(web_url) = web_url.filter(is_trusted) {
                self.web_url.set(web_url.to_string()).ok();
            }
            Ok(base)
        } else {
            Err(foreign_zone_error(&base))
        }
    }
}

/// At a zone look-up, which carries no secret, only the user name can be wrong.
fn explain(error: Error, reply: &Response<Bytes>) -> Error {
    let upstream = || response::upstream(reply);
    match error.code() {
        Code::AuthFailed | Code::Rejected | Code::Forbidden => Error::new(
            Code::AuthFailed,
            "Autotask found no zone for the user in AUTOTASK_USERNAME.",
        )
        .next("Correct AUTOTASK_USERNAME, or pin the zone with AUTOTASK_API_URL.")
        .upstream(upstream()),
        Code::NotFound | Code::NotAllowed => Error::new(
            Code::UpstreamUnavailable,
            "AUTOTASK_ZONE_URL does not answer zone look-ups.",
        )
        .next("Correct or unset AUTOTASK_ZONE_URL, or pin the zone with AUTOTASK_API_URL.")
        .with_retry(Retry::AfterChange)
        .upstream(upstream()),
        _ => error,
    }
}

fn no_zone_error() -> Error {
    Error::new(Code::UpstreamUnavailable, "The zone look-up answered without the URL of a zone.")
        .with_retry(Retry::AfterChange)
        .next("Pin the zone with AUTOTASK_API_URL.")
}

fn foreign_zone_error(base: &BaseUrl) -> Error {
    Error::new(
        Code::UpstreamUnavailable,
        format!(
            "The zone look-up named {base}, which is not Autotask's; no secret was sent there."
        ),
    )
    .accepts("An https URL of a host under autotask.net.")
    .next("Check AUTOTASK_ZONE_URL, or pin the zone with AUTOTASK_API_URL.")
    .with_retry(Retry::AfterChange)
}
