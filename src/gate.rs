//! Confirm tokens: the only maker of `Confirmed`.

/// Proof that the caller confirmed a write; nothing is written without one.
#[derive(Debug)]
pub struct Confirmed(());

#[cfg(test)]
impl Confirmed {
    pub(crate) fn for_test() -> Self {
        Self(())
    }
}
