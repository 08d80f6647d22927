//! Removes secrets from any text that leaves.

mod decode;
mod pair;
mod pattern;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use pattern::Matcher;

/// The text that replaces a secret.
pub const REDACTED: &str = "[redacted]";

/// Finds secrets in every usual encoding, and values of credential headers by the header's name.
///
/// A secret is found plain, as a JSON number, URL-encoded or JSON-escaped (once or twice), and inside base64 at any
/// offset; invisible characters and the amount of white space within it make no difference.
/// One shorter than four characters is found as a whole word only.
/// Clones share the tokens.
#[derive(Clone)]
pub struct Redactor(Arc<RedactorInner>);

struct RedactorInner {
    secrets: Vec<SecretString>,
    matcher: RwLock<Arc<Matcher>>,
}

impl Redactor {
    /// A redactor for these secrets; an empty one is ignored.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let secrets: Vec<_> = secrets.into_iter().cloned().collect();
        let matcher = RwLock::new(Arc::new(matcher(&secrets, &[])));
        Self(Arc::new(RedactorInner { secrets, matcher }))
    }

    /// Replaces the tokens that are redacted in addition to the secrets, in all clones.
    pub fn set_tokens(&self, tokens: &[SecretString]) {
        let matcher = Arc::new(matcher(&self.0.secrets, tokens));
        *self.0.matcher.write().unwrap_or_else(PoisonError::into_inner) = matcher;
    }

    /// The text without secrets and header values that may be secret; borrowed if it had none.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.redact_secrets(text) {
            Cow::Borrowed(text) => replace_matches(text, &pair::values(text)),
            Cow::Owned(text) => replace_matches(&text, &pair::values(&text)).into_owned().into(),
        }
    }

    /// The text without secrets; borrowed if it had none. What only looks like a secret stays: a customer may write it.
    #[must_use]
    pub fn redact_secrets<'a>(&self, text: &'a str) -> Cow<'a, str> {
        replace_matches(text, &self.matcher().find(text))
    }

    /// Removes the secrets from every string, number and key within a value.
    pub fn redact_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.redact_string(text),
            Value::Number(number) => {
                if !self.matcher().find(&number.to_string()).is_empty() {
                    *value = REDACTED.into();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_value(item)),
            Value::Object(members) => {
                let old = std::mem::take(members);
                members.extend(old.into_iter().map(|(mut key, mut value)| {
                    self.redact_string(&mut key);
                    self.redact_value(&mut value);
                    (key, value)
                }));
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn redact_string(&self, text: &mut String) {
        if let Cow::Owned(clean) = self.redact_secrets(text) {
            *text = clean;
        }
    }

    fn matcher(&self) -> Arc<Matcher> {
        self.0.matcher.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

fn matcher(secrets: &[SecretString], tokens: &[SecretString]) -> Matcher {
    Matcher::new(secrets.iter().chain(tokens).map(ExposeSecret::expose_secret))
}

/// The text with every match replaced; the matches are in order and do not overlap.
fn replace_matches<'a>(text: &'a str, matches: &[Range<usize>]) -> Cow<'a, str> {
    if matches.is_empty() {
        return text.into();
    }
    let (mut clean, mut copied) = (String::new(), 0);
    for found in matches {
        clean.push_str(text.get(copied..found.start).unwrap_or_default());
        clean.push_str(REDACTED);
        copied = found.end;
    }
    clean.push_str(text.get(copied..).unwrap_or_default());
    clean.into()
}

#[cfg(test)]
mod tests;
