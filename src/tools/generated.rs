//! The tools and the names of arguments, rendered from `schema/`; reviewed as `codegen/tests/snapshots`.
#![allow(clippy::all, clippy::pedantic, missing_docs)]

use super::argument_def::{ArgumentDef, ArgumentType, FieldUse, optional, required};
use super::argument_names::{ArgumentName, argument_name};
use super::{Effect, Group, ToolDef, definition};
use crate::catalog::Entity;

include!(concat!(env!("OUT_DIR"), "/tools.rs"));
include!(concat!(env!("OUT_DIR"), "/argument_names.rs"));
