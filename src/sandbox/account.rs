//! What changes over time for the API user: the lock, and the zone that serves the tenant.

use bytes::Bytes;
use http::{Request, Response, Uri, header};

use super::{BASE, Sandbox};

/// How many wrong secrets lock the user, unless told otherwise.
const PATIENCE: u32 = 10;

/// The API user's standing.
pub(super) struct Account {
    bad_logins: u32,
    patience: u32,
    zone: Option<String>,
    /// The requests an hour that the tenant's integrations share.
    pub(super) threshold: u32,
}

impl Default for Account {
    fn default() -> Self {
        Self { bad_logins: 0, patience: PATIENCE, zone: None, threshold: 10_000 }
    }
}

impl Sandbox {
    /// Moves the tenant: look-ups hand out this address, and any other host answers 401.
    pub fn move_zone(&self, url: &str) {
        self.state().account.zone = Some(url.to_owned());
    }

    /// So many wrong secrets lock the user, who then gets 401 for the right one too.
    pub fn lock_after(&self, bad_logins: u32) {
        self.state().account.patience = bad_logins;
    }

    /// The wrong secrets seen so far.
    #[must_use]
    pub fn bad_logins(&self) -> u32 {
        self.state().account.bad_logins
    }

    /// Sets the threshold that `ThresholdInformation` tells; it is never enforced.
    pub fn set_threshold(&self, threshold: u32) {
        self.state().account.threshold = threshold;
    }

    /// Sets what `ThresholdInformation` says is used if it is asked next; each request adds one.
    pub fn set_used(&self, used: u32) {
        self.state().requests = u64::from(used).saturating_sub(1);
    }
}

impl Account {
    /// Takes note of a wrong secret.
    pub(super) fn wrong_secret(&mut self) {
        self.bad_logins += 1;
    }

    /// Whether the user is locked.
    pub(super) fn is_locked(&self) -> bool {
        self.bad_logins >= self.patience
    }

    /// Whether a request goes to a host that serves the tenant.
    pub(super) fn is_served_at(&self, request: &Request<Bytes>) -> bool {
        let zone = self.zone.as_ref().and_then(|url| url.parse::<Uri>().ok());
        let Some(here) = zone.as_ref().and_then(Uri::authority) else {
            return true;
        };
        asked(request).is_some_and(|host| host.eq_ignore_ascii_case(here.as_str()))
    }

    /// The answer with the tenant's own address in it, wherever it moved.
    pub(super) fn readdress(&self, answer: Response<Bytes>) -> Response<Bytes> {
        match &self.zone {
            Some(zone) => answer.map(|body| replaced(body, zone)),
            None => answer,
        }
    }
}

fn asked(request: &Request<Bytes>) -> Option<&str> {
    match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(header::HOST)?.to_str().ok(),
    }
}

fn replaced(body: Bytes, zone: &str) -> Bytes {
    match std::str::from_utf8(&body) {
        Ok(text) if text.contains(BASE) => text.replace(BASE, zone).into(),
        _ => body,
    }
}
