//! Settings: the only module that reads the program's own environment variables.

mod base_url;
mod parse;
mod reader;
#[macro_use]
mod settings_macro;
mod settings;
pub mod write_policy;

use std::path::PathBuf;
use std::{env, fmt};

use secrecy::SecretString;

pub use base_url::BaseUrl;
pub use parse::{MIN_TOKEN_CHARS, is_token, parse_flag};
pub use reader::{Kind, Setting};
pub use settings::{Config, Http, SETTINGS};

use crate::catalog::nearest;
use reader::{Lookup, Reader};

const PREFIX: &str = "AUTOTASK_";
const CREDENTIALS: [&str; 3] =
    ["AUTOTASK_USERNAME", "AUTOTASK_SECRET", "AUTOTASK_INTEGRATION_CODE"];
/// Settings that decide whether others are read.
const MODES: [&str; 2] = ["AUTOTASK_SANDBOX", "AUTOTASK_TRANSPORT"];

/// Settings for the address of the HTTP server.
const ADDRESS: [&str; 5] = [
    "AUTOTASK_HTTP_HOST",
    "AUTOTASK_HTTP_PORT",
    "PORT",
    "AUTOTASK_HTTP_TLS_CERT",
    "AUTOTASK_HTTP_TLS_KEY",
];

/// The transports between client and server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Standard input and output.
    Stdio,
    /// Streamable HTTP.
    Http,
}

/// How a write is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmMode {
    /// With the tool's fixed token.
    Token,
    /// With a single-use code from the preview of that write.
    Bound,
    /// By the user, if the client can ask; otherwise as `Bound`.
    Elicit,
}

impl ConfirmMode {
    /// The value of the setting.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Bound => "bound",
            Self::Elicit => "elicit",
        }
    }
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// An invalid setting; its text is one line that names the variable and the accepted values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    name: String,
    accepts: String,
}

impl Config {
    /// Reads the environment of the process.
    ///
    /// # Errors
    /// The first invalid setting.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_env_with(&[])
    }

    /// Reads the environment of the process with some variables overridden.
    ///
    /// # Errors
    /// The first invalid setting.
    pub fn from_env_with(overrides: &[(&str, String)]) -> Result<Self, ConfigError> {
        if let Some(setting) = SETTINGS.iter().find(|setting| is_not_unicode(setting)) {
            return Err(ConfigError::invalid(setting.name, setting, None));
        }
        let mut config = Self::read(&|name| {
            let value = overrides.iter().find(|(key, _)| *key == name);
            value.map(|(_, value)| value.clone()).or_else(|| env::var(name).ok())
        })?;
        let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        config.warnings.extend(names.filter(|name| is_unknown(name)).map(|name| unknown(&name)));
        Ok(config)
    }

    /// Reads the address of the HTTP server from the environment, and no other setting.
    ///
    /// # Errors
    /// An invalid host or port.
    pub fn http_address_from_env() -> Result<Http, ConfigError> {
        let is_read = |name: &str| ADDRESS.contains(&name.strip_suffix("_FILE").unwrap_or(name));
        let read = |name: &str| match name {
            "AUTOTASK_TRANSPORT" => Some("http".to_owned()),
            name => env::var(name).ok().filter(|_| is_read(name)),
        };
        Self::read(&read).map(|config| config.http)
    }

    /// Reads settings by name.
    ///
    /// `PORT` is read only for HTTP, and credentials only outside the sandbox.
    ///
    /// # Errors
    /// The first invalid setting, or a file that cannot be read.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let is_mode = |name: &str| lookup(name).filter(|_| MODES.contains(&name));
        let modes = Self::from_reader(&mut Reader::new(&is_mode))?;
        let applies = |name: &str| match name.strip_suffix("_FILE").unwrap_or(name) {
            "PORT" => modes.transport == Transport::Http,
            name => !(modes.sandbox && CREDENTIALS.contains(&name)),
        };
        let applicable = |name: &str| lookup(name).filter(|_| applies(name));
        let mut reader = Reader::new(&applicable);
        let config = Self::from_reader(&mut reader)?;
        config.http.check_tls()?;
        config.http.check_oauth()?;
        Ok(Self { warnings: reader.warnings, ..config })
    }

    /// The names of the credentials that are not set.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let is_set =
            [self.username.is_some(), self.secret.is_some(), self.integration_code.is_some()];
        let missing = CREDENTIALS.into_iter().zip(is_set).filter(|(_, is_set)| !is_set);
        missing.map(|(name, _)| name).collect()
    }

    /// The same settings with the credentials of the sandbox, which has its own zone.
    #[must_use]
    pub fn with_sandbox_credentials(
        self,
        username: &str,
        secret: &str,
        integration_code: &str,
    ) -> Self {
        Self {
            username: Some(username.to_owned()),
            secret: Some(SecretString::from(secret)),
            integration_code: Some(SecretString::from(integration_code)),
            api_url: None,
            sandbox: true,
            ..self
        }
    }

    /// The credentials, including the user name; none may appear in an error or a log.
    #[must_use]
    pub fn credentials(&self) -> Vec<SecretString> {
        let username = self.username.as_deref().map(SecretString::from);
        self.secrets().cloned().chain(username).collect()
    }

    /// The secrets that are set; none may appear anywhere.
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

impl Http {
    /// The files of the certificate chain and its key, if the server uses TLS.
    #[must_use]
    pub fn tls(&self) -> Option<(PathBuf, PathBuf)> {
        self.tls_cert.clone().zip(self.tls_key.clone())
    }

    fn check_tls(&self) -> Result<(), ConfigError> {
        let missing = match (&self.tls_cert, &self.tls_key) {
            (Some(_), None) => "AUTOTASK_HTTP_TLS_KEY",
            (None, Some(_)) => "AUTOTASK_HTTP_TLS_CERT",
            _ => return Ok(()),
        };
        Err(ConfigError::new(missing, "the path of a PEM file; certificate and key go together"))
    }

    /// Without an issuer nothing of the rest has an effect, and without an audience a token for another server is valid.
    fn check_oauth(&self) -> Result<(), ConfigError> {
        let (missing, expected) = match (&self.oauth_issuer, &self.oauth_audience) {
            (Some(_), None) => ("AUTOTASK_OAUTH_AUDIENCE", "the audience of the access tokens"),
            (None, Some(_)) => ("AUTOTASK_OAUTH_ISSUER", "the URL of the identity provider"),
            (None, None) if !self.oauth_scopes.is_empty() => {
                ("AUTOTASK_OAUTH_ISSUER", "the URL of the identity provider")
            }
            _ => return Ok(()),
        };
        Err(ConfigError::new(missing, format!("{expected}; issuer and audience go together")))
    }
}

fn is_not_unicode(setting: &Setting) -> bool {
    let names = [Some(setting.name.to_owned()), setting.file_variable()];
    let mut values = names.into_iter().flatten().filter_map(env::var_os);
    values.any(|value| value.to_str().is_none())
}

/// Whether a variable looks like a setting but is not one.
fn is_unknown(name: &str) -> bool {
    let start = name.get(..PREFIX.len());
    let is_setting = |setting: &Setting| {
        name == setting.name || setting.file_variable().is_some_and(|file| file == name)
    };
    start.is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
        && !SETTINGS.iter().any(is_setting)
}

/// The warning about an unknown variable; the comparison with known ones ignores the common prefix.
fn unknown(name: &str) -> String {
    let rest = name.get(PREFIX.len()..).unwrap_or_default();
    let known_names = SETTINGS.iter().filter_map(|setting| setting.name.strip_prefix(PREFIX));
    match nearest(rest, known_names).first() {
        Some(near) => {
            format!("{name} is not a setting and has no effect; the nearest is {PREFIX}{near}.")
        }
        None => format!("{name} is not a setting and has no effect."),
    }
}

impl ConfigError {
    /// An error about the variable with this name; `accepts` completes the sentence "NAME accepts …".
    pub fn new(name: impl Into<String>, accepts: impl Into<String>) -> Self {
        Self { name: name.into(), accepts: accepts.into() }
    }

    /// The same message for another name.
    #[must_use]
    pub fn renamed(self, name: &str) -> Self {
        Self::new(name, self.accepts)
    }

    fn invalid(name: impl Into<String>, setting: &Setting, detail: Option<String>) -> Self {
        let detail = detail.map(|detail| format!("; {detail}")).unwrap_or_default();
        Self::new(name, format!("{}{detail}", setting.accepts))
    }

    fn placeholder(name: String, setting: &Setting) -> Self {
        let detail = "it is set to a placeholder: a quoted value, ${…}, <…> or an example";
        Self::invalid(name, setting, Some(detail.to_owned()))
    }

    fn both_set(name: &str, file: &str) -> Self {
        Self::new(name, format!("no value when {file} is set"))
    }

    /// The same error for a line of the file that another setting names.
    #[must_use]
    pub fn in_line(self, line: usize, name: &str) -> Self {
        Self::new(name, format!("in line {line} {}", self.accepts))
    }

    /// The variable's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} accepts {}.", self.name, self.accepts)
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests;
