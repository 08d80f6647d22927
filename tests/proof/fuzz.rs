//! Runs every fuzz target with mutated files of its corpus; `FUZZ_SECONDS` and `FUZZ_SEED` set duration and seed, and
//! `FUZZ_INPUT` repeats the input of one file.

mod mutator;
mod runner;

use crate::targets;
use runner::run;

#[test]
fn messages() {
    run("messages", targets::messages::run);
}

#[test]
fn http_bodies() {
    run("http_bodies", targets::http_bodies::run);
}

#[test]
fn stdio_lines() {
    run("stdio_lines", targets::stdio_lines::run);
}

#[test]
fn calls() {
    run("calls", targets::calls::run);
}

#[test]
fn filters() {
    run("filters", targets::filters::run);
}

#[test]
fn cursors() {
    run("cursors", targets::cursors::run);
}

#[test]
fn codes() {
    run("codes", targets::codes::run);
}

#[test]
fn responses() {
    run("responses", targets::responses::run);
}

#[test]
fn schema_files() {
    run("schema_files", targets::schema_files::run);
}

#[test]
fn tokens_file() {
    run("tokens_file", targets::tokens_file::run);
}
