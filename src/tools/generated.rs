//! The tools rendered from `schema/tools.toml`; reviewed as `codegen/tests/snapshots`.
#![allow(clippy::all, clippy::pedantic, missing_docs, unused_imports, unused_variables)]

use super::arguments::{ArgumentDef, ArgumentType, optional, required};
use super::builders::{self, PageOptions, WriteBuilder};
use super::filters::FilterBuilder;
use super::{Arguments, Effect, Group, IntoPlan, PlanContext, ToolDef, definition, parse_and_plan};
use crate::catalog::Entity;
use crate::error::Error;
use crate::filter::{Condition, Op};
use crate::plan::Plan;
use crate::value::record::Record;

include!(concat!(env!("OUT_DIR"), "/tools.rs"));
