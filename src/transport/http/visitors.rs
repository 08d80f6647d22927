//! Which `Host` names and web origins may come in: against DNS rebinding and foreign pages.

use std::net::IpAddr;

use http::Uri;
use http::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use http::uri::Authority;
use reqwest::Url;

use crate::config::{ConfigError, Http};

/// The names by which the server may be reached, and the pages that may call it.
#[derive(Debug)]
pub struct Visitors {
    hosts: Vec<Name>,
    /// Whether any name will do.
    any: bool,
    origins: Vec<Url>,
}

/// A host, and the port where only one will do.
#[derive(Debug, PartialEq, Eq)]
struct Name {
    host: String,
    port: Option<u16>,
}

impl Visitors {
    /// Those that the settings let in.
    ///
    /// # Errors
    /// A word of the lists that is no origin or no host name.
    pub fn new(http: &Http) -> Result<Self, ConfigError> {
        let origin = |word: &String| {
            let page = page(word).filter(|page| page.host_str().is_some_and(is_plain));
            page.ok_or_else(|| none("ORIGINS", "an origin", word))
        };
        let host = |word: &String| {
            let name = Name::read(word).filter(|name| is_plain(&name.host) && !word.ends_with(':'));
            name.ok_or_else(|| none("HOSTS", "a host name", word))
        };
        let listed = http.hosts.iter().filter(|word| *word != "*");
        let mut hosts = listed.map(host).collect::<Result<Vec<_>, _>>()?;
        hosts.extend(Name::read(&bracketed(&http.host)));
        Ok(Self {
            hosts,
            any: http.hosts.iter().any(|word| word == "*"),
            origins: http.origins.iter().map(origin).collect::<Result<_, _>>()?,
        })
    }

    /// Whether a request to this address with these headers may come in; an address may name a host too.
    #[must_use]
    pub fn admit(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let Some(host) = only(headers, &HOST) else {
            return false;
        };
        let named = uri.authority().map(Authority::as_str);
        let known = named.into_iter().chain([host]).all(|host| self.knows(host));
        known && self.welcomes(headers, host)
    }

    fn knows(&self, host: &str) -> bool {
        let Some(name) = Name::read(host) else {
            return false;
        };
        let listed = |own: &Name| {
            own.host == name.host && own.port.is_none_or(|port| name.port == Some(port))
        };
        self.any || is_loopback(&name.host) || self.hosts.iter().any(listed)
    }

    /// Programs send no origin; a page must be ours, or listed.
    fn welcomes(&self, headers: &HeaderMap, host: &str) -> bool {
        if !headers.contains_key(ORIGIN) {
            return true;
        }
        let Some(from) = only(headers, &ORIGIN).and_then(page) else {
            return false;
        };
        let own = Url::parse(&format!("{}://{host}", from.scheme()));
        own.is_ok_and(|own| is_same(&own, &from)) || self.origins.contains(&from)
    }
}

impl Name {
    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(&format!("any://{text}")).ok()?;
        let bare = url.path().is_empty() && url.username().is_empty();
        let bare = bare && url.query().is_none() && url.fragment().is_none();
        let host = url.host_str().filter(|_| bare)?.to_ascii_lowercase();
        if host.starts_with('.') {
            return None;
        }
        Some(Self { host, port: url.port() })
    }
}

/// The value of a header that is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}

/// The origin of a web page: scheme, host and port, and nothing behind.
fn page(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_origin = matches!(url.scheme(), "http" | "https") && url.path() == "/";
    let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (is_origin && bare).then_some(url)
}

/// Whether a host can be what a client sends: no pattern, and nothing that `Host` would spell otherwise.
fn is_plain(host: &str) -> bool {
    let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.[:]".contains(&byte);
    !host.is_empty() && host.bytes().all(is_of_a_name)
}

/// All names of the loopback are one.
fn is_same(one: &Url, other: &Url) -> bool {
    let (host, from) = (one.host_str().unwrap_or_default(), other.host_str().unwrap_or_default());
    let alike = host == from || (is_loopback(host) && is_loopback(from));
    alike && one.port_or_known_default() == other.port_or_known_default()
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn bracketed(host: &str) -> String {
    match host.parse() {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => host.to_owned(),
    }
}

fn none(list: &str, what: &str, word: &str) -> ConfigError {
    let example = if list == "HOSTS" { "mcp.example.com" } else { "https://app.example.com" };
    ConfigError::new(
        format!("AUTOTASK_ALLOWED_{list}"),
        format!("names such as {example}, separated by commas; {word:?} is not {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn visitors(settings: &[(&str, &str)]) -> Result<Visitors, ConfigError> {
        let value = |name: &str| settings.iter().find(|(key, _)| *key == name);
        let config = Config::read(&|name| value(name).map(|(_, value)| (*value).to_owned()));
        Visitors::new(&config.expect("settings that read").http)
    }

    fn headers(host: &str, origin: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [(HOST, host), (ORIGIN, origin)] {
            for one in value.split('|').filter(|one| !one.is_empty()) {
                headers.append(&name, one.parse().expect("a value"));
            }
        }
        headers
    }

    #[test]
    fn strangers_stay_outside() {
        let here = Uri::from_static("/mcp");
        let listed = visitors(&[
            ("AUTOTASK_HTTP_HOST", "10.0.0.7"),
            ("AUTOTASK_ALLOWED_HOSTS", "mcp.example.com, other.example.com:8443"),
            ("AUTOTASK_ALLOWED_ORIGINS", "https://app.example.com, http://localhost:5173"),
        ])
        .expect("visitors");
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
            assert_eq!(listed.admit(&here, &headers(host, origin)), expected, "{host} {origin}");
        }
        let any = visitors(&[("AUTOTASK_ALLOWED_HOSTS", "*")]).expect("visitors");
        assert!(any.admit(&here, &headers("whatever.example.com", "")));
        assert!(!any.admit(&here, &headers("whatever.example.com", "https://evil.example.com")));
    }

    #[test]
    fn an_address_may_name_a_host_too() {
        let own = visitors(&[]).expect("visitors");
        for (address, expected) in [
            ("/mcp", true),
            ("http://localhost:3000/mcp", true),
            ("http://evil.example.com/mcp", false),
        ] {
            let admitted = own.admit(&Uri::from_static(address), &headers("localhost:3000", ""));
            assert_eq!(admitted, expected, "{address}");
        }
    }

    #[test]
    fn a_list_that_does_not_read_stops_the_start() {
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
            let error = visitors(&[(name, value)]).expect_err(value);
            assert_eq!(error.name(), name, "{error}");
        }
    }
}
