//! What a client learns when its token is rejected: why, and where the metadata of this server is.

use http::header::{HOST, HeaderMap, HeaderValue};

use super::claims::TokenProblem;
use crate::config::Http;
use crate::transport::http::rejection::{Challenge, Rejection};

/// The path of the metadata; RFC 9728 appends the path of the resource.
pub const METADATA_PATH: &str = "/.well-known/oauth-protected-resource";

/// How clients reach this server.
pub struct PublicAddress {
    scheme: &'static str,
}

impl PublicAddress {
    /// `https` if the server or a proxy before it terminates TLS.
    #[must_use]
    pub fn new(http: &Http) -> Self {
        let is_https = http.tls().is_some() || http.behind_proxy;
        Self { scheme: if is_https { "https" } else { "http" } }
    }

    /// The origin under which the client sent a request; `Host` was checked before.
    #[must_use]
    pub fn of(&self, headers: &HeaderMap) -> String {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        format!("{}://{host}", self.scheme)
    }
}

/// The rejection of a token, as RFC 6750 and RFC 9728 describe it.
#[must_use]
pub fn rejection(problem: &TokenProblem, origin: &str, scopes: &[String]) -> Rejection {
    let error = match problem {
        TokenProblem::Missing => None,
        TokenProblem::MissingScope(_) => Some("insufficient_scope"),
        _ => Some("invalid_token"),
    };
    let mut text =
        format!("Bearer realm=\"autotask-mcp\", resource_metadata=\"{origin}{METADATA_PATH}/mcp\"");
    if let Some(error) = error {
        text += &format!(", error=\"{error}\", error_description=\"{problem}\"");
    }
    if !scopes.is_empty() {
        text += &format!(", scope=\"{}\"", scopes.join(" "));
    }
    let header = HeaderValue::from_str(&text)
        .unwrap_or(HeaderValue::from_static("Bearer realm=\"autotask-mcp\""));
    let message = format!("Authorization failed: {problem}.");
    match problem {
        TokenProblem::MissingScope(_) => {
            Rejection::InsufficientScope(Challenge { header, message })
        }
        _ => Rejection::InvalidToken(Challenge { header, message }),
    }
}
