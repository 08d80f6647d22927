//! OAuth: the server as a protected resource that accepts access tokens of one identity provider.

pub mod challenge;
pub mod claims;
pub mod jwt;
mod provider;
mod ring_verifier;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};
use tokio_util::task::AbortOnDropHandle;

use super::auth::{Principal, ServiceFactory, bearer_token};
use super::rejection::Rejection;
use crate::access::caller::Caller;
use crate::config::Http;
use crate::value::cache::{Cache, VALUE_TTL};
use challenge::PublicAddress;
use claims::{ClaimPolicy, Holder, TokenProblem};
use jwt::TokenVerifier;
use provider::KeySource;

/// More people than a team has; each has a service with its own access.
const MAX_CACHED_PRINCIPALS: usize = 1_000;

/// Accepts the access tokens of the provider that the settings name.
pub struct OAuth {
    issuer: String,
    verifier: TokenVerifier,
    policy: ClaimPolicy,
    keys: Arc<KeySource>,
    principals: Cache<Holder, Arc<Principal>>,
    max_calls: usize,
    operator: Caller,
    address: PublicAddress,
}

impl OAuth {
    /// The resource server that the settings describe, if they name an issuer; `operator` has the largest rights.
    #[must_use]
    pub fn new(http: &Http, operator: &Caller) -> Option<Self> {
        let (issuer, audience) = http.oauth_issuer.as_ref().zip(http.oauth_audience.as_ref())?;
        Some(Self {
            issuer: issuer.clone(),
            verifier: TokenVerifier::new(issuer, audience),
            policy: ClaimPolicy::new(http),
            keys: Arc::new(KeySource::new(issuer)),
            principals: Cache::new(MAX_CACHED_PRINCIPALS),
            max_calls: http.max_calls_per_token,
            operator: operator.clone(),
            address: PublicAddress::new(http),
        })
    }

    /// Reads the provider's keys in the background until the handle is dropped.
    pub fn keep_keys_fresh(&self) -> AbortOnDropHandle<()> {
        self.keys.keep_fresh()
    }

    /// The principal whose access token these headers carry.
    ///
    /// # Errors
    /// `InvalidToken` or `InsufficientScope`, with what a client needs to sign in.
    pub async fn authenticate(
        &self,
        headers: &HeaderMap,
        factory: &ServiceFactory,
    ) -> Result<Arc<Principal>, Rejection> {
        match self.find_holder(bearer_token(headers)).await {
            Ok(holder) => Ok(self.principal(holder, factory)),
            Err(problem) => {
                tracing::debug!("access token rejected: {problem}");
                Err(challenge::rejection(&problem, &self.address.of(headers), self.policy.scopes()))
            }
        }
    }

    async fn find_holder(&self, token: Option<&str>) -> Result<Holder, TokenProblem> {
        let token = token.ok_or(TokenProblem::Missing)?;
        let header = jwt::read_header(token)?;
        let keys = self.keys.with_key_for(&header).await?;
        let key = keys.find(&header).ok_or(TokenProblem::UnknownKey)?;
        self.policy.holder(&self.verifier.verify(token, key)?)
    }

    /// The service of a holder; the same for all tokens with the same person and role.
    fn principal(&self, holder: Holder, factory: &ServiceFactory) -> Arc<Principal> {
        if let Some(known) = self.principals.get(&holder) {
            return known;
        }
        let all = self.operator.access();
        // The words of a role are names of tools and groups, or nothing is left.
        let access = all.restrict(holder.read_only, holder.tools.as_deref());
        let access =
            access.or_else(|_| all.restrict(true, Some(&[]))).unwrap_or_else(|_| all.clone());
        let caller = Caller::named(&format!("oauth:{}", holder.subject), access);
        let caller = caller.with_person(holder.person.clone());
        let principal = Arc::new(Principal::new(caller, factory, self.max_calls));
        self.principals.insert(holder, principal.clone(), VALUE_TTL);
        principal
    }
}

/// The metadata of RFC 9728: which provider issues tokens for this server.
pub async fn metadata(State(oauth): State<Arc<OAuth>>, headers: HeaderMap) -> Json<Value> {
    let mut document = json!({
        "resource": format!("{}/mcp", oauth.address.of(&headers)),
        "authorization_servers": [oauth.issuer],
        "bearer_methods_supported": ["header"],
        "resource_name": "Autotask PSA",
        "resource_documentation": env!("CARGO_PKG_HOMEPAGE"),
    });
    if !oauth.policy.scopes().is_empty() {
        document["scopes_supported"] = oauth.policy.scopes().into();
    }
    Json(document)
}
