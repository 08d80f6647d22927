//! Logs to standard error without secrets; standard output is reserved for the protocol.

use std::borrow::Cow;
use std::io::{self, Write};

use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Config, LogFormat};
use crate::text::redact::Redactor;

/// Starts logging to standard error with the configured filter or `default_filter`, and tracing if it is configured.
/// Returns the redactor of the log.
#[must_use]
pub fn init(config: &Config, default_filter: &str) -> Redactor {
    let redactor = Redactor::new(&config.credentials());
    let writer = RedactingStderr(redactor.clone());
    // rmcp logs each error that it sends as a warning, and each client that disconnects as an error.
    let filter = config.log.as_deref().unwrap_or(default_filter);
    let filter = format!("rmcp=error,rmcp::service=off,{filter}");
    let filter = filter.parse().unwrap_or_else(|_| Targets::new());
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    let lines = match config.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let log = tracing_subscriber::registry().with(filter).with(lines);
    #[cfg(feature = "otel")]
    let log = log.with(config.traces.then(crate::telemetry::otel::layer).flatten());
    log.init();
    redactor
}

/// Standard error without secrets; each event is written by one call.
#[derive(Clone)]
struct RedactingStderr(Redactor);

impl<'a> MakeWriter<'a> for RedactingStderr {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for RedactingStderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let text = escape_control(&text);
        io::stderr().lock().write_all(self.0.redact(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Escapes control characters in an event, so that text from a client cannot forge a line.
fn escape_control(event: &str) -> Cow<'_, str> {
    let (line, end) = match event.strip_suffix('\n') {
        Some(line) => (line, "\n"),
        None => (event, ""),
    };
    let is_unsafe = |c: char| c.is_control() && c != '\t' || matches!(c, '\u{2028}' | '\u{2029}');
    if !line.contains(is_unsafe) {
        return Cow::Borrowed(event);
    }
    let escaped = line.chars().flat_map(|c| {
        let escape = is_unsafe(c).then(|| c.escape_default());
        let plain = (!is_unsafe(c)).then_some(c);
        escape.into_iter().flatten().chain(plain)
    });
    Cow::Owned(escaped.chain(end.chars()).collect())
}

#[cfg(test)]
mod tests {
    use super::escape_control;

    #[test]
    fn an_event_is_one_line() {
        for (event, line) in [
            ("a b\tc\n", "a b\tc\n"),
            ("a\nINFO forged\n", "a\\nINFO forged\n"),
            ("a\r\u{1b}[2Jb", "a\\r\\u{1b}[2Jb"),
            ("a\u{85}\u{2028}b\n\n", "a\\u{85}\\u{2028}b\\n\n"),
        ] {
            assert_eq!(escape_control(event), line);
        }
    }
}
