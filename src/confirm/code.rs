//! Confirmation codes, each valid for one exact request and verifiable without stored state.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::confirm::Confirmed;
use crate::error::{self, Error};
use crate::plan::Duplicates;
use crate::plan::request::Request;
use crate::value::hmac::{HmacKey, random};

/// How long a code is valid.
const CODE_TTL: Duration = Duration::from_secs(600);
/// Four bytes of time and four random ones, so that no two codes are equal.
const TIME_BYTES: usize = 8;
/// 80 bits of the MAC cannot be guessed in ten minutes. 18 bytes are 24 characters.
const MAC_BYTES: usize = 10;

/// Signs and verifies codes for one tenant.
pub struct CodeSigner {
    key: Result<HmacKey, Error>,
    tenant: String,
}

/// Everything that a code is bound to.
#[derive(Debug, Clone, Copy)]
pub struct WriteBinding<'a> {
    pub tool: &'static str,
    /// The token of the tool.
    pub token: &'static str,
    /// The caller's name, if there are several callers.
    pub caller: Option<&'a str>,
    pub request: &'a Request,
    /// Whether an identical create may be repeated.
    pub duplicates: Duplicates,
    pub presenter: Presenter,
}

/// The side that returns a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presenter {
    /// The caller, as `confirm`.
    Caller,
    /// The client, with the user's decision.
    Person,
}

/// An unverified code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationCode([u8; TIME_BYTES + MAC_BYTES]);

/// A code that is valid if this is its first use.
#[derive(Debug)]
pub struct VerifiedCode {
    code: ConfirmationCode,
    remaining: Duration,
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
    /// A signer with a key, for a tenant with this description.
    #[must_use]
    pub fn new(key: Result<HmacKey, Error>, tenant: String) -> Self {
        Self { key, tenant }
    }

    /// A new code for a write; `now` is Unix time.
    ///
    /// # Errors
    /// `internal` if the operating system supplies no random bytes.
    pub fn issue(
        &self,
        binding: WriteBinding<'_>,
        now: Duration,
    ) -> Result<ConfirmationCode, Error> {
        let mut code = [0; TIME_BYTES + MAC_BYTES];
        let (head, tag) = code.split_at_mut(TIME_BYTES);
        let (time, nonce) = head.split_at_mut(TIME_BYTES / 2);
        time.copy_from_slice(&seconds(now).to_be_bytes());
        nonce.copy_from_slice(&random::<4>()?);
        let mac = self.key()?.mac(&self.signed_payload(binding, head));
        tag.copy_from_slice(mac.split_at(MAC_BYTES).0);
        Ok(ConfirmationCode(code))
    }

    /// Verifies that a code belongs to a write; `now` is Unix time.
    ///
    /// # Errors
    /// `confirm-mismatch` for a code of another write or process, or one that is more than ten minutes old.
    pub fn verify(
        &self,
        code: ConfirmationCode,
        binding: WriteBinding<'_>,
        now: Duration,
    ) -> Result<VerifiedCode, Error> {
        let (head, tag) = code.0.split_at(TIME_BYTES);
        if !self.key()?.verify_prefix(&self.signed_payload(binding, head), tag) {
            return Err(wrong_code_error(binding.token));
        }
        let age = seconds(now).saturating_sub(code.issued());
        match CODE_TTL.checked_sub(Duration::from_secs(age.into())) {
            Some(remaining) if !remaining.is_zero() => Ok(VerifiedCode { code, remaining }),
            _ => Err(expired_error()),
        }
    }

    fn key(&self) -> Result<&HmacKey, Error> {
        self.key.as_ref().map_err(Clone::clone)
    }

    /// Encodes the binding unambiguously, so that only equal writes have the same payload.
    fn signed_payload(&self, binding: WriteBinding<'_>, head: &[u8]) -> Vec<u8> {
        let presenter = match binding.presenter {
            Presenter::Caller => "caller",
            Presenter::Person => "person",
        };
        let request = (binding.request.author, binding.request.canonical());
        let (tool, caller) = (binding.tool, binding.caller);
        let allows_duplicate = binding.duplicates == Duplicates::Allow;
        json!([head, presenter, self.tenant, tool, caller, allows_duplicate, request])
            .to_string()
            .into_bytes()
    }
}

impl ConfirmationCode {
    /// Parses a code; none if the text is not one.
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
    /// The text that must not be used again.
    #[must_use]
    pub fn code(&self) -> String {
        self.code.to_string()
    }

    /// The time until it expires.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.remaining
    }

    /// The proof, if this is the first use.
    ///
    /// # Errors
    /// `confirm-mismatch` otherwise.
    pub fn into_confirmed(self, code_use: CodeUse) -> Result<Confirmed, Error> {
        match code_use {
            CodeUse::First => Ok(Confirmed(())),
            CodeUse::Replay => Err(already_used_error()),
            CodeUse::Unknown => Err(replay_unknown_error()),
        }
    }
}

/// Unix time in seconds; fits until the year 2106.
fn seconds(now: Duration) -> u32 {
    u32::try_from(now.as_secs()).unwrap_or(u32::MAX)
}

pub(super) fn confirm_mismatch(message: &str) -> Error {
    Error::new(error::Code::ConfirmMismatch, message)
}

/// The error for a code of another write, or a text that is not a code.
#[must_use]
pub fn wrong_code_error(token: &str) -> Error {
    confirm_mismatch("Not written: the confirmation code does not match this write.")
        .accepts(format!("the code of this write's preview, which begins with {token}:"))
        .next(OMIT_CONFIRM)
}

/// The error for any `confirm` in a process that ends with the call and cannot ask the user.
#[must_use]
pub fn codes_unavailable_error() -> Error {
    confirm_mismatch("Not written: no confirmation code is accepted here.")
        .accepts(TERMINAL_APPROVAL)
        .next(USE_A_TERMINAL)
}

fn replay_unknown_error() -> Error {
    confirm_mismatch(
        "Not written: Redis is not available, so another replica may have used this code.",
    )
    .with_retry(error::Retry::Later(5))
    .next("Repeat the call in a few seconds.")
}

fn expired_error() -> Error {
    confirm_mismatch("Not written: the code is more than ten minutes old.").next(OMIT_CONFIRM)
}

fn already_used_error() -> Error {
    confirm_mismatch("Not written: this code was already used.").next(OMIT_CONFIRM)
}

pub(super) const TERMINAL_APPROVAL: &str = "the user's approval in a terminal";
pub(super) const USE_A_TERMINAL: &str = "Codes do not survive this process. Run the command in a terminal to confirm interactively, or use a running server.";
pub(super) const OMIT_CONFIRM: &str = "Omit confirm to get a preview.";
