//! The audit log: a JSON line for each step of an attempted write. Nothing is written to Autotask without it.
//!
//! A rejected write has one record; a sent write has one before the request and one with its outcome.

mod argument_summary;
mod attempt;
mod file;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

pub use attempt::{AuditAttempt, also_audit};

use crate::access::caller::Caller;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::text::redact::Redactor;
use crate::tools::{Arguments, Tool};
use crate::value::hmac::HmacKey;

/// The audit log, if the settings name a file.
#[derive(Clone)]
pub struct Audit(Option<Arc<Log>>);

/// The file, which is opened again for each record so that log rotation may move it at any time.
struct Log {
    path: PathBuf,
    /// The key of the hashes that are recorded instead of values: equal values have equal hashes, but cannot be guessed.
    key: Result<HmacKey, Error>,
    redactor: Redactor,
    /// Whether the last record was appended only in part.
    is_torn: AtomicBool,
}

impl Audit {
    /// The audit log of the settings; it records a name in which the redactor finds a secret as a hash.
    #[must_use]
    pub fn new(config: &Config, redactor: &Redactor) -> Self {
        let log = |path: &PathBuf| Log {
            path: path.clone(),
            key: HmacKey::random(),
            redactor: redactor.clone(),
            is_torn: AtomicBool::default(),
        };
        Self(config.audit_log.as_ref().map(|path| Arc::new(log(path))))
    }

    /// The file, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.as_ref().map(|log| log.path.as_path())
    }

    /// Checks that a record could be appended now.
    ///
    /// # Errors
    /// `not-allowed`, because nothing is written without the log.
    pub fn check_writable(&self) -> Result<(), Error> {
        self.0.as_ref().map_or(Ok(()), |log| log.check_writable())
    }

    /// Starts the attempt of a call; calls that only read are not recorded.
    #[must_use]
    pub fn attempt(&self, tool: &str, caller: &Caller, arguments: &Arguments) -> AuditAttempt {
        let tool = Tool::find(tool).filter(|tool| !tool.effect().is_read_only());
        match (&self.0, tool) {
            (Some(log), Some(tool)) => AuditAttempt::begin(log.clone(), tool, caller, arguments),
            _ => AuditAttempt::none(),
        }
    }
}

impl Log {
    fn check_writable(&self) -> Result<(), Error> {
        file::probe(&self.path).map_err(|error| unwritable_error(&error))
    }

    /// Appends a record, on a new line if the previous one is incomplete.
    fn append(&self, record: &Value, durability: file::Durability) -> Result<(), Error> {
        let start = if self.is_torn.load(Ordering::SeqCst) { "\n" } else { "" };
        let appended = file::append(&self.path, &format!("{start}{record}\n"), durability);
        match appended.as_ref().map_err(io::Error::kind) {
            Ok(()) => self.is_torn.store(false, Ordering::SeqCst),
            Err(io::ErrorKind::WriteZero) => self.is_torn.store(true, Ordering::SeqCst),
            Err(_) => {}
        }
        appended.map_err(|error| unwritable_error(&error))
    }

    /// The name itself, or its hash if it is not an identifier or contains a secret.
    fn name(&self, name: &str) -> String {
        if argument_summary::is_identifier(name) && self.redactor.redact_secrets(name) == name {
            return name.to_owned();
        }
        let digest = self.digest("", &name.into());
        format!("?{}", digest.as_str().unwrap_or_default())
    }

    fn digest(&self, name: &str, value: &Value) -> Value {
        let mut value = value.clone();
        value.sort_all_objects();
        let message = format!("{name} {value}");
        match &self.key {
            // 72 bits are enough to distinguish values.
            Ok(key) => URL_SAFE_NO_PAD.encode(key.mac(message.as_bytes()).split_at(9).0).into(),
            Err(_) => Value::Null,
        }
    }
}

fn unwritable_error(cause: &io::Error) -> Error {
    let message = format!("Writes are blocked because the audit log is not writable: {cause}.");
    Error::new(Code::NotAllowed, message)
        .next("The administrator must make the file of AUTOTASK_AUDIT_LOG writable.")
}
