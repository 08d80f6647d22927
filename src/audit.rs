//! The audit log: a line of JSON for every attempted write, appended whole before the answer goes out.

mod attempt;
mod file;
mod given;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

pub use attempt::Attempt;

use crate::config::Config;
use crate::error::{Code, Error};
use crate::keyed::Key;
use crate::secret::Redactor;
use crate::tools::{Arguments, Tool};

/// Where attempts are noted; nowhere, where the settings name no file.
#[derive(Clone)]
pub struct Audit(Option<Arc<Log>>);

/// One file, opened anew for each line, so that it may be moved away at any time.
struct Log {
    path: PathBuf,
    /// Values are told by a tag under this key: equal ones are seen to be equal, and none can be guessed.
    key: Result<Key, Error>,
    secrets: Redactor,
    impersonation: Option<i64>,
    /// The last line did not get in, though there seemed to be room.
    broken: AtomicBool,
    /// A part of it got in.
    torn: AtomicBool,
}

impl Audit {
    /// The log that the settings name.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let log = |path: &PathBuf| Log {
            path: path.clone(),
            key: Key::random(),
            secrets: Redactor::new(&config.credentials()),
            impersonation: config.impersonation,
            broken: AtomicBool::default(),
            torn: AtomicBool::default(),
        };
        Self(config.audit_log.as_ref().map(|path| Arc::new(log(path))))
    }

    /// The file, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.as_ref().map(|log| log.path.as_path())
    }

    /// Whether a line could be appended now.
    ///
    /// # Errors
    /// `not-allowed`: without its log nothing is written.
    pub fn ready(&self) -> Result<(), Error> {
        self.0.as_ref().map_or(Ok(()), |log| log.ready())
    }

    /// Notes that a tool is called; calls that only read are no attempts.
    #[must_use]
    pub fn attempt(&self, tool: &str, caller: Option<&str>, arguments: &Arguments) -> Attempt {
        let tool = Tool::find(tool).filter(|tool| !tool.does().only_reads());
        match (&self.0, tool) {
            (Some(log), Some(tool)) => Attempt::begin(log.clone(), tool, caller, arguments),
            _ => Attempt::none(),
        }
    }
}

impl Log {
    /// After a failure the next line must get in before anything is written again.
    fn ready(&self) -> Result<(), Error> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(unwritable("the last line did not get in"));
        }
        file::probe(&self.path).map_err(|error| unwritable(&error.to_string()))
    }

    /// Appends a line; after a torn one it begins on a line of its own.
    fn append(&self, line: &Value, safe: file::Safe) -> Result<(), Error> {
        let failed = |error: std::io::Error| unwritable(&error.to_string());
        let file = file::open(&self.path).map_err(failed)?;
        let start = if self.torn.load(Ordering::SeqCst) { "\n" } else { "" };
        let done = file::append(&file, &format!("{start}{line}\n"), safe);
        let kind = done.as_ref().err().map(std::io::Error::kind);
        self.broken.store(kind.is_some(), Ordering::SeqCst);
        match kind {
            None => self.torn.store(false, Ordering::SeqCst),
            Some(ErrorKind::WriteZero) => self.torn.store(true, Ordering::SeqCst),
            Some(_) => {}
        }
        done.map_err(failed)
    }

    /// A name as it is, where it is one; else a tag, which tells neither a secret nor a text.
    fn name(&self, name: &str) -> String {
        if given::is_plain(name) && self.secrets.redact_secrets(name) == name {
            return name.to_owned();
        }
        let tag = self.tag("", &name.into());
        format!("?{}", tag.as_str().unwrap_or_default())
    }

    fn tag(&self, name: &str, value: &Value) -> Value {
        let mut value = value.clone();
        value.sort_all_objects();
        let text = format!("{name} {value}");
        match &self.key {
            Ok(key) => short(&key.tag(text.as_bytes())).into(),
            Err(_) => Value::Null,
        }
    }
}

fn unwritable(why: &str) -> Error {
    let message = format!("Nothing is written while the audit log cannot be: {why}.");
    Error::new(Code::NotAllowed, message)
        .next("Whoever runs the server must make the file of AUTOTASK_AUDIT_LOG writable.")
}

/// 72 bits are enough to tell values apart.
fn short(tag: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(tag.split_at(9).0)
}
