//! The address of `serve --http`: a host, a port or both.

use std::net::Ipv6Addr;
use std::str::FromStr;

/// Where the HTTP server listens; the settings supply an absent host or port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenAddress {
    host: Option<String>,
    port: Option<u16>,
}

impl ListenAddress {
    /// The settings that the address overrides.
    pub fn settings(&self) -> impl Iterator<Item = (&'static str, String)> {
        let host = self.host.clone().map(|host| ("AUTOTASK_HTTP_HOST", host));
        let port = self.port.map(|port| ("AUTOTASK_HTTP_PORT", port.to_string()));
        host.into_iter().chain(port)
    }
}

impl FromStr for ListenAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(port) = text.parse() {
            return Ok(Self { host: None, port: Some(port) });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some(_) if text.parse::<Ipv6Addr>().is_ok() || text.ends_with(']') => (text, None),
            Some((host, port)) => {
                (host, Some(port.parse().map_err(|_| "the port is not from 0 to 65535")?))
            }
            None => (text, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        Ok(Self { host: (!host.is_empty()).then(|| host.to_owned()), port })
    }
}

#[cfg(test)]
mod tests {
    use super::ListenAddress;

    #[test]
    fn hosts_and_ports() {
        for (text, host, port) in [
            ("0.0.0.0", Some("0.0.0.0"), None),
            ("0.0.0.0:80", Some("0.0.0.0"), Some(80)),
            (":80", None, Some(80)),
            ("80", None, Some(80)),
            ("localhost:0", Some("localhost"), Some(0)),
            ("::1", Some("::1"), None),
            ("[::1]", Some("::1"), None),
            ("[::1]:80", Some("::1"), Some(80)),
        ] {
            let expected = ListenAddress { host: host.map(str::to_owned), port };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["localhost:x", "localhost:65536", "localhost:"] {
            assert!(text.parse::<ListenAddress>().is_err(), "{text}");
        }
    }
}
