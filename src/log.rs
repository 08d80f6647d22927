//! Logs: to standard error, for standard output is the protocol's, and without any secret.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::Config;
use crate::secret::Redactor;

/// Logs to standard error what the settings let through, and sends traces where they are asked for.
pub fn to_stderr(config: &Config) {
    let redactor = Redactor::new(&config.credentials());
    // rmcp logs every error it sends as a warning of its own, and every client that hangs up as an error.
    let filter = EnvFilter::new(format!("rmcp=error,rmcp::service=off,{}", config.log));
    let lines = tracing_subscriber::fmt::layer().with_writer(Redacted(redactor)).with_ansi(false);
    let log = tracing_subscriber::registry().with(filter).with(lines);
    #[cfg(feature = "otel")]
    let log = log.with(config.traces.then(crate::traces::layer).flatten());
    log.init();
}

/// Standard error, behind the redactor; a line is written at once.
#[derive(Clone)]
struct Redacted(Redactor);

impl<'a> MakeWriter<'a> for Redacted {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for Redacted {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        io::stderr().lock().write_all(self.0.redact(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
