//! The prompts rendered from `schema/prompts.toml`; reviewed as `codegen/tests/snapshots`.
#![allow(clippy::all, clippy::pedantic, missing_docs)]

use super::{Prompt, PromptArgument, ValueKind, argument, prompt};
use crate::completion::CompletionTarget;
use crate::tools::Tool;

include!(concat!(env!("OUT_DIR"), "/prompts.rs"));
