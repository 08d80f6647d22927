//! The API user and the tenant's zone.

use bytes::Bytes;
use http::{Request, Response, Uri, header};

/// The user name of the sandbox's API user.
pub const USERNAME: &str = "api.tide@example.test";
/// The secret of the sandbox's API user, with characters that break careless parsers.
pub const SECRET: &str = "low#Tide$42~ebb";
/// The integration code that the sandbox accepts.
pub const INTEGRATION_CODE: &str = "TIDEWATERSANDBOX00000000001";
/// The zone's address in the replies of the sandbox.
pub const BASE_URL: &str = "https://webservices14.autotask.net/ATServicesRest/";

/// By default, this many wrong secrets lock the user.
const MAX_BAD_LOGINS: u32 = 10;

/// The state of the API user and its tenant.
pub(crate) struct Account {
    pub(crate) bad_logins: u32,
    pub(crate) max_bad_logins: u32,
    /// The address that the tenant moved to.
    pub(crate) zone: Option<String>,
    /// The requests an hour that the tenant's integrations share.
    pub(crate) threshold: u32,
    /// The requests counted against the threshold.
    pub(crate) requests: u64,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            bad_logins: 0,
            max_bad_logins: MAX_BAD_LOGINS,
            zone: None,
            threshold: 10_000,
            requests: 0,
        }
    }
}

impl Account {
    /// Whether the user is locked.
    pub(crate) fn is_locked(&self) -> bool {
        self.bad_logins >= self.max_bad_logins
    }

    /// Whether a request goes to the host that serves the tenant.
    pub(crate) fn is_served_at(&self, request: &Request<Bytes>) -> bool {
        let zone = self.zone.as_ref().and_then(|url| url.parse::<Uri>().ok());
        let Some(host) = zone.as_ref().and_then(Uri::authority) else {
            return true;
        };
        requested_host(request).is_some_and(|name| name.eq_ignore_ascii_case(host.as_str()))
    }

    /// Replaces the original address in a response with that of the zone that the tenant moved to.
    pub(crate) fn rewrite_urls(&self, response: Response<Bytes>) -> Response<Bytes> {
        match &self.zone {
            Some(zone) => response.map(|body| replace_base_url(body, zone)),
            None => response,
        }
    }
}

fn requested_host(request: &Request<Bytes>) -> Option<&str> {
    match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(header::HOST)?.to_str().ok(),
    }
}

fn replace_base_url(body: Bytes, zone: &str) -> Bytes {
    match std::str::from_utf8(&body) {
        Ok(text) if text.contains(BASE_URL) => text.replace(BASE_URL, zone).into(),
        _ => body,
    }
}
