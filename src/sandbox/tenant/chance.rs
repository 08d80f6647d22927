//! Chance without surprise: the same numbers in the same order in every run.

/// A linear congruential generator.
pub(in crate::sandbox) struct Chance(u64);

impl Chance {
    /// The one beginning.
    pub(super) fn new() -> Self {
        Self::seeded(0x7164_6577_6174_6572)
    }

    /// A beginning of one's own.
    pub(in crate::sandbox) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below a bound.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound.max(1)
    }

    /// Whether an event of so many percent happens.
    pub(in crate::sandbox) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of a list.
    pub(in crate::sandbox) fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let at = self.below(u64::try_from(list.len()).unwrap_or(1));
        list.get(usize::try_from(at).unwrap_or(0))
    }
}
