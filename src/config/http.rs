//! The settings of the HTTP door.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::value::{self, Lookup, always, at_least, secret, typed};
use super::{Invalid, Setting, Transport, setting};

/// What is guessed in a lifetime is shorter.
const SHORTEST_TOKEN: usize = 16;

const SHORTEST_KEY: usize = 32;
const MOST_CALLS: usize = 100_000;

/// How clients reach the server over HTTP.
#[derive(Debug, Clone)]
pub struct Http {
    /// The address to listen on.
    pub host: String,
    /// The port to listen on; 0 for any free one.
    pub port: u16,
    /// The bearer token of whoever runs the server.
    pub token: Option<SecretString>,
    /// A file of further tokens, each with a name and a role.
    pub tokens_file: Option<PathBuf>,
    /// Origins of web pages let in, besides the server's own.
    pub origins: Vec<String>,
    /// Names in `Host` let in, besides loopback and the bound host.
    pub hosts: Vec<String>,
    /// The certificate chain and its key, as PEM files.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Whether a proxy in front is said to do TLS.
    pub behind_proxy: bool,
    /// The key of codes that all replicas take.
    pub state_key: Option<SecretString>,
    /// Whether `/metrics` is there.
    pub metrics: bool,
    /// The most requests worked on at the same time.
    pub most_calls: usize,
    /// The most of one token.
    pub most_calls_per_token: usize,
}

/// Where `/health` of the server on this machine is.
#[derive(Debug)]
pub struct HealthTarget {
    host: String,
    port: u16,
    has_tls: bool,
}

impl HealthTarget {
    /// Reads the environment; all other settings are ignored.
    ///
    /// # Errors
    /// An invalid host or port.
    pub fn from_env() -> Result<Self, Invalid> {
        let lookup = |name: &str| std::env::var(name).ok();
        Ok(Self {
            host: always(&lookup, &setting::HTTP_HOST, |host| Some(host.to_owned()))?,
            port: port(&lookup, Transport::Http)?,
            has_tls: value::set(&lookup, setting::HTTP_TLS_CERT.name).is_some(),
        })
    }

    /// The URL of `/health`; a server on all addresses also listens on loopback.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.has_tls { "https" } else { "http" };
        let host = match self.host.parse::<IpAddr>() {
            Ok(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            _ => self.host.clone(),
        };
        format!("{scheme}://{host}:{}/health", self.port)
    }
}

/// Reads the settings of the door; what it cannot open without is asked for when it is opened.
pub(super) fn read(lookup: Lookup<'_>, transport: Transport) -> Result<Http, Invalid> {
    let names = |text: &str| Some(value::words(text)).filter(|names| !names.is_empty());
    let list = |setting| typed(lookup, setting, names).map(Option::unwrap_or_default);
    Ok(Http {
        host: always(lookup, &setting::HTTP_HOST, |host| Some(host.to_owned()))?,
        port: port(lookup, transport)?,
        token: token(lookup)?,
        tokens_file: path(lookup, &setting::HTTP_TOKENS_FILE)?,
        origins: list(&setting::ALLOWED_ORIGINS)?,
        hosts: list(&setting::ALLOWED_HOSTS)?,
        tls: tls(lookup)?,
        behind_proxy: always(lookup, &setting::HTTP_BEHIND_PROXY, value::flag)?,
        state_key: key(lookup)?,
        metrics: always(lookup, &setting::METRICS, value::flag)?,
        most_calls: always(lookup, &setting::HTTP_MAX_CALLS, calls)?,
        most_calls_per_token: always(lookup, &setting::HTTP_MAX_CALLS_PER_TOKEN, calls)?,
    })
}

/// Platforms that run containers say `PORT`; to a server on stdio it means nothing.
fn port(lookup: Lookup<'_>, transport: Transport) -> Result<u16, Invalid> {
    let platform = || value::set(lookup, "PORT").filter(|_| transport == Transport::Http);
    let given = value::set(lookup, setting::HTTP_PORT.name).or_else(platform);
    always(&move |_| given.clone(), &setting::HTTP_PORT, |text| text.parse().ok())
}

fn calls(text: &str) -> Option<usize> {
    at_least(1)(text).filter(|most| *most <= MOST_CALLS)
}

fn token(lookup: Lookup<'_>) -> Result<Option<SecretString>, Invalid> {
    let token = secret(lookup, &setting::HTTP_TOKEN)?;
    match &token {
        Some(given) if !is_token(given.expose_secret()) => {
            Err(Invalid::value(&setting::HTTP_TOKEN))
        }
        _ => Ok(token),
    }
}

fn key(lookup: Lookup<'_>) -> Result<Option<SecretString>, Invalid> {
    let key = secret(lookup, &setting::STATE_KEY)?;
    match &key {
        Some(given) if given.expose_secret().len() < SHORTEST_KEY => {
            Err(Invalid::value(&setting::STATE_KEY))
        }
        _ => Ok(key),
    }
}

/// Whether a text can be a bearer token: long enough, and of characters that a header takes.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.len() >= SHORTEST_TOKEN && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn path(lookup: Lookup<'_>, setting: &Setting) -> Result<Option<PathBuf>, Invalid> {
    typed(lookup, setting, |path| Some(PathBuf::from(path)))
}

fn tls(lookup: Lookup<'_>) -> Result<Option<(PathBuf, PathBuf)>, Invalid> {
    let (cert, key) =
        (path(lookup, &setting::HTTP_TLS_CERT)?, path(lookup, &setting::HTTP_TLS_KEY)?);
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some((cert, key))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Invalid::value(&setting::HTTP_TLS_KEY)),
        (None, Some(_)) => Err(Invalid::value(&setting::HTTP_TLS_CERT)),
    }
}
