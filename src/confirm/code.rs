//! Codes for `confirm`, each good for one exact request: they carry all that is needed to check them.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::decision::{already_used_error, expired_error, replay_unknown_error, wrong_code_error};
use crate::client::request::Request;
use crate::confirm::Confirmed;
use crate::error::Error;
use crate::plan::Duplicates;
use crate::tools::Tool;
use crate::value::hmac::{HmacKey, random};

/// How long a code is good.
const CODE_TTL: Duration = Duration::from_secs(600);
/// Four bytes of time and four at random, so that no two codes are equal.
const TIME_BYTES: usize = 8;
/// 80 bits of the tag: nobody guesses them in ten minutes. 18 bytes are 24 characters.
const TAG_BYTES: usize = 10;

/// Makes and checks codes for one tenant.
pub struct CodeSigner {
    key: Result<HmacKey, Error>,
    tenant: String,
}

/// What a code is tied to.
#[derive(Debug, Clone, Copy)]
pub struct WriteBinding<'a> {
    pub tool: Tool,
    /// The name of who calls, where there are several.
    pub caller: Option<&'a str>,
    pub request: &'a Request,
    /// Whether an equal create may be made again.
    pub duplicates: Duplicates,
    pub by: Presenter,
}

/// Who hands a code back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presenter {
    /// The caller, as `confirm`.
    Caller,
    /// The caller's program, with a person's answer.
    Person,
}

/// A code as given, which may be anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationCode([u8; TIME_BYTES + TAG_BYTES]);

/// A code that is right, if this is its first use.
#[derive(Debug)]
pub struct VerifiedCode {
    code: ConfirmationCode,
    left: Duration,
}

/// Whether a code was used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeUse {
    First,
    Replay,
    /// It may have been used on another replica.
    Unknown,
}

impl CodeSigner {
    /// A seal under a key, for the tenant of this description.
    #[must_use]
    pub fn new(key: Result<HmacKey, Error>, tenant: String) -> Self {
        Self { key, tenant }
    }

    /// A new code for a deed; `now` is Unix time.
    ///
    /// # Errors
    /// `internal`, where the system gives no random bytes.
    pub fn issue(&self, deed: WriteBinding<'_>, now: Duration) -> Result<ConfirmationCode, Error> {
        let mut code = [0; TIME_BYTES + TAG_BYTES];
        let (head, tag) = code.split_at_mut(TIME_BYTES);
        let (time, nonce) = head.split_at_mut(TIME_BYTES / 2);
        time.copy_from_slice(&seconds(now).to_be_bytes());
        nonce.copy_from_slice(&random::<4>()?);
        let made = self.key()?.mac(&self.signed_payload(deed, head));
        tag.copy_from_slice(made.split_at(TAG_BYTES).0);
        Ok(ConfirmationCode(code))
    }

    /// Checks a code against the deed it is given for; `now` is Unix time.
    ///
    /// # Errors
    /// `confirm-mismatch` for a code of another deed, another process, or more than ten minutes ago.
    pub fn verify(
        &self,
        code: ConfirmationCode,
        deed: WriteBinding<'_>,
        now: Duration,
    ) -> Result<VerifiedCode, Error> {
        let (head, tag) = code.0.split_at(TIME_BYTES);
        if !self.key()?.verify_prefix(&self.signed_payload(deed, head), tag) {
            return Err(wrong_code_error(deed.tool));
        }
        let age = seconds(now).saturating_sub(code.issued());
        match CODE_TTL.checked_sub(Duration::from_secs(age.into())) {
            Some(left) if !left.is_zero() => Ok(VerifiedCode { code, left }),
            _ => Err(expired_error()),
        }
    }

    fn key(&self) -> Result<&HmacKey, Error> {
        self.key.as_ref().map_err(Clone::clone)
    }

    /// All that a code holds fast, in a form that only equal deeds share.
    fn signed_payload(&self, deed: WriteBinding<'_>, head: &[u8]) -> Vec<u8> {
        let by = match deed.by {
            Presenter::Caller => "caller",
            Presenter::Person => "person",
        };
        let request = deed.request.canonical();
        let (tool, caller) = (deed.tool.name(), deed.caller);
        let again = deed.duplicates == Duplicates::Allow;
        json!([head, by, self.tenant, tool, caller, again, request]).to_string().into_bytes()
    }
}

impl ConfirmationCode {
    /// Reads a code; none where the text is no code at all.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    fn issued(&self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }
}

impl std::fmt::Display for ConfirmationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl VerifiedCode {
    /// What must not be used again.
    #[must_use]
    pub fn code(&self) -> String {
        self.code.to_string()
    }

    /// How long it would still be good.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.left
    }

    /// The proof, for its first use.
    ///
    /// # Errors
    /// `confirm-mismatch` for any other.
    pub fn into_confirmed(self, is: CodeUse) -> Result<Confirmed, Error> {
        match is {
            CodeUse::First => Ok(Confirmed(())),
            CodeUse::Replay => Err(already_used_error()),
            CodeUse::Unknown => Err(replay_unknown_error()),
        }
    }
}

/// Good until the year 2106.
fn seconds(now: Duration) -> u32 {
    u32::try_from(now.as_secs()).unwrap_or(u32::MAX)
}
