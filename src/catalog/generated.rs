//! The tables rendered from `schema/`; reviewed as `codegen/tests/snapshots`.
#![allow(clippy::all, clippy::pedantic, missing_docs)]

use super::entity_row::{EntityDef, row};
use super::field::DataType::*;
use super::field::{Field, field, text};
use super::route::{Child, child};
use super::terms::{Term, Unavailable, term, unavailable};
use Entity::*;

include!(concat!(env!("OUT_DIR"), "/entities.rs"));
include!(concat!(env!("OUT_DIR"), "/terms.rs"));
