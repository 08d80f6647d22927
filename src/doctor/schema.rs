//! What `doctor --schema` says: where the tenant's schema differs from the built-in one.

use std::io::{self, Write};

use autotask_mcp::desk::Desk;
use autotask_mcp::fetch_metadata::fetch_all;
use autotask_schema::SchemaError;
use autotask_schema::drift::drift;
use autotask_schema::merge::{Baseline, MergeResult, merge};
use autotask_schema::schema::Schema;
use autotask_schema::tenant_metadata::TenantMetadata;

/// Prints the drift and what could not be learnt, a line each; true if the metadata could not be fetched.
pub async fn examine(desk: &Desk, out: &mut impl Write) -> io::Result<bool> {
    let fetched = fetch_all(desk.performer().client()).await;
    let lines = match fetched {
        Ok(metadata) => compare(&metadata).map_err(|e| e.to_string()),
        Err(error) => Err(super::first_line(&error)),
    };
    match lines {
        Ok(lines) => {
            for line in lines {
                writeln!(out, "{}", desk.scrub(&line))?;
            }
            Ok(false)
        }
        Err(reason) => {
            super::line(out, "schema", &desk.scrub(&reason))?;
            Ok(true)
        }
    }
}

fn compare(metadata: &TenantMetadata) -> Result<Vec<String>, SchemaError> {
    let built_in = Schema::from_json(autotask_schema::BUILT_IN)?;
    let baseline = Baseline { stored: &built_in, corrected: &built_in };
    let MergeResult { schema, skipped, coverage, .. } = merge(baseline, metadata)?;
    let changes = drift(&built_in, &schema);
    let summary = match changes.len() {
        0 => format!("no drift from the {} entities built in{coverage}", built_in.entities.len()),
        count => format!(
            "{count} changes since this program was built; `cargo xtask refresh-schema` applies them"
        ),
    };
    let mut lines = vec![format!("{:<12}{summary}", "schema")];
    lines.extend(changes.iter().map(|change| match change.is_breaking {
        true => format!("- breaking: {change}"),
        false => format!("- {change}"),
    }));
    lines.extend(skipped.iter().map(|skipped| format!("- skipped: {skipped}")));
    Ok(lines)
}
