//! Which `Host` values and web origins are allowed: protection from DNS rebinding and foreign web pages.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::Uri;
use http::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use http::uri::Authority;
use reqwest::Url;

use super::rejection::Rejection;
use crate::config::{ConfigError, Http};

/// The names by which the server may be reached, and the web origins that may call it.
#[derive(Debug)]
pub struct HostOriginPolicy {
    hosts: Vec<HostPattern>,
    allows_any_host: bool,
    origins: Vec<Url>,
}

/// A host; without a port it matches every port.
#[derive(Debug, PartialEq, Eq)]
struct HostPattern {
    host: String,
    port: Option<u16>,
}

/// Rejects a request with a foreign `Host` or `Origin`.
///
/// # Errors
/// `ForbiddenHostOrOrigin`.
pub async fn check(
    State(policy): State<Arc<HostOriginPolicy>>,
    request: Request,
    next: Next,
) -> Result<Response, Rejection> {
    match policy.allows(request.uri(), request.headers()) {
        true => Ok(next.run(request).await),
        false => Err(Rejection::ForbiddenHostOrOrigin),
    }
}

impl HostOriginPolicy {
    /// The policy that the settings describe.
    ///
    /// # Errors
    /// A list with an invalid origin or host name.
    pub fn new(http: &Http) -> Result<Self, ConfigError> {
        let origin = |text: &String| {
            parse_origin(text).ok_or_else(|| invalid_entry("ORIGINS", "an origin", text))
        };
        let host = |text: &String| {
            HostPattern::parse(text).ok_or_else(|| invalid_entry("HOSTS", "a host name", text))
        };
        let listed = http.hosts.iter().filter(|text| *text != "*");
        let mut hosts = listed.map(host).collect::<Result<Vec<_>, _>>()?;
        hosts.extend(HostPattern::parse(&bracketed(&http.host)));
        Ok(Self {
            hosts,
            allows_any_host: http.hosts.iter().any(|text| text == "*"),
            origins: http.origins.iter().map(origin).collect::<Result<_, _>>()?,
        })
    }

    /// Checks `Host`, the host of an absolute request target, and `Origin`.
    fn allows(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let Some(host) = single_header(headers, &HOST).and_then(HostPattern::parse) else {
            return false;
        };
        let target_allowed = uri.authority().is_none_or(|target| {
            HostPattern::parse(target.as_str()).is_some_and(|target| self.host_allowed(&target))
        });
        target_allowed && self.host_allowed(&host) && self.origin_allowed(headers, &host)
    }

    fn host_allowed(&self, host: &HostPattern) -> bool {
        let matches = |allowed: &HostPattern| {
            allowed.host == host.host && (allowed.port.is_none() || allowed.port == host.port)
        };
        self.allows_any_host || is_loopback(&host.host) || self.hosts.iter().any(matches)
    }

    /// Only web pages send an origin; it must be the server's own, or an allowed one.
    fn origin_allowed(&self, headers: &HeaderMap, host: &HostPattern) -> bool {
        if !headers.contains_key(ORIGIN) {
            return true;
        }
        let origin = single_header(headers, &ORIGIN).and_then(parse_origin);
        origin.is_some_and(|origin| host.serves(&origin) || self.origins.contains(&origin))
    }
}

impl HostPattern {
    fn parse(text: &str) -> Option<Self> {
        let authority: Authority = text.parse().ok()?;
        let (host, port) = (authority.host(), authority.port_u16());
        let is_whole = text == host || (text.starts_with(host) && port.is_some());
        (is_whole && is_valid_host(host)).then(|| Self { host: host.to_ascii_lowercase(), port })
    }

    /// Whether pages of this origin come from here; all loopback names are the same host.
    fn serves(&self, origin: &Url) -> bool {
        let host = origin.host_str().unwrap_or_default();
        let same_host = host == self.host || (is_loopback(host) && is_loopback(&self.host));
        let default_port = if origin.scheme() == "https" { 443 } else { 80 };
        same_host && origin.port_or_known_default() == Some(self.port.unwrap_or(default_port))
    }
}

/// An origin as a URL without path, query, fragment or user.
fn parse_origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.path() == "/";
    let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (is_web && is_bare && url.host_str().is_some_and(is_valid_host)).then_some(url)
}

/// Whether a host is one that clients can send: no pattern, and in ASCII.
fn is_valid_host(host: &str) -> bool {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.[:]".contains(&byte);
    !host.is_empty() && !host.starts_with('.') && host.bytes().all(is_valid)
}

/// The value of a header that occurs exactly once.
fn single_header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn bracketed(host: &str) -> String {
    match host.parse() {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => host.to_owned(),
    }
}

fn invalid_entry(list: &str, expected: &str, text: &str) -> ConfigError {
    let example = if list == "HOSTS" { "mcp.example.com" } else { "https://app.example.com" };
    ConfigError::new(
        format!("AUTOTASK_ALLOWED_{list}"),
        format!("names such as {example}, separated by commas; {text:?} is not {expected}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn policy(settings: &[(&str, &str)]) -> Result<HostOriginPolicy, ConfigError> {
        let value = |name: &str| settings.iter().find(|(key, _)| *key == name);
        let config = Config::read(&|name| value(name).map(|(_, value)| (*value).to_owned()));
        HostOriginPolicy::new(&config.expect("valid settings").http)
    }

    fn headers(host: &str, origin: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [(HOST, host), (ORIGIN, origin)] {
            for value in value.split('|').filter(|value| !value.is_empty()) {
                headers.append(&name, value.parse().expect("a value"));
            }
        }
        headers
    }

    #[test]
    fn foreign_hosts_and_origins_are_rejected() {
        let here = Uri::from_static("/mcp");
        let listed = policy(&[
            ("AUTOTASK_HTTP_HOST", "10.0.0.7"),
            ("AUTOTASK_ALLOWED_HOSTS", "mcp.example.com, other.example.com:8443"),
            ("AUTOTASK_ALLOWED_ORIGINS", "https://app.example.com, http://localhost:5173"),
        ])
        .expect("a policy");
        for (host, origin, expected) in [
            ("127.0.0.1:3000", "", true),
            ("localhost", "", true),
            ("[::1]:3000", "", true),
            ("10.0.0.7:3000", "", true),
            ("MCP.example.com", "", true),
            ("mcp.example.com:443", "", true),
            ("other.example.com:8443", "", true),
            ("other.example.com", "", false),
            ("evil.example.com", "", false),
            ("localhost.evil.example.com:3000", "", false),
            ("localhost@evil.example.com", "", false),
            ("127.0.0.1|evil.example.com", "", false),
            ("", "", false),
            ("localhost:3000", "http://localhost:3000", true),
            ("127.0.0.1:3000", "http://localhost:3000", true),
            ("localhost:3000", "http://localhost:5173", true),
            ("localhost:3000", "http://localhost:3001", false),
            ("mcp.example.com", "https://mcp.example.com", true),
            ("mcp.example.com", "https://app.example.com", true),
            ("mcp.example.com", "https://app.example.com:8443", false),
            ("mcp.example.com", "http://app.example.com", false),
            ("localhost:3000", "http://evil.example.com", false),
            ("localhost:3000", "null", false),
            ("localhost:3000", "file://", false),
            ("localhost:3000", "http://localhost:3000|http://evil.example.com", false),
        ] {
            assert_eq!(listed.allows(&here, &headers(host, origin)), expected, "{host} {origin}");
        }
        let any = policy(&[("AUTOTASK_ALLOWED_HOSTS", "*")]).expect("a policy");
        assert!(any.allows(&here, &headers("whatever.example.com", "")));
        assert!(!any.allows(&here, &headers("whatever.example.com", "https://evil.example.com")));
    }

    #[test]
    fn an_absolute_request_target_is_checked_too() {
        let own = policy(&[]).expect("a policy");
        for (address, expected) in [
            ("/mcp", true),
            ("http://localhost:3000/mcp", true),
            ("http://evil.example.com/mcp", false),
        ] {
            let allowed = own.allows(&Uri::from_static(address), &headers("localhost:3000", ""));
            assert_eq!(allowed, expected, "{address}");
        }
    }

    #[test]
    fn an_invalid_list_is_an_error() {
        for (name, value) in [
            ("AUTOTASK_ALLOWED_ORIGINS", "app.example.com"),
            ("AUTOTASK_ALLOWED_ORIGINS", "https://app.example.com/path"),
            ("AUTOTASK_ALLOWED_HOSTS", "https://mcp.example.com"),
            ("AUTOTASK_ALLOWED_ORIGINS", "https://*.example.com"),
            ("AUTOTASK_ALLOWED_ORIGINS", "https://app.example.com#x"),
            ("AUTOTASK_ALLOWED_ORIGINS", "*"),
            ("AUTOTASK_ALLOWED_HOSTS", "a b"),
            ("AUTOTASK_ALLOWED_HOSTS", "*.example.com"),
            ("AUTOTASK_ALLOWED_HOSTS", "mcp.example.com, http:"),
            ("AUTOTASK_ALLOWED_HOSTS", "bücher.example.com"),
            ("AUTOTASK_ALLOWED_HOSTS", "mcp.example.com#x"),
            ("AUTOTASK_ALLOWED_HOSTS", "#x"),
        ] {
            let error = policy(&[(name, value)]).expect_err(value);
            assert_eq!(error.name(), name, "{error}");
        }
    }
}
