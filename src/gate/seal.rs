//! Codes for `confirm`, each good for one exact request: they carry all that is needed to check them.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::Confirmed;
use super::confirm::{mismatch, outdated, unsure, used_up};
use crate::error::Error;
use crate::keyed::{HmacKey, random};
use crate::plan::Duplicates;
use crate::request::Request;
use crate::tools::Tool;

/// How long a code is good.
const KEPT: Duration = Duration::from_secs(600);
/// Four bytes of time and four at random, so that no two codes are equal.
const HEAD: usize = 8;
/// 80 bits of the tag: nobody guesses them in ten minutes. 18 bytes are 24 characters.
const TAG: usize = 10;

/// Makes and checks codes for one tenant.
pub struct Seal {
    key: Result<HmacKey, Error>,
    tenant: String,
}

/// What a code is tied to.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    pub tool: Tool,
    /// The name of who calls, where there are several.
    pub caller: Option<&'a str>,
    pub request: &'a Request,
    /// Whether an equal create may be made again.
    pub duplicates: Duplicates,
    pub by: By,
}

/// Who hands a code back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The caller, as `confirm`.
    Caller,
    /// The caller's program, with a person's answer.
    Person,
}

/// A code as given, which may be anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code([u8; HEAD + TAG]);

/// A code that is right, if this is its first use.
#[derive(Debug)]
pub struct Right {
    code: Code,
    left: Duration,
}

/// Whether a code was used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    First,
    Again,
    /// It may have been used on another replica.
    Unknown,
}

impl Seal {
    /// A seal under a key, for the tenant of this description.
    #[must_use]
    pub fn new(key: Result<HmacKey, Error>, tenant: String) -> Self {
        Self { key, tenant }
    }

    /// A new code for a deed; `now` is Unix time.
    ///
    /// # Errors
    /// `internal`, where the system gives no random bytes.
    pub fn issue(&self, deed: Deed<'_>, now: Duration) -> Result<Code, Error> {
        let mut code = [0; HEAD + TAG];
        let (head, tag) = code.split_at_mut(HEAD);
        let (time, nonce) = head.split_at_mut(HEAD / 2);
        time.copy_from_slice(&seconds(now).to_be_bytes());
        nonce.copy_from_slice(&random::<4>()?);
        let made = self.key()?.mac(&self.matter(deed, head));
        tag.copy_from_slice(made.split_at(TAG).0);
        Ok(Code(code))
    }

    /// Checks a code against the deed it is given for; `now` is Unix time.
    ///
    /// # Errors
    /// `confirm-mismatch` for a code of another deed, another process, or more than ten minutes ago.
    pub fn open(&self, code: Code, deed: Deed<'_>, now: Duration) -> Result<Right, Error> {
        let (head, tag) = code.0.split_at(HEAD);
        if !self.key()?.verify_prefix(&self.matter(deed, head), tag) {
            return Err(mismatch(deed.tool));
        }
        let age = seconds(now).saturating_sub(code.issued());
        match KEPT.checked_sub(Duration::from_secs(age.into())) {
            Some(left) if !left.is_zero() => Ok(Right { code, left }),
            _ => Err(outdated()),
        }
    }

    fn key(&self) -> Result<&HmacKey, Error> {
        self.key.as_ref().map_err(Clone::clone)
    }

    /// All that a code holds fast, in a form that only equal deeds share.
    fn matter(&self, deed: Deed<'_>, head: &[u8]) -> Vec<u8> {
        let by = match deed.by {
            By::Caller => "caller",
            By::Person => "person",
        };
        let request = deed.request.canonical();
        let (tool, caller) = (deed.tool.name(), deed.caller);
        let again = deed.duplicates == Duplicates::Allow;
        json!([head, by, self.tenant, tool, caller, again, request]).to_string().into_bytes()
    }
}

impl Code {
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

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl Right {
    /// What must not be used again.
    #[must_use]
    pub fn code(&self) -> String {
        self.code.to_string()
    }

    /// How long it would still be good.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.left
    }

    /// The proof, for its first use.
    ///
    /// # Errors
    /// `confirm-mismatch` for any other.
    pub fn confirm(self, is: Use) -> Result<Confirmed, Error> {
        match is {
            Use::First => Ok(Confirmed(())),
            Use::Again => Err(used_up()),
            Use::Unknown => Err(unsure()),
        }
    }
}

/// Good until the year 2106.
fn seconds(now: Duration) -> u32 {
    u32::try_from(now.as_secs()).unwrap_or(u32::MAX)
}
