//! What went wrong, as a model should read it: a stable code, a sentence, what would be right, what to do next.

use std::fmt;

use serde_json::{Map, Value, json};

/// The one error of the crate; its text has three lines at most.
#[derive(Debug, Clone, PartialEq)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone, PartialEq)]
struct Inner {
    code: Code,
    message: String,
    accepted: Option<String>,
    next: Option<String>,
    retry: Retry,
    upstream: Option<Upstream>,
    nowhere: bool,
    preview: Option<Value>,
}

/// What Autotask itself said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    pub status: u16,
    /// The texts of `errors[]`, whole.
    pub errors: Vec<String>,
}

/// Whether the same call may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    Never,
    /// With other arguments or settings.
    AfterChange,
    /// After this many seconds.
    Later(u64),
    /// A write may have happened: look before writing again.
    CheckFirst,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal, $retry:expr;)*) => {
        /// The stable word for a kind of error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[doc = $doc])* $name),* }

        impl Code {
            /// Every code, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word itself.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The usual advice on repeating.
            #[must_use]
            pub fn retry(self) -> Retry {
                match self { $(Self::$name => $retry),* }
            }
        }
    };
}

codes! {
    /// An argument's value does not read.
    BadArgument = "bad-argument", Retry::AfterChange;
    /// The tool has no such argument.
    UnknownArgument = "unknown-argument", Retry::AfterChange;
    /// Autotask serves no such entity.
    UnknownEntity = "unknown-entity", Retry::AfterChange;
    /// The entity has no such field.
    UnknownField = "unknown-field", Retry::AfterChange;
    /// The filter cannot be asked.
    BadFilter = "bad-filter", Retry::AfterChange;
    /// The entity, or this server's settings, deny the action.
    NotAllowed = "not-allowed", Retry::Never;
    /// The server only reads.
    ReadOnly = "read-only", Retry::Never;
    /// A write was shown, not made.
    ConfirmRequired = "confirm-required", Retry::AfterChange;
    /// The confirm token is not this tool's.
    ConfirmMismatch = "confirm-mismatch", Retry::AfterChange;
    /// A name fits several records or codes.
    AmbiguousName = "ambiguous-name", Retry::AfterChange;
    /// A name fits no record or code.
    NoSuchName = "no-such-name", Retry::AfterChange;
    /// A required field or argument is missing.
    MissingField = "missing-field", Retry::AfterChange;
    /// The same create succeeded a moment ago.
    DuplicateWrite = "duplicate-write", Retry::AfterChange;
    /// There is no such record.
    NotFound = "not-found", Retry::AfterChange;
    /// Credentials are missing.
    NotConfigured = "not-configured", Retry::AfterChange;
    /// Autotask refused the credentials.
    AuthFailed = "auth-failed", Retry::AfterChange;
    /// The API user lacks the right.
    Forbidden = "forbidden", Retry::Never;
    /// Autotask's validation or a business rule refused the request.
    Rejected = "rejected", Retry::AfterChange;
    /// Too many requests at once.
    RateLimited = "rate-limited", Retry::Later(5);
    /// The tenant's hourly budget is used up.
    ThresholdReached = "threshold-reached", Retry::Later(300);
    /// Autotask cannot be reached or does not work.
    UpstreamUnavailable = "upstream-unavailable", Retry::Later(30);
    /// Autotask did not answer in time.
    Timeout = "timeout", Retry::Later(10);
    /// A write was sent and nobody knows whether it happened.
    OutcomeUnknown = "outcome-unknown", Retry::CheckFirst;
    /// A fault of this server.
    Internal = "internal", Retry::Never;
}

impl Error {
    /// An error of this code that says what happened.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            accepted: None,
            next: None,
            retry: code.retry(),
            upstream: None,
            nowhere: false,
            preview: None,
        }))
    }

    /// What this server assumed and did not find.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Code::Internal, message)
    }

    /// Adds a sentence to what happened.
    #[must_use]
    pub fn also(mut self, sentence: &str) -> Self {
        let is_whole = self.0.message.ends_with(['.', '!', '?']);
        self.0.message += if is_whole { " " } else { ". " };
        self.0.message += sentence;
        self
    }

    /// Adds what would be accepted.
    #[must_use]
    pub fn accepts(mut self, accepted: impl Into<String>) -> Self {
        self.0.accepted = Some(accepted.into());
        self
    }

    /// Adds the one call or act that helps.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.0.next = Some(next.into());
        self
    }

    /// Replaces the code's usual advice on repeating.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// Adds Autotask's own words.
    #[must_use]
    pub fn upstream(mut self, upstream: Upstream) -> Self {
        self.0.upstream = Some(upstream);
        self
    }

    /// Says of `not-found` that Autotask does not know the address, and so nothing of a record.
    #[must_use]
    pub fn nowhere(mut self) -> Self {
        self.0.nowhere = true;
        self
    }

    /// Whether a record is not there; an unknown address says nothing of that.
    #[must_use]
    pub fn is_no_record(&self) -> bool {
        self.0.code == Code::NotFound && !self.0.nowhere
    }

    /// Adds the write that would be made.
    #[must_use]
    pub fn preview(mut self, preview: Value) -> Self {
        self.0.preview = Some(preview);
        self
    }

    /// The same error with every text rewritten, and the preview, which is JSON, by its own rule.
    #[must_use]
    pub fn in_words(
        mut self,
        words: &dyn Fn(&str) -> String,
        preview: &dyn Fn(&mut Value),
    ) -> Self {
        let parts = &mut self.0;
        let texts = [Some(&mut parts.message), parts.accepted.as_mut(), parts.next.as_mut()];
        let upstream = parts.upstream.iter_mut().flat_map(|upstream| &mut upstream.errors);
        for text in texts.into_iter().flatten().chain(upstream) {
            *text = words(text);
        }
        parts.preview.iter_mut().for_each(preview);
        self
    }

    /// Whether the same call may be made again.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// What happened.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What would be accepted.
    #[must_use]
    pub fn accepted(&self) -> Option<&str> {
        self.0.accepted.as_deref()
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The `structuredContent` that says the same as the text.
    #[must_use]
    pub fn structured(&self) -> Value {
        let parts = &self.0;
        let mut error = Map::new();
        error.insert("code".into(), parts.code.name().into());
        error.insert("message".into(), parts.message.as_str().into());
        let optional = [("accepted", &parts.accepted), ("next", &parts.next)];
        for (key, text) in optional {
            error.extend(text.as_ref().map(|text| (key.into(), text.as_str().into())));
        }
        error.extend(parts.retry.members());
        if let Some(Upstream { status, errors }) = &parts.upstream {
            error.insert("upstream".into(), json!({ "status": status, "errors": errors }));
        }
        error.extend(parts.preview.as_ref().map(|preview| ("preview".into(), preview.clone())));
        json!({ "error": error })
    }
}

impl Retry {
    fn members(self) -> Vec<(String, Value)> {
        let word = |word: &str| vec![("retry".into(), word.into())];
        match self {
            Self::Never => word("never"),
            Self::AfterChange => word("after-change"),
            Self::CheckFirst => word("check-first"),
            Self::Later(seconds) => {
                let mut members = word("later");
                members.push(("retryAfterSeconds".into(), seconds.into()));
                members
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &self.0;
        write!(f, "{}: {}", parts.code.name(), parts.message)?;
        if let Some(preview) = &parts.preview {
            write!(f, " {preview}")?;
        }
        if let Some(accepted) = &parts.accepted {
            write!(f, "\nAccepted: {accepted}")?;
        }
        match &parts.next {
            Some(next) => write!(f, "\nNext: {next}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
