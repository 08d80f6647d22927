//! How a write is confirmed: a fixed token, a single-use code, or the user; the only maker of `Confirmed`.

pub mod code;
pub mod codes;
pub mod decision;

/// Proof that the caller confirmed a write; nothing is written without one.
#[derive(Debug)]
pub struct Confirmed(());

#[cfg(test)]
impl Confirmed {
    pub(crate) fn for_test() -> Self {
        Self(())
    }
}
