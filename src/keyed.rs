//! Tags under a key that nobody else knows: whoever lacks it can neither make one nor guess what is behind it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};

use crate::error::Error;

/// A key for HMAC-SHA256; a random one is gone with the process.
#[derive(Clone)]
pub struct Key([u8; 64]);

impl Key {
    /// A new key.
    ///
    /// # Errors
    /// `internal`, where the system gives no random bytes.
    pub fn random() -> Result<Self, Error> {
        random().map(Self)
    }

    /// The key that a text of the settings stands for.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha512::digest(text).into())
    }

    /// The tag of a text.
    #[must_use]
    pub fn tag(&self, text: &[u8]) -> [u8; 32] {
        self.over(text).finalize().into_bytes().into()
    }

    /// Whether this is the beginning of the text's tag; takes the same time for every wrong one.
    #[must_use]
    pub fn fits(&self, text: &[u8], tag: &[u8]) -> bool {
        self.over(text).verify_truncated_left(tag).is_ok()
    }

    fn over(&self, text: &[u8]) -> Hmac<Sha256> {
        Hmac::new((&self.0).into()).chain_update(text)
    }
}

/// Bytes that nobody can foretell.
///
/// # Errors
/// `internal`, where the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::internal("The system gave no random bytes."))?;
    Ok(bytes)
}
