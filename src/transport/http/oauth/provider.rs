//! The signing keys of the identity provider: discovered, fetched in the background, and kept while it is down.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use jsonwebtoken::Header;
use reqwest::{Client, Url, redirect};
use serde_json::Value;
use tokio::sync::{Notify, OnceCell, Semaphore, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::claims::TokenProblem;
use super::jwt::KeySet;
use crate::client::backend::http_client;
use crate::config::BaseUrl;

/// How old keys may become before they are fetched again.
const REFRESH_INTERVAL: Duration = Duration::from_secs(600);
/// The pause after a failed fetch.
const RETRY_INTERVAL: Duration = Duration::from_secs(10);
/// Tokens with unknown keys cause at most one fetch in this time.
const MIN_FETCH_INTERVAL: Duration = Duration::from_secs(2);
/// The time of one fetch: discovery and keys together.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for a key that was unknown.
const KEY_WAIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How many requests may wait for a key.
const MAX_WAITING_REQUESTS: usize = 1024;
/// The largest document of the provider; real ones have up to 20 KiB.
const MAX_DOCUMENT_BYTES: usize = 256 << 10;

/// The keys of one provider.
pub struct KeySource {
    issuer: String,
    client: OnceCell<Client>,
    keys: watch::Sender<FetchedKeys>,
    demand: Notify,
    waiting: Semaphore,
}

/// The keys of the last successful fetch, and how many fetches have started and finished.
#[derive(Clone, Default)]
struct FetchedKeys {
    set: Option<Arc<KeySet>>,
    started: u64,
    finished: u64,
    has_failed: bool,
}

impl KeySource {
    /// The keys of this issuer; nothing is fetched yet.
    #[must_use]
    pub fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client: OnceCell::new(),
            keys: watch::Sender::default(),
            demand: Notify::new(),
            waiting: Semaphore::new(MAX_WAITING_REQUESTS),
        }
    }

    /// Fetches the keys again and again until the handle is dropped.
    pub fn keep_fresh(self: &Arc<Self>) -> AbortOnDropHandle<()> {
        let source = self.clone();
        AbortOnDropHandle::new(tokio::spawn(async move { source.refresh().await }))
    }

    /// The keys, of which one fits the header. A key that is not known yet is waited for.
    ///
    /// # Errors
    /// `UnknownKey` or `NoKeys`.
    pub async fn with_key_for(&self, header: &Header) -> Result<Arc<KeySet>, TokenProblem> {
        let fitting =
            |keys: &FetchedKeys| keys.set.clone().filter(|set| set.find(header).is_some());
        if let Some(set) = fitting(&self.keys.borrow()) {
            return Ok(set);
        }
        let _waiting = self.waiting.try_acquire().map_err(|_| TokenProblem::UnknownKey)?;
        let mut keys = self.keys.subscribe();
        // A fetch that runs already may have started before the key existed.
        let next = keys.borrow().started + 1;
        self.demand.notify_one();
        let is_settled = |keys: &FetchedKeys| keys.finished >= next || fitting(keys).is_some();
        let found = match timeout(KEY_WAIT_TIMEOUT, keys.wait_for(is_settled)).await {
            Ok(Ok(keys)) => keys.clone(),
            _ => self.keys.borrow().clone(),
        };
        let unknown =
            if found.set.is_some() { TokenProblem::UnknownKey } else { TokenProblem::NoKeys };
        fitting(&found).ok_or(unknown)
    }

    async fn refresh(&self) {
        loop {
            let started = Instant::now();
            self.keys.send_modify(|keys| keys.started += 1);
            let fetched = timeout(FETCH_TIMEOUT, self.fetch()).await;
            let fetched = fetched.unwrap_or_else(|_| Err("it did not respond in time".to_owned()));
            let pause = if fetched.is_ok() { REFRESH_INTERVAL } else { RETRY_INTERVAL };
            self.record(fetched);
            sleep_until(started + MIN_FETCH_INTERVAL).await;
            tokio::select! {
                () = sleep_until(started + pause) => {}
                () = self.demand.notified() => {}
            }
        }
    }

    /// Keys that could not be fetched stay as they are; only a change is logged.
    fn record(&self, fetched: Result<KeySet, String>) {
        let issuer = &self.issuer;
        self.keys.send_modify(|keys| {
            keys.finished = keys.started;
            match fetched {
                Ok(set) => {
                    if keys.set.is_none() || keys.has_failed {
                        tracing::info!("Read the signing keys of {issuer}.");
                    }
                    *keys = FetchedKeys { set: Some(Arc::new(set)), has_failed: false, ..*keys };
                }
                Err(reason) => {
                    if !keys.has_failed {
                        tracing::warn!("The signing keys of {issuer} could not be read: {reason}. Earlier ones stay valid.");
                    }
                    keys.has_failed = true;
                }
            }
        });
    }

    async fn fetch(&self) -> Result<KeySet, String> {
        let jwks_uri = self.discover().await?;
        let keys = KeySet::parse(&self.get(jwks_uri).await?);
        if keys.is_empty() {
            Err("it publishes no key for signatures".to_owned())
        } else {
            Ok(keys)
        }
    }

    /// The address of the keys, from the document of RFC 8414, else from that of `OpenID` Connect.
    async fn discover(&self) -> Result<Url, String> {
        let mut reason = String::new();
        for address in discovery_addresses(&self.issuer) {
            match self.get(address).await {
                Ok(document) => return self.jwks_uri(&document),
                Err(error) => reason = error,
            }
        }
        Err(reason)
    }

    /// A document of another issuer would make its keys valid here.
    fn jwks_uri(&self, document: &Value) -> Result<Url, String> {
        if document["issuer"].as_str() != Some(self.issuer.as_str()) {
            return Err("its discovery document names another issuer".to_owned());
        }
        let text = document["jwks_uri"].as_str().unwrap_or_default();
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "https" || self.is_loopback());
        url.ok_or_else(|| "its discovery document names no https address of its keys".to_owned())
    }

    fn is_loopback(&self) -> bool {
        BaseUrl::parse(&self.issuer).is_some_and(|url| url.is_loopback())
    }

    async fn get(&self, url: Url) -> Result<Value, String> {
        let client = self.client.get_or_try_init(|| async { self.client() }).await;
        let client = client.map_err(|_| "no TLS client could be set up".to_owned())?;
        let path = url.path().to_owned();
        let failed = |error: reqwest::Error| match error.is_connect() {
            true => "it cannot be reached".to_owned(),
            false => format!("{path}: the connection was lost"),
        };
        let mut response = client.get(url).send().await.map_err(failed)?;
        if !response.status().is_success() {
            return Err(format!("{path}: status {}", response.status().as_u16()));
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_DOCUMENT_BYTES {
                return Err(format!("{path}: more than {} KiB", MAX_DOCUMENT_BYTES >> 10));
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|_| format!("{path}: not JSON"))
    }

    fn client(&self) -> reqwest::Result<Client> {
        let client = http_client().redirect(redirect::Policy::none());
        // A system proxy cannot reach this machine's loopback.
        let client = if self.is_loopback() { client.no_proxy() } else { client };
        client.build()
    }
}

/// RFC 8414 puts its name before the issuer's path, `OpenID` Connect behind it.
fn discovery_addresses(issuer: &str) -> impl Iterator<Item = Url> {
    let url = Url::parse(issuer).ok();
    let path = url.as_ref().map_or("", Url::path).trim_end_matches('/').to_owned();
    let paths = [
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("{path}/.well-known/openid-configuration"),
    ];
    url.into_iter()
        .flat_map(move |url| paths.clone().into_iter().filter_map(move |path| url.join(&path).ok()))
}

#[cfg(test)]
mod tests {
    use super::discovery_addresses;

    #[test]
    fn both_discovery_documents_of_an_issuer_are_looked_for() {
        for (issuer, [oauth, openid]) in [
            (
                "https://login.example.com/tenant/v2.0",
                [
                    "https://login.example.com/.well-known/oauth-authorization-server/tenant/v2.0",
                    "https://login.example.com/tenant/v2.0/.well-known/openid-configuration",
                ],
            ),
            (
                "https://example.com/",
                [
                    "https://example.com/.well-known/oauth-authorization-server",
                    "https://example.com/.well-known/openid-configuration",
                ],
            ),
        ] {
            let found: Vec<_> = discovery_addresses(issuer).map(|url| url.to_string()).collect();
            assert_eq!(found, [oauth, openid]);
        }
    }
}
