//! The tables rendered from `schema/`; reviewed as `codegen/tests/snapshots`.
#![allow(clippy::all, clippy::pedantic, missing_docs)]

use super::field::Kind::*;
use super::field::{Field, field, text};
use super::route::{Child, child};
use super::row::{Row, row};
use Entity::*;

include!(concat!(env!("OUT_DIR"), "/entities.rs"));
