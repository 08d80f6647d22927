//! What `doctor --schema` says: where the tenant's own facts differ from those this program was built with.

use std::io::{self, Write};

use autotask_mcp::desk::Desk;
use autotask_mcp::survey;
use autotask_schema::drift::drift;
use autotask_schema::merge::{Baseline, MergeResult, merge};
use autotask_schema::schema::Schema;
use autotask_schema::{SchemaError, tenant_metadata};

/// The facts after the corrections by hand, as the tables were rendered from them.
const BUILT_IN: &str = include_str!(concat!(env!("OUT_DIR"), "/facts.json"));

/// Prints the drift and what could not be learnt, a line each; true where the tenant could not be asked.
pub async fn examine(desk: &Desk, out: &mut impl Write) -> io::Result<bool> {
    let asked = survey::documents(desk.performer().client()).await;
    let told = match asked {
        Ok(documents) => compared(&documents).map_err(|e| e.to_string()),
        Err(error) => Err(super::first_line(&error)),
    };
    match told {
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

fn compared(documents: &tenant_metadata::TenantMetadata) -> Result<Vec<String>, SchemaError> {
    let built_in = Schema::from_json(BUILT_IN)?;
    let baseline = Baseline { stored: &built_in, corrected: &built_in };
    let MergeResult { schema, skipped, coverage, .. } = merge(baseline, documents)?;
    let changes = drift(&built_in, &schema);
    let head = match changes.len() {
        0 => format!("no drift from the {} entities built in{coverage}", built_in.entities.len()),
        count => format!(
            "{count} changes since this program was built; `cargo xtask refresh-schema` takes them"
        ),
    };
    let mut lines = vec![format!("{:<12}{head}", "schema")];
    lines.extend(changes.iter().map(|change| match change.is_breaking {
        true => format!("- breaking: {change}"),
        false => format!("- {change}"),
    }));
    lines.extend(skipped.iter().map(|skipped| format!("- skipped: {skipped}")));
    Ok(lines)
}
