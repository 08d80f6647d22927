//! The zone (data center) that serves this tenant.

use std::sync::OnceLock;
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::sync::Mutex;

use super::backend::Backend;
use super::response;
use super::retry::OperationKind;
use crate::config::{BaseUrl, Config};
use crate::error::{Code, Error, Retry};

/// The base URL of all requests: pinned by the settings, or looked up once.
pub struct Zone {
    pinned: Option<BaseUrl>,
    lookup_url: BaseUrl,
    last: Mutex<Option<ZoneLookup>>,
    /// The address of Autotask's web pages in this zone.
    web_url: OnceLock<String>,
}

struct ZoneLookup {
    ended: Instant,
    result: Result<BaseUrl, Error>,
}

impl Zone {
    /// The zone that the settings pin, or that is looked up.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            pinned: config.api_url.clone(),
            lookup_url: config.zone_url.clone(),
            last: Mutex::new(None),
            web_url: OnceLock::new(),
        }
    }

    /// The base URL of the user's zone, cached for the life of the process.
    ///
    /// Callers that wait for the same look-up share its result, also an error.
    ///
    /// # Errors
    ///
    /// `auth-failed` for an unknown user, `upstream-unavailable` for no or no acceptable zone.
    pub async fn base_url(&self, backend: &Backend, username: &str) -> Result<BaseUrl, Error> {
        if let Some(pinned) = &self.pinned {
            return Ok(pinned.clone());
        }
        let started = Instant::now();
        let mut last = self.last.lock().await;
        match &*last {
            Some(found) if found.result.is_ok() || found.ended >= started => found.result.clone(),
            _ => {
                let result = self.look_up(backend, username).await;
                *last = Some(ZoneLookup { ended: Instant::now(), result: result.clone() });
                result
            }
        }
    }

    /// Whether the zone differs from the one that a request at this time was sent to. Looks it up once more,
    /// unless that was done since.
    pub async fn has_moved(
        &self,
        old: &BaseUrl,
        since: Instant,
        backend: &Backend,
        username: &str,
    ) -> bool {
        if self.pinned.is_some() {
            return false;
        }
        let mut last = self.last.lock().await;
        if last.as_ref().is_none_or(|found| found.ended < since) {
            let result = self.look_up(backend, username).await;
            *last = Some(ZoneLookup { ended: Instant::now(), result });
        }
        last.as_ref().is_some_and(|found| found.result.as_ref().is_ok_and(|base| base != old))
    }

    /// The address of Autotask's web pages, ending in `/`; none before the zone is known, or if it is pinned.
    #[must_use]
    pub fn web_url(&self) -> Option<&str> {
        self.web_url.get().map(String::as_str)
    }

    async fn look_up(&self, backend: &Backend, username: &str) -> Result<BaseUrl, Error> {
        let user = utf8_percent_encode(username, NON_ALPHANUMERIC);
        let url = format!("{}v1.0/zoneInformation?user={user}", self.lookup_url);
        let request = Request::get(url)
            .body(Bytes::new())
            .map_err(|_| Error::internal("The URL of the zone look-up is not valid."))?;
        let sent = backend.send(request).await;
        let response = sent.map_err(|e| response::transport_error(&e, OperationKind::Get))?;
        let found = response::read(&response, OperationKind::Get, &[])
            .map_err(|error| explain(error, &response))?;
        self.validate(&found)
    }

    /// Checked before any secret is sent there.
    fn validate(&self, found: &Value) -> Result<BaseUrl, Error> {
        let base = found.get("url").and_then(Value::as_str);
        let base = base.and_then(BaseUrl::parse).ok_or_else(no_zone_error)?;
        let is_trusted = |url: &BaseUrl| {
            url.is_autotask() || (url.is_loopback() && self.lookup_url.is_loopback())
        };
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

/// A zone look-up carries no secret, so only the username can be wrong.
fn explain(error: Error, response: &Response<Bytes>) -> Error {
    let upstream = || response::upstream(response);
    match error.code() {
        Code::AuthFailed | Code::Rejected | Code::Forbidden => Error::new(
            Code::AuthFailed,
            "Autotask found no zone for the user in AUTOTASK_USERNAME.",
        )
        .next("Correct AUTOTASK_USERNAME, or pin the zone with AUTOTASK_API_URL.")
        .upstream(upstream()),
        Code::NotFound | Code::NotAllowed => Error::new(
            Code::UpstreamUnavailable,
            "AUTOTASK_ZONE_URL does not support zone detection.",
        )
        .next("Correct or unset AUTOTASK_ZONE_URL, or pin the zone with AUTOTASK_API_URL.")
        .with_retry(Retry::AfterChange)
        .upstream(upstream()),
        _ => error,
    }
}

fn no_zone_error() -> Error {
    Error::new(Code::UpstreamUnavailable, "The zone detection returned no zone URL.")
        .with_retry(Retry::AfterChange)
        .next("Pin the zone with AUTOTASK_API_URL.")
}

fn foreign_zone_error(base: &BaseUrl) -> Error {
    Error::new(
        Code::UpstreamUnavailable,
        format!(
            "The zone detection returned {base}, which is not an Autotask host; no credentials were sent there."
        ),
    )
    .accepts("an https URL under autotask.net")
    .next("Check AUTOTASK_ZONE_URL, or pin the zone with AUTOTASK_API_URL.")
    .with_retry(Retry::AfterChange)
}
