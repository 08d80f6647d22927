//! The credentials of an entry: from the settings, or prompt at the terminal without echo.

use std::env;
use std::io::{self, IsTerminal};
use std::path::absolute;

use autotask_mcp::config::{Config, SETTINGS};
use secrecy::{ExposeSecret, SecretString};

use super::entry::Environment;
use crate::cli::Overrides;

/// The variables of the credentials with their values; prompts for those that are not set.
pub fn ask(mut overrides: Overrides) -> io::Result<Environment> {
    let missing = Config::from_env_with(&overrides).map_err(io::Error::other)?.missing();
    if !missing.is_empty() && !io::stdin().is_terminal() {
        return Err(io::Error::other(format!(
            "Not set: {}. There is no terminal to ask for them; set them, or use --sandbox.",
            missing.join(", ")
        )));
    }
    for name in missing {
        overrides.push((name, prompt(name)?));
    }
    variables(&Config::from_env_with(&overrides).map_err(io::Error::other)?)
}

/// The variables of the credentials with placeholders, which this program rejects as values.
pub fn placeholders() -> io::Result<Environment> {
    let names = ["AUTOTASK_USERNAME", "AUTOTASK_SECRET", "AUTOTASK_INTEGRATION_CODE"];
    names.into_iter().map(|name| variable(name, &format!("<{name}>"))).collect()
}

fn variables(config: &Config) -> io::Result<Environment> {
    if let Some(missing) = config.missing().first() {
        return Err(io::Error::other(format!("{missing} is required.")));
    }
    let secret = |secret: &Option<SecretString>| {
        secret.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default().to_owned()
    };
    [
        ("AUTOTASK_USERNAME", config.username.clone().unwrap_or_default()),
        ("AUTOTASK_SECRET", secret(&config.secret)),
        ("AUTOTASK_INTEGRATION_CODE", secret(&config.integration_code)),
    ]
    .into_iter()
    .map(|(name, value)| variable(name, &value))
    .collect()
}

/// The variable with its value, or with the file that contains the value.
fn variable(name: &str, value: &str) -> io::Result<(String, String)> {
    let file_variable = format!("{name}_FILE");
    match env::var(&file_variable).ok().filter(|path| !path.is_empty()) {
        Some(path) => Ok((file_variable, absolute(path)?.to_string_lossy().into_owned())),
        None => Ok((name.to_owned(), value.to_owned())),
    }
}

fn prompt(name: &str) -> io::Result<String> {
    let help = SETTINGS.iter().find(|setting| setting.name == name).map(|setting| setting.help);
    let help = help.unwrap_or_default().trim_end_matches('.');
    rpassword::prompt_password(format!("{help} ({name}; not shown while typing): "))
}
