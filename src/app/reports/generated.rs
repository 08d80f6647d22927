//! The reports rendered from `schema/reports.toml`; reviewed as `codegen/tests/snapshots`.
#![allow(clippy::all, clippy::pedantic, missing_docs)]

use super::period::{Every, Period};
use super::{ColumnValue, ReportDef, Rows, Section};

include!(concat!(env!("OUT_DIR"), "/reports.rs"));
