//! The tools rendered from `schema/tools.toml`; reviewed as `codegen/tests/snapshots`.
#![allow(clippy::all, clippy::pedantic, missing_docs, unused_imports, unused_variables)]

use super::arguments::{Argument, Kind, optional, required};
use super::clauses::Clauses;
use super::plans::{self, Draft, Paging};
use super::{Arguments, Does, Group, Planned, Row, Situation, planned, row};
use crate::error::Error;
use crate::filter::{Clause, Op};
use crate::plan::Plan;
use crate::record::Record;
use crate::schema::Entity;

include!(concat!(env!("OUT_DIR"), "/tools.rs"));
