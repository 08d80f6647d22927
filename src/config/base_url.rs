//! Base URLs in normalized form: different spellings become the same text.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use http::Uri;
use http::uri::Authority;

/// An absolute URL that ends in `/` and has no version in its path; safe to send secrets to.
///
/// It is https, or http on a loopback host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    host: String,
}

impl BaseUrl {
    /// Parses a URL; `None` unless it is https, or http on loopback, without user, query or fragment.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.contains(['?', '#', '@', '\\']) {
            return None;
        }
        let uri: Uri = text.parse().ok()?;
        let authority = uri.authority()?;
        let host = host(authority)?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "https" => 443,
            "http" if is_loopback(&host) => 80,
            _ => return None,
        };
        let port = match port(authority, default_port)? {
            port if port == default_port => String::new(),
            port => format!(":{port}"),
        };
        let path = path(uri.path(), &host)?;
        Some(Self { text: format!("{scheme}://{host}{port}{path}"), host })
    }

    /// The URL, ending in `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the host is this machine: 127.0.0.0/8, `::1` or `localhost`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether Autotask serves the host: https, and a name that ends in `.autotask.net`.
    #[must_use]
    pub fn is_autotask(&self) -> bool {
        self.text.starts_with("https:") && is_autotask(&self.host)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Accepts only letters, digits, dots and hyphens, so that every URL parser sees the same host.
fn host(authority: &Authority) -> Option<String> {
    let host = authority.host().to_ascii_lowercase();
    let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let is_valid = match inner {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        }
    };
    is_valid.then_some(host)
}

fn port(authority: &Authority, default: u16) -> Option<u16> {
    match authority.as_str().strip_prefix(authority.host())? {
        "" | ":" => Some(default),
        text => text.strip_prefix(':')?.parse().ok(),
    }
}

fn path(path: &str, host: &str) -> Option<String> {
    let mut segments: Vec<_> = path.split('/').filter(|s| !s.is_empty()).collect();
    segments.pop_if(|last| last.eq_ignore_ascii_case("v1.0"));
    if segments.iter().any(|s| matches!(*s, "." | "..")) {
        return None;
    }
    let path = segments.iter().fold(String::from("/"), |path, segment| format!("{path}{segment}/"));
    // Autotask ignores letter case in its paths; a proxy may not.
    Some(if is_autotask(host) { path.to_ascii_lowercase() } else { path })
}

fn is_autotask(host: &str) -> bool {
    host.strip_suffix(".autotask.net").is_some_and(|name| !name.is_empty())
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || address.parse() == Ok(Ipv6Addr::LOCALHOST)
}

#[cfg(test)]
mod tests {
    use super::BaseUrl;

    fn check(text: &str, base: Option<&str>) {
        let parsed = BaseUrl::parse(text);
        assert_eq!(parsed.as_ref().map(BaseUrl::as_str), base, "{text}");
    }

    #[test]
    fn spellings_of_one_base() {
        let base = "https://webservices2.autotask.net/atservicesrest/";
        for text in [
            "https://webservices2.autotask.net/atservicesrest/",
            "https://webservices2.autotask.net/atservicesrest",
            "https://webservices2.autotask.net/ATServicesRest/V1.0",
            "https://webservices2.autotask.net/ATServicesRest/v1.0/",
            "HTTPS://WEBSERVICES2.AUTOTASK.NET/ATSERVICESREST//V1.0//",
            "https://webservices2.autotask.net:443//atservicesrest///",
            "  https://webservices2.autotask.net/atservicesrest \n",
        ] {
            check(text, Some(base));
        }
    }

    #[test]
    fn other_accepted_bases() {
        for (text, base) in [
            ("http://localhost:8080", "http://localhost:8080/"),
            ("http://127.0.0.1:1/Rest/V1.0", "http://127.0.0.1:1/Rest/"),
            ("http://127.9.9.9:80/", "http://127.9.9.9/"),
            ("http://[::1]:9/a", "http://[::1]:9/a/"),
            ("https://proxy.example/At", "https://proxy.example/At/"),
        ] {
            check(text, Some(base));
        }
    }

    #[test]
    fn rejected() {
        for text in [
            "",
            "webservices2.autotask.net",
            "ftp://webservices2.autotask.net/",
            "http://webservices2.autotask.net/atservicesrest/",
            "http://10.0.0.1/",
            "http://128.0.0.1/",
            "http://localhost.example/",
            "http://127.1/",
            "https://user@webservices2.autotask.net/",
            "https://user:pass@webservices2.autotask.net/",
            "https://webservices2.autotask.net/?a=b",
            "https://webservices2.autotask.net/#a",
            "https://webservices2.autotask.net:99999/",
            "https://webservices2.autotask.net:x/",
            "https://evil.example%23.autotask.net/",
            "https://evil.example\\.autotask.net/",
            "https://webservices2.autotask.net/../x",
            "https:///atservicesrest/",
            "https:// webservices2.autotask.net/",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn hosts_of_autotask() {
        for (text, autotask) in [
            ("https://webservices14.autotask.net/", true),
            ("https://WebServices14.AutoTask.Net/", true),
            ("https://autotask.net/", false),
            ("https://evilautotask.net/", false),
            ("https://autotask.net.evil.example/", false),
            ("https://webservices.autotask.net./", false),
            ("https://127.0.0.1/", false),
        ] {
            let actual = BaseUrl::parse(text).is_some_and(|base| base.is_autotask());
            assert_eq!(actual, autotask, "{text}");
        }
    }
}
