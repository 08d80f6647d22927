//! Errors for models: a stable code, what happened, which values are accepted, and what to do next.

mod problems;

use std::fmt;

use serde_json::{Map, Value, json};

/// The error type of the crate; its text has at most three lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Error(Box<ErrorInner>);

#[derive(Debug, Clone, PartialEq)]
struct ErrorInner {
    code: Code,
    message: String,
    accepted: Option<String>,
    next: Option<String>,
    retry: Retry,
    upstream: Option<Upstream>,
    is_unknown_path: bool,
    may_name_udf: bool,
    preview: Option<Value>,
}

/// Autotask's own error report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    pub status: u16,
    /// The complete texts of `errors[]`.
    pub errors: Vec<String>,
}

/// Whether and when to repeat a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    Never,
    /// With different arguments or settings.
    AfterChange,
    /// After this many seconds.
    Later(u64),
    /// A write may have happened: check before writing again.
    CheckFirst,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident, $constructor:ident = $text:literal, $retry:expr;)*) => {
        /// The stable code of a kind of error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[doc = $doc])* $name),* }

        impl Code {
            /// All codes, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as clients read it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The usual advice on repeating the call.
            #[must_use]
            pub fn retry(self) -> Retry {
                match self { $(Self::$name => $retry),* }
            }
        }

        impl Error {
            $($(#[doc = $doc])*
            #[doc = ""]
            #[doc = "The message is a complete sentence about what happened."]
            #[must_use]
            pub fn $constructor(message: impl Into<String>) -> Self {
                Self::new(Code::$name, message)
            })*
        }
    };
}

codes! {
    /// The value of an argument is invalid.
    BadArgument, bad_argument = "bad-argument", Retry::AfterChange;
    /// The tool has no such argument.
    UnknownArgument, unknown_argument = "unknown-argument", Retry::AfterChange;
    /// There is no such entity.
    UnknownEntity, unknown_entity = "unknown-entity", Retry::AfterChange;
    /// The entity has no such field.
    UnknownField, unknown_field = "unknown-field", Retry::AfterChange;
    /// The filter is invalid.
    BadFilter, bad_filter = "bad-filter", Retry::AfterChange;
    /// The entity does not support the action, or the settings forbid it.
    NotAllowed, not_allowed = "not-allowed", Retry::Never;
    /// The server is read-only.
    ReadOnly, read_only = "read-only", Retry::Never;
    /// A write was previewed, not made.
    ConfirmRequired, confirm_required = "confirm-required", Retry::AfterChange;
    /// The value of `confirm` does not belong to this write.
    ConfirmMismatch, confirm_mismatch = "confirm-mismatch", Retry::AfterChange;
    /// A name matches several records or codes.
    AmbiguousName, ambiguous_name = "ambiguous-name", Retry::AfterChange;
    /// A name matches no record or code.
    NoSuchName, no_such_name = "no-such-name", Retry::AfterChange;
    /// A required field or argument is missing.
    MissingField, missing_field = "missing-field", Retry::AfterChange;
    /// An identical create succeeded recently.
    DuplicateWrite, duplicate_write = "duplicate-write", Retry::AfterChange;
    /// There is no such record.
    NotFound, not_found = "not-found", Retry::AfterChange;
    /// Credentials are missing.
    NotConfigured, not_configured = "not-configured", Retry::AfterChange;
    /// Autotask rejected the credentials.
    AuthFailed, auth_failed = "auth-failed", Retry::AfterChange;
    /// The API user lacks the permission.
    Forbidden, forbidden = "forbidden", Retry::Never;
    /// Autotask rejected the request: validation or a business rule.
    Rejected, rejected = "rejected", Retry::AfterChange;
    /// Too many concurrent requests.
    RateLimited, rate_limited = "rate-limited", Retry::Later(5);
    /// The tenant's hourly request threshold is reached.
    ThresholdReached, threshold_reached = "threshold-reached", Retry::Later(300);
    /// Autotask cannot be reached or is out of order.
    UpstreamUnavailable, upstream_unavailable = "upstream-unavailable", Retry::Later(30);
    /// Autotask did not respond in time.
    Timeout, timeout = "timeout", Retry::Later(10);
    /// A write was sent, and it is unknown whether it happened.
    OutcomeUnknown, outcome_unknown = "outcome-unknown", Retry::CheckFirst;
    /// A bug in this server.
    Internal, internal = "internal", Retry::Never;
}

impl Error {
    /// An error with this code and a sentence about what happened.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(ErrorInner {
            code,
            message: message.into(),
            accepted: None,
            next: None,
            retry: code.retry(),
            upstream: None,
            is_unknown_path: false,
            may_name_udf: false,
            preview: None,
        }))
    }

    /// Adds a sentence to the message.
    #[must_use]
    pub fn also(mut self, sentence: &str) -> Self {
        let is_sentence = self.0.message.ends_with(['.', '!', '?']);
        self.0.message += if is_sentence { " " } else { ". " };
        self.0.message += sentence;
        self
    }

    /// Adds the accepted values.
    #[must_use]
    pub fn accepts(mut self, accepted: impl Into<String>) -> Self {
        self.0.accepted = Some(accepted.into());
        self
    }

    /// Adds the call or action that helps.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.0.next = Some(next.into());
        self
    }

    /// Replaces the usual advice on repeating the call.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// Adds Autotask's own report.
    #[must_use]
    pub fn upstream(mut self, upstream: Upstream) -> Self {
        self.0.upstream = Some(upstream);
        self
    }

    /// Marks a `not-found` as an unknown path, which says nothing about a record.
    #[must_use]
    pub fn unknown_path(mut self) -> Self {
        self.0.is_unknown_path = true;
        self
    }

    /// Whether a record does not exist; an unknown path does not prove that.
    #[must_use]
    pub fn is_no_record(&self) -> bool {
        self.0.code == Code::NotFound && !self.0.is_unknown_path
    }

    /// Marks an unknown name that may be a user-defined field of the tenant.
    #[must_use]
    pub fn about_possible_udf(mut self) -> Self {
        self.0.may_name_udf = true;
        self
    }

    /// Whether an unknown name may be a user-defined field of the tenant.
    #[must_use]
    pub fn may_name_udf(&self) -> bool {
        self.0.may_name_udf
    }

    /// Adds the preview of the write.
    #[must_use]
    pub fn preview(mut self, preview: Value) -> Self {
        self.0.preview = Some(preview);
        self
    }

    /// The id of the record that the preview updates.
    #[must_use]
    pub fn previewed_id(&self) -> Option<i64> {
        self.0.preview.as_ref()?["body"]["id"].as_i64()
    }

    /// Adds a member to the preview, if there is one.
    pub fn add_to_preview(&mut self, name: &str, value: Value) {
        if let Some(Value::Object(members)) = &mut self.0.preview {
            members.entry(name).or_insert(value);
        }
    }

    /// The same error with all texts mapped by one function and the preview, which is JSON, by another.
    #[must_use]
    pub fn map_text(mut self, map: &dyn Fn(&str) -> String, preview: &dyn Fn(&mut Value)) -> Self {
        let inner = &mut self.0;
        let texts = [Some(&mut inner.message), inner.accepted.as_mut(), inner.next.as_mut()];
        let upstream = inner.upstream.iter_mut().flat_map(|upstream| &mut upstream.errors);
        for text in texts.into_iter().flatten().chain(upstream) {
            *text = map(text);
        }
        inner.preview.iter_mut().for_each(preview);
        self
    }

    /// Whether the same call may be repeated.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// What happened.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The accepted values.
    #[must_use]
    pub fn accepted(&self) -> Option<&str> {
        self.0.accepted.as_deref()
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The `structuredContent` that repeats the text.
    #[must_use]
    pub fn structured(&self) -> Value {
        let inner = &self.0;
        let mut error = Map::new();
        error.insert("code".into(), inner.code.name().into());
        error.insert("message".into(), inner.message.as_str().into());
        let optional = [("accepted", &inner.accepted), ("next", &inner.next)];
        for (key, text) in optional {
            error.extend(text.as_ref().map(|text| (key.into(), text.as_str().into())));
        }
        error.extend(inner.retry.members());
        if let Some(Upstream { status, errors }) = &inner.upstream {
            error.insert("upstream".into(), json!({ "status": status, "errors": errors }));
        }
        error.extend(inner.preview.as_ref().map(|preview| ("preview".into(), preview.clone())));
        json!({ "error": error })
    }
}

impl Retry {
    fn members(self) -> Vec<(String, Value)> {
        let retry = |advice: &str| vec![("retry".into(), advice.into())];
        match self {
            Self::Never => retry("never"),
            Self::AfterChange => retry("after-change"),
            Self::CheckFirst => retry("check-first"),
            Self::Later(seconds) => {
                let mut members = retry("later");
                members.push(("retryAfterSeconds".into(), seconds.into()));
                members
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        write!(f, "{}: {}", inner.code.name(), inner.message)?;
        if let Some(preview) = &inner.preview {
            write!(f, " {preview}")?;
        }
        if let Some(accepted) = &inner.accepted {
            write!(f, "\nAccepted: {accepted}")?;
        }
        match &inner.next {
            Some(next) => write!(f, "\nNext: {next}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
