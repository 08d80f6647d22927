//! Keyed hashes: without the key nobody can make one, or guess what was hashed.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};

use crate::error::Error;

/// A key for HMAC-SHA256; a random one ends with the process.
#[derive(Clone)]
pub struct HmacKey([u8; 64]);

impl HmacKey {
    /// A new random key.
    ///
    /// # Errors
    /// `internal` if the system provides no random bytes.
    pub fn random() -> Result<Self, Error> {
        random().map(Self)
    }

    /// The key derived from a passphrase of the settings.
    #[must_use]
    pub fn from_passphrase(passphrase: &str) -> Self {
        Self(Sha512::digest(passphrase).into())
    }

    /// The MAC of a message.
    #[must_use]
    pub fn mac(&self, message: &[u8]) -> [u8; 32] {
        self.mac_of(message).finalize().into_bytes().into()
    }

    /// Whether this is a prefix of the message's MAC; takes the same time for every wrong one.
    #[must_use]
    pub fn verify_prefix(&self, message: &[u8], prefix: &[u8]) -> bool {
        self.mac_of(message).verify_truncated_left(prefix).is_ok()
    }

    fn mac_of(&self, message: &[u8]) -> Hmac<Sha256> {
        Hmac::new((&self.0).into()).chain_update(message)
    }
}

/// Random bytes from the system.
///
/// # Errors
/// `internal` if it provides none.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::internal("The system gave no random bytes."))?;
    Ok(bytes)
}
