//! Settings: the only reader of the environment.

mod http;
mod setting;
mod url;
mod value;

use std::path::PathBuf;
use std::time::Duration;
use std::{env, fmt};

use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;

pub use http::{HealthTarget, Http, is_token};
pub use setting::{SETTINGS, Setting};
pub use url::BaseUrl;
pub use value::flag as parse_flag;

use crate::schema::{Entity, nearest};
use value::{Lookup, always, at_least, credential, secret, typed};

const PREFIX: &str = "AUTOTASK_";

/// OpenTelemetry's variables that name a collector.
const COLLECTOR: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// What the environment says, checked and typed; printing it shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// The API user.
    pub username: Option<String>,
    /// That user's secret.
    pub secret: Option<SecretString>,
    /// Which integration calls.
    pub integration_code: Option<SecretString>,
    /// The pinned zone.
    pub api_url: Option<BaseUrl>,
    /// Where the zone is looked up.
    pub zone_url: BaseUrl,
    /// Whether nothing may be written.
    pub read_only: bool,
    /// How clients reach the server.
    pub transport: Transport,
    /// The HTTP door, if it is opened.
    pub http: Http,
    /// Where replicas share what they must.
    pub redis_url: Option<SecretString>,
    /// The ticket statuses that count as closed.
    pub closed_status_ids: Vec<i64>,
    /// The words of the list of tools, as written; empty for all.
    pub tools: Vec<String>,
    /// The only entities that may be written; `None` for all.
    pub write_entities: Option<Vec<Entity>>,
    /// How a write is confirmed.
    pub confirm_mode: ConfirmMode,
    /// The resource in whose name records are written; above 0.
    pub impersonation: Option<i64>,
    /// The file that notes every attempted write.
    pub audit_log: Option<PathBuf>,
    /// The largest answer, in characters; 1000 at least.
    pub max_answer_chars: usize,
    /// The longest one request may take, from 1 to 300 seconds.
    pub timeout: Duration,
    /// At this use of the hourly threshold nothing more is sent; from 1 to 100.
    pub threshold_stop_percent: u8,
    /// A log filter in the syntax of `RUST_LOG`.
    pub log: String,
    /// Whether a collector of traces is named, by OpenTelemetry's own variables.
    pub traces: bool,
    /// Whether the tenant inside this program is meant, whatever the environment says.
    pub sandbox: bool,
}

/// The doors there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Stdio,
    Http,
}

/// What unlocks a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmMode {
    /// The tool's own word, the same each time.
    Token,
    /// A code from the preview, for that write alone.
    Bound,
    /// A person's answer, where the client can ask; else as `Bound`.
    Elicit,
}

/// A setting that cannot be taken; its text is one line that names the variable, never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    name: String,
    takes: String,
}

impl Config {
    /// Reads the environment of the process.
    ///
    /// # Errors
    ///
    /// The first setting whose value cannot be taken.
    pub fn from_env() -> Result<Self, Invalid> {
        let unreadable = |setting: &&Setting| {
            env::var_os(setting.name).is_some_and(|value| value.to_str().is_none())
        };
        match SETTINGS.iter().find(unreadable) {
            Some(setting) => Err(Invalid::value(setting)),
            None => Self::read(&|name| env::var(name).ok()),
        }
    }

    /// Reads settings by name; a blank one counts as unset.
    ///
    /// # Errors
    ///
    /// The first setting whose value cannot be taken, or a file that cannot be read.
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Invalid> {
        let transport = always(lookup, &setting::TRANSPORT, transport)?;
        let tools = value::text(lookup, &setting::TOOLS).unwrap_or_default();
        Ok(Self {
            username: credential(lookup, &setting::USERNAME)?,
            secret: secret(lookup, &setting::SECRET)?,
            integration_code: secret(lookup, &setting::INTEGRATION_CODE)?,
            api_url: typed(lookup, &setting::API_URL, BaseUrl::parse)?,
            zone_url: always(lookup, &setting::ZONE_URL, BaseUrl::parse)?,
            read_only: read_only(lookup)?,
            transport,
            http: http::read(lookup, transport)?,
            redis_url: redis_url(lookup)?,
            closed_status_ids: always(lookup, &setting::CLOSED_STATUS_IDS, value::codes)?,
            tools: value::words(&tools),
            write_entities: write_entities(lookup)?,
            confirm_mode: always(lookup, &setting::CONFIRM_MODE, confirm_mode)?,
            impersonation: typed(lookup, &setting::IMPERSONATION, at_least(1))?,
            audit_log: value::text(lookup, &setting::AUDIT_LOG).map(PathBuf::from),
            max_answer_chars: always(lookup, &setting::MAX_ANSWER_CHARS, at_least(1000))?,
            timeout: always(lookup, &setting::TIMEOUT_SECONDS, timeout)?,
            threshold_stop_percent: always(lookup, &setting::THRESHOLD_STOP_PERCENT, percent)?,
            log: always(lookup, &setting::LOG, log)?,
            traces: COLLECTOR.iter().any(|name| value::set(lookup, name).is_some()),
            sandbox: false,
        })
    }

    /// One warning line for each name that looks like a setting and is none.
    pub fn unknown<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let ours = |name: &&str| {
            let start = name.get(..PREFIX.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(PREFIX)) && !is_known(name)
        };
        names.into_iter().filter(ours).map(warning).collect()
    }

    /// The warnings of `unknown` for the environment of the process.
    #[must_use]
    pub fn unknown_in_env() -> Vec<String> {
        let names: Vec<_> =
            env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
        Self::unknown(names.iter().map(String::as_str))
    }

    /// The names of the credentials that are not set.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let credentials = [
            (setting::USERNAME.name, self.username.is_some()),
            (setting::SECRET.name, self.secret.is_some()),
            (setting::INTEGRATION_CODE.name, self.integration_code.is_some()),
        ];
        let missing = credentials.into_iter().filter(|(_, is_set)| !is_set);
        missing.map(|(name, _)| name).collect()
    }

    /// The same settings for the sandbox: its credentials, and the zone it names itself.
    #[must_use]
    pub fn of_sandbox(self, username: &str, secret: &str, integration_code: &str) -> Self {
        Self {
            username: Some(username.to_owned()),
            secret: Some(SecretString::from(secret)),
            integration_code: Some(SecretString::from(integration_code)),
            api_url: None,
            sandbox: true,
            ..self
        }
    }

    /// Every credential, the user name too: nothing of them belongs into an error or a log.
    #[must_use]
    pub fn credentials(&self) -> Vec<SecretString> {
        let username = self.username.as_deref().map(SecretString::from);
        self.secrets().cloned().chain(username).collect()
    }

    /// The values that must never leave, where set.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        [
            &self.secret,
            &self.integration_code,
            &self.http.token,
            &self.redis_url,
            &self.http.state_key,
        ]
        .into_iter()
        .flatten()
    }
}

/// Never writable by a slip: a blank, such as a script's unset variable leaves, is no word either.
fn read_only(lookup: Lookup<'_>) -> Result<bool, Invalid> {
    match lookup(setting::READ_ONLY.name) {
        Some(blank) if blank.trim().is_empty() => Err(Invalid::value(&setting::READ_ONLY)),
        _ => always(lookup, &setting::READ_ONLY, value::flag),
    }
}

fn redis_url(lookup: Lookup<'_>) -> Result<Option<SecretString>, Invalid> {
    let url = secret(lookup, &setting::REDIS_URL)?;
    match &url {
        Some(text) if redis::parse_redis_url(text.expose_secret()).is_none() => {
            Err(Invalid::value(&setting::REDIS_URL))
        }
        _ => Ok(url),
    }
}

fn transport(text: &str) -> Option<Transport> {
    match text.to_ascii_lowercase().as_str() {
        "stdio" => Some(Transport::Stdio),
        "http" => Some(Transport::Http),
        _ => None,
    }
}

fn percent(text: &str) -> Option<u8> {
    text.parse().ok().filter(|percent| (1..=100).contains(percent))
}

fn confirm_mode(text: &str) -> Option<ConfirmMode> {
    match text.to_ascii_lowercase().as_str() {
        "token" => Some(ConfirmMode::Token),
        "bound" => Some(ConfirmMode::Bound),
        "elicit" => Some(ConfirmMode::Elicit),
        _ => None,
    }
}

fn write_entities(lookup: Lookup<'_>) -> Result<Option<Vec<Entity>>, Invalid> {
    // Set but blank is a mistake that must not open every entity.
    lookup(setting::WRITE_ENTITIES.name)
        .map(|text| value::entities(&setting::WRITE_ENTITIES, &text))
        .transpose()
}

fn timeout(text: &str) -> Option<Duration> {
    let seconds = at_least(1)(text).filter(|seconds| *seconds <= 300);
    seconds.map(Duration::from_secs)
}

fn log(text: &str) -> Option<String> {
    let filter = EnvFilter::builder().parse(text);
    filter.is_ok().then(|| text.to_owned())
}

fn is_known(name: &str) -> bool {
    SETTINGS.iter().any(|setting| {
        let rest = name.strip_prefix(setting.name);
        rest == Some("") || (setting.secret && rest == Some("_FILE"))
    })
}

/// The common start of all names would make every name look near.
fn warning(name: &str) -> String {
    let own = name.get(PREFIX.len()..).unwrap_or_default();
    let known = SETTINGS.iter().filter_map(|s| s.name.strip_prefix(PREFIX));
    match nearest(own, known).first() {
        Some(near) => {
            format!("{name} is not a setting and has no effect; the nearest is {PREFIX}{near}.")
        }
        None => format!("{name} is not a setting and has no effect."),
    }
}

impl Invalid {
    /// The setting of a name, and what it takes.
    pub fn new(name: impl Into<String>, takes: impl Into<String>) -> Self {
        Self { name: name.into(), takes: takes.into() }
    }

    fn value(setting: &Setting) -> Self {
        Self::new(setting.name, setting.takes)
    }

    fn twice(setting: &Setting, file: &str) -> Self {
        Self::new(setting.name, format!("no value when {file} is set"))
    }

    /// The same complaint about a line of the file that another setting names.
    #[must_use]
    pub fn in_line(self, line: usize, name: &str) -> Self {
        Self::new(name, format!("in line {line} {}", self.takes))
    }

    /// The same message for another setting.
    #[must_use]
    pub fn renamed(self, name: &str) -> Self {
        Self::new(name, self.takes)
    }

    /// The variable's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} takes {}.", self.name, self.takes)
    }
}

impl std::error::Error for Invalid {}

#[cfg(test)]
mod tests;
