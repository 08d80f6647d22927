//! The tools rendered from `schema/tools.toml`; reviewed as `codegen/tests/snapshots`.
#![allow(clippy::all, clippy::pedantic, missing_docs)]

use super::argument_def::{ArgumentDef, ArgumentType, FieldUse, optional, required};
use super::{Effect, Group, ToolDef, definition};
use crate::catalog::Entity;

include!(concat!(env!("OUT_DIR"), "/tools.rs"));
