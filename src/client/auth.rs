//! The credentials as request headers.

use http::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Config;
use crate::error::{Code, Error};

const USERNAME: HeaderName = HeaderName::from_static("username");
const SECRET: HeaderName = HeaderName::from_static("secret");
const INTEGRATION_CODE: HeaderName = HeaderName::from_static("apiintegrationcode");

/// The headers that identify the API user.
pub struct Auth {
    username: String,
    headers: HeaderMap,
}

impl Auth {
    /// The headers for the credentials in the settings.
    ///
    /// # Errors
    ///
    /// `not-configured`, naming each credential that is missing.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let (Some(username), Some(secret), Some(code)) =
            (&config.username, &config.secret, &config.integration_code)
        else {
            return Err(missing_error(config));
        };
        let headers = HeaderMap::from_iter([
            (USERNAME, sensitive(username)?),
            (SECRET, exposed(secret)?),
            (INTEGRATION_CODE, exposed(code)?),
        ]);
        Ok(Self { username: username.clone(), headers })
    }

    /// The username, whose zone is looked up.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The headers of every request.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

fn missing_error(config: &Config) -> Error {
    let names = config.missing().join(", ");
    Error::new(Code::NotConfigured, format!("Not set: {names}."))
        .accepts("The credentials of an API-only user, each in its variable or in a file named by NAME_FILE.")
        .next(format!("Set {names} in the environment of this server and start it again."))
}

fn exposed(secret: &SecretString) -> Result<HeaderValue, Error> {
    sensitive(secret.expose_secret())
}

fn sensitive(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| Error::internal("A credential has characters that a header cannot hold."))?;
    value.set_sensitive(true);
    Ok(value)
}
