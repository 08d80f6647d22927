//! Reads the text of one setting: from its variable, its alias or the file that `NAME_FILE` names.

use std::fs;

use super::ConfigError;
use super::parse::{Parsed, is_placeholder};

/// Looks up a variable of the environment.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// OpenTelemetry's variables that name a collector.
const COLLECTORS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// One environment variable, as the README lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// Another variable that is read if this one is unset; empty if there is none.
    pub alias: &'static str,
    /// The value if the variable is unset; empty if there is none.
    pub default: &'static str,
    /// How the text is read.
    pub kind: Kind,
    /// The accepted values; completes the sentence "NAME accepts …".
    pub accepts: &'static str,
    /// The effect of the setting, in sentences.
    pub help: &'static str,
}

/// How the text of a setting is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// From the variable; empty counts as unset.
    Plain,
    /// From the variable or a file; never printed.
    Secret,
    /// From the variable; empty is an error, because counting it as unset would allow more.
    Guard,
}

/// Reads settings and collects warnings.
pub(super) struct Reader<'a> {
    lookup: Lookup<'a>,
    /// Sentences about problems that do not prevent the start.
    pub warnings: Vec<String>,
}

/// A text and the variable it comes from.
struct Source {
    name: String,
    text: String,
}

impl Setting {
    /// The variable that names a file with the value of a secret.
    #[must_use]
    pub fn file_variable(&self) -> Option<String> {
        (self.kind == Kind::Secret).then(|| format!("{}_FILE", self.name))
    }
}

impl<'a> Reader<'a> {
    /// A reader that uses this lookup.
    pub fn new(lookup: Lookup<'a>) -> Self {
        Self { lookup, warnings: Vec::new() }
    }

    /// The parsed setting; `None` if it is unset.
    pub fn optional<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Parsed<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(Source { name, text }) = self.source(setting)? else {
            return Ok(None);
        };
        parse(&text).map(Some).map_err(|detail| ConfigError::invalid(name, setting, detail))
    }

    /// The parsed setting or its default.
    pub fn required<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Parsed<T>,
    ) -> Result<T, ConfigError> {
        match self.optional(setting, &parse)? {
            Some(value) => Ok(value),
            None => parse(setting.default)
                .map_err(|detail| ConfigError::invalid(setting.name, setting, detail)),
        }
    }

    /// Whether OpenTelemetry's own variables name a collector.
    pub fn has_trace_collector(&self) -> bool {
        COLLECTORS.iter().any(|name| self.variable(name).is_some())
    }

    /// A variable's text without surrounding spaces, unless it is unset or empty.
    fn variable(&self, name: &str) -> Option<Source> {
        let text = (self.lookup)(name)?.trim().to_owned();
        (!text.is_empty()).then(|| Source { name: name.to_owned(), text })
    }

    fn source(&mut self, setting: &Setting) -> Result<Option<Source>, ConfigError> {
        match setting.kind {
            Kind::Secret => self.secret(setting),
            Kind::Guard
                if (self.lookup)(setting.name).is_some_and(|text| text.trim().is_empty()) =>
            {
                Err(ConfigError::invalid(setting.name, setting, None))
            }
            Kind::Plain | Kind::Guard => {
                Ok(self.variable(setting.name).or_else(|| self.variable(setting.alias)))
            }
        }
    }

    fn secret(&mut self, setting: &Setting) -> Result<Option<Source>, ConfigError> {
        let file = setting.file_variable().and_then(|name| self.variable(&name));
        let source = match (self.variable(setting.name), file) {
            (Some(_), Some(file)) => return Err(ConfigError::both_set(setting.name, &file.name)),
            (Some(source), None) => {
                let text = (self.lookup)(setting.name).unwrap_or_default();
                Source { text, ..source }
            }
            (None, Some(file)) => Source { text: content(&file)?, ..file },
            (None, None) => return Ok(None),
        };
        self.checked_secret(setting, source)
    }

    /// A secret without surrounding spaces; an error if it is a placeholder or has control characters.
    fn checked_secret(
        &mut self,
        setting: &Setting,
        source: Source,
    ) -> Result<Option<Source>, ConfigError> {
        let line = source.text.trim_end_matches(['\r', '\n']);
        let text = line.trim().to_owned();
        if text.is_empty() {
            return Ok(None);
        }
        if is_placeholder(&text) {
            return Err(ConfigError::placeholder(source.name, setting));
        }
        if text.chars().any(char::is_control) {
            return Err(ConfigError::invalid(source.name, setting, None));
        }
        if text != line {
            let warning = format!("{} has spaces around its value; they are ignored.", source.name);
            self.warnings.push(warning);
        }
        Ok(Some(Source { text, ..source }))
    }
}

fn content(file: &Source) -> Result<String, ConfigError> {
    let text = fs::read_to_string(&file.text)
        .map_err(|_| ConfigError::new(&file.name, "the path of a readable text file"))?;
    // Some editors write a byte order mark, which is not part of the value.
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}
