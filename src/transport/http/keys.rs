//! Who holds which token: guests, each with a server behind a gate of their own.

use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderMap};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use super::roster::{self, Entry};
use super::service::Service;
use crate::access::caller::Caller;
use crate::config::{Http, Invalid};

/// The tokens that open the door.
pub struct Keys(Vec<Key>);

struct Key {
    digest: [u8; 32],
    guest: Arc<Guest>,
}

/// Makes the service that a caller talks to.
pub type Serve = dyn Fn(Caller) -> Service + Send + Sync;

/// Whoever holds a token.
pub struct Guest {
    /// MCP over HTTP, without sessions.
    pub service: Service,
    /// Places for calls at the same time.
    pub calls: Arc<Semaphore>,
}

impl Keys {
    /// The keys that the settings and the file of tokens name; `serve` makes a service for each of their holders.
    ///
    /// # Errors
    /// No token at all, or a file that cannot be taken.
    pub fn read(http: &Http, owner: &Caller, serve: &Serve) -> Result<Self, Invalid> {
        let open = |caller| Guest::new(http, serve(caller));
        let token = http.token.as_ref();
        let key = token.map(|token| Key::new(token, open(owner.clone())));
        let mut keys: Vec<_> = key.into_iter().collect();
        for entry in entries(http)? {
            keys.push(Key::new(&entry.token, open(caller(owner, &entry)?)));
        }
        match keys.is_empty() {
            true => Err(Invalid::new(
                "AUTOTASK_HTTP_TOKEN",
                "a token of 16 characters at least; without one the HTTP door stays shut",
            )),
            false => Ok(Self(keys)),
        }
    }

    /// The guest whose token these headers show.
    #[must_use]
    pub fn guest(&self, headers: &HeaderMap) -> Option<Arc<Guest>> {
        self.holder(&digest(bearer(headers)?)).cloned()
    }

    /// These keys after those: whoever held the same token before keeps the count of their calls.
    #[must_use]
    pub fn after(mut self, before: &Self) -> Self {
        for key in &mut self.0 {
            let guest = Arc::get_mut(&mut key.guest);
            if let Some((guest, old)) = guest.zip(before.holder(&key.digest)) {
                guest.calls = old.calls.clone();
            }
        }
        self
    }

    /// Every key is compared, and each in constant time.
    fn holder(&self, digest: &[u8; 32]) -> Option<&Arc<Guest>> {
        let mut found = None;
        for key in &self.0 {
            if bool::from(key.digest.ct_eq(digest)) {
                found = Some(&key.guest);
            }
        }
        found
    }
}

impl Key {
    fn new(token: &SecretString, guest: Guest) -> Self {
        Self { digest: digest(token.expose_secret()), guest: Arc::new(guest) }
    }
}

impl Guest {
    fn new(http: &Http, service: Service) -> Self {
        Self { service, calls: Arc::new(Semaphore::new(http.most_calls_per_token)) }
    }
}

fn entries(http: &Http) -> Result<Vec<Entry>, Invalid> {
    let Some(path) = &http.tokens_file else {
        return Ok(Vec::new());
    };
    roster::read(path).map_err(|unread| {
        let takes = "the path of a text file with lines such as `name token full`";
        Invalid::new("AUTOTASK_HTTP_TOKENS_FILE", format!("{takes}; {unread}"))
    })
}

/// A role only takes away from what the settings leave.
fn caller(owner: &Caller, entry: &Entry) -> Result<Caller, Invalid> {
    let gate = owner.access().restrict(entry.read_only, entry.tools.as_deref());
    let gate = gate.map_err(|no_tool| no_tool.in_line(entry.line, "AUTOTASK_HTTP_TOKENS_FILE"))?;
    Ok(Caller::named(&entry.name, gate))
}

/// The token of the one `Authorization` header; of two, none counts.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// All tokens are compared at one length.
fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}
