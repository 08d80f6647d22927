//! Names for numbers, both ways: what is asked for, how it is matched, what it came to. Nothing is ever guessed.

pub mod labels;
pub mod matching;
pub mod name_ref;
pub mod name_search;
pub mod resolved;

pub use labels::Labels;
pub use matching::{NameCandidate, match_name};
pub use name_ref::NameRef;
pub use resolved::Resolved;
