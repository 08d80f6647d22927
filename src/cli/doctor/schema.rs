//! What `doctor --schema` says: where the tenant's schema differs from the built-in one.

use std::io;

use autotask_mcp::app::App;
use autotask_mcp::client::fetch_metadata::fetch_all;
use autotask_schema::SchemaError;
use autotask_schema::drift::drift;
use autotask_schema::merge::{Baseline, MergeResult, merge};
use autotask_schema::schema::Schema;
use autotask_schema::tenant_metadata::TenantMetadata;

use super::Report;

/// Reports the differences and what was skipped, a line each; true if the metadata could not be fetched.
pub async fn compare(app: &App, report: &mut Report) -> io::Result<bool> {
    let compared = match fetch_all(app.executor().client()).await {
        Ok(metadata) => differences(&metadata).map_err(|e| e.to_string()),
        Err(error) => Err(super::first_line(&error)),
    };
    match compared {
        Ok((summary, lines)) => {
            report.add("schema", &app.redact(&summary))?;
            let lines = lines.iter().map(|line| app.redact(line)).collect();
            report.add_details("schema_changes", lines)?;
            Ok(false)
        }
        Err(reason) => {
            report.add("schema", &app.redact(&reason))?;
            Ok(true)
        }
    }
}

fn differences(metadata: &TenantMetadata) -> Result<(String, Vec<String>), SchemaError> {
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
    let lines = changes.iter().map(|change| match change.is_breaking {
        true => format!("breaking: {change}"),
        false => change.to_string(),
    });
    let skipped = skipped.iter().map(|skipped| format!("skipped: {skipped}"));
    Ok((summary, lines.chain(skipped).collect()))
}
