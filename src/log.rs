//! Logs: to standard error, for standard output is the protocol's, and without any secret.

use std::io::{self, Write};
use std::sync::Arc;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::secret::Scrubber;

/// Logs to standard error what a filter in the syntax of `RUST_LOG` lets through.
pub fn to_stderr(filter: &str, scrubber: Scrubber) {
    // rmcp logs every error it sends as a warning of its own.
    let filter = EnvFilter::new(format!("rmcp=error,{filter}"));
    let log = tracing_subscriber::fmt().with_writer(Scrubbed(Arc::new(scrubber)));
    log.with_ansi(false).with_env_filter(filter).init();
}

/// Standard error, behind the scrubber; a line is written at once.
#[derive(Clone)]
struct Scrubbed(Arc<Scrubber>);

impl<'a> MakeWriter<'a> for Scrubbed {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for Scrubbed {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        io::stderr()
            .lock()
            .write_all(self.0.scrub(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
