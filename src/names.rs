//! Names for numbers, both ways: what is asked for, how it is matched, what it came to. Nothing is ever guessed.

pub mod asked;
pub mod candidate;
pub mod labels;
pub mod look_up;
pub mod resolved;

pub use asked::NameRef;
pub use candidate::{NameCandidate, match_name};
pub use labels::Labels;
pub use resolved::Resolved;
