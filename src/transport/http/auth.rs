//! Bearer tokens: who a request comes from, and which MCP service answers it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, HeaderMap};
use http_body_util::Full;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use super::rejection::Rejection;
use super::tokens_file::{self, TOKENS_FILE};
use crate::access::Access;
use crate::access::caller::Caller;
use crate::config::{ConfigError, Http, parse_flag};

const FLAG_VALUES: &str = "true, 1, yes or on; or false, 0, no or off";

/// The largest body of a request, in bytes.
pub const MAX_BODY_BYTES: usize = 10 << 20;

/// The valid static tokens, each with its principal.
#[derive(Default)]
pub struct TokenStore {
    /// By the digest of the token.
    principals: Vec<([u8; 32], Arc<Principal>)>,
    tokens: Vec<SecretString>,
}

/// The holder of a token.
pub struct Principal {
    caller: Caller,
    /// Answers this principal's requests.
    pub service: McpService,
    /// One permit for each concurrent request.
    pub requests: Arc<Semaphore>,
}

/// Makes the MCP service of a caller.
pub type ServiceFactory = dyn Fn(Caller) -> McpService + Send + Sync;

/// MCP over HTTP without sessions, for any server.
pub type McpService =
    Box<dyn Fn(Request<Full<Bytes>>) -> BoxFuture<'static, Response> + Send + Sync>;

/// The access that a request's headers leave; `None` if they restrict nothing.
///
/// # Errors
/// `InvalidRestriction`.
pub fn restricted_access(
    access: &Access,
    headers: &HeaderMap,
) -> Result<Option<Access>, Rejection> {
    let invalid = |error: ConfigError| Rejection::InvalidRestriction(error.to_string());
    let read_only = header_text(headers, "x-mcp-readonly")
        .map(|text| parse_flag(text.trim()).ok_or(ConfigError::new("X-MCP-Readonly", FLAG_VALUES)));
    let read_only = read_only.transpose().map_err(invalid)?.unwrap_or(false);
    let tools = header_text(headers, "x-mcp-toolsets");
    let tools: Option<Vec<_>> = tools.map(|text| text.split(',').map(str::to_owned).collect());
    if !read_only && tools.is_none() {
        return Ok(None);
    }
    let access = access.restrict(read_only, tools.as_deref());
    access.map(Some).map_err(|error| invalid(error.renamed("X-MCP-Toolsets")))
}

/// All values of a header as one list.
fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(name).iter();
    let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(","))
}

impl TokenStore {
    /// The tokens of the settings and of the tokens file; `factory` makes a service for each. Tokens that were valid
    /// before keep the count of their concurrent requests.
    ///
    /// # Errors
    /// No token at all and no issuer of tokens, or an invalid tokens file.
    pub fn load(
        http: &Http,
        operator: &Caller,
        factory: &ServiceFactory,
        before: &Self,
    ) -> Result<Self, ConfigError> {
        let principal = |token: &SecretString, caller: Caller| {
            let token_digest = digest(token.expose_secret());
            let new = || Arc::new(Semaphore::new(http.max_calls_per_token));
            let requests = before.find(&token_digest).map_or_else(new, |old| old.requests.clone());
            let service = factory(caller.clone());
            let principal = Arc::new(Principal { caller, service, requests });
            ((token_digest, principal), token.clone())
        };
        let own = http.token.as_ref().map(|token| principal(token, operator.clone()));
        let mut all: Vec<_> = own.into_iter().collect();
        for line in tokens_file::read(http.tokens_file.as_deref())? {
            // A line can only restrict what the settings allow.
            let gate = operator.access().restrict(line.read_only, line.tools.as_deref());
            let gate = gate.map_err(|error| error.in_line(line.number, TOKENS_FILE))?;
            let caller = Caller::named(&line.name, gate);
            let caller = caller.with_person(line.person.or(operator.person().cloned()));
            all.push(principal(&line.token, caller));
        }
        let (principals, tokens): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        match principals.is_empty() && http.oauth_issuer.is_none() {
            true => Err(ConfigError::new(
                "AUTOTASK_HTTP_TOKEN",
                "a token of at least 16 characters; the HTTP server does not start without it, a tokens file or AUTOTASK_OAUTH_ISSUER",
            )),
            false => Ok(Self { principals, tokens }),
        }
    }

    /// All tokens, to redact them.
    pub fn tokens(&self) -> &[SecretString] {
        &self.tokens
    }

    /// The principal whose token these headers carry.
    pub fn authenticate(&self, headers: &HeaderMap) -> Option<Arc<Principal>> {
        self.find(&digest(bearer_token(headers)?)).cloned()
    }

    /// Compares with every token, each in constant time.
    fn find(&self, digest: &[u8; 32]) -> Option<&Arc<Principal>> {
        let mut found = None;
        for (token_digest, principal) in &self.principals {
            if bool::from(token_digest.ct_eq(digest)) {
                found = Some(principal);
            }
        }
        found
    }
}

impl Principal {
    /// A principal without requests in progress.
    pub fn new(caller: Caller, factory: &ServiceFactory, max_requests: usize) -> Self {
        let service = factory(caller.clone());
        Self { caller, service, requests: Arc::new(Semaphore::new(max_requests)) }
    }

    /// What the principal may use.
    pub fn access(&self) -> &Access {
        self.caller.access()
    }

    /// The same principal, for one request, with fewer tools.
    pub fn restricted(&self, access: Access, factory: &ServiceFactory) -> Self {
        let caller = self.caller.clone().with_access(access);
        Self { service: factory(caller.clone()), caller, requests: self.requests.clone() }
    }
}

/// rmcp's HTTP service in front of a server; `Host`, `Origin` and `Accept` are checked before it.
pub fn mcp_service<S: ServerHandler + Clone>(server: S) -> McpService {
    let mut config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    config.max_request_body_bytes = MAX_BODY_BYTES;
    let sessions = Arc::<NeverSessionManager>::default();
    let service = StreamableHttpService::new(move || Ok(server.clone()), sessions, config);
    let service = Arc::new(service);
    Box::new(move |request| {
        let service = service.clone();
        Box::pin(async move { service.handle(request).await.map(Body::new) })
    })
}

/// The token of the `Authorization` header; several such headers carry none.
pub fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Digests have one length, so that the comparison reveals nothing about a token's.
fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}
