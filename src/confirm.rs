//! How a write is confirmed: by a fixed token, a single-use code, or the user. Only this module creates `Confirmed`.

pub mod code;
pub mod codes;
pub mod decision;

/// Proof that the caller confirmed a write; nothing is written without one.
#[derive(Debug)]
pub struct Confirmed(());

impl Confirmed {
    /// A proof for each request of a write that was previewed and confirmed as a whole.
    pub fn for_each(self, requests: usize) -> impl Iterator<Item = Self> {
        (0..requests).map(|_| Self(()))
    }
}

#[cfg(test)]
impl Confirmed {
    pub(crate) fn for_test() -> Self {
        Self(())
    }
}
