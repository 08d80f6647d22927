//! `doctor --schema`: reports where the tenant's schema differs from the built-in one.

use autotask_mcp::app::App;
use autotask_mcp::client::fetch_metadata::fetch_all;
use autotask_schema::SchemaError;
use autotask_schema::drift::drift;
use autotask_schema::merge::{Baseline, MergeResult, merge};
use autotask_schema::schema::Schema;
use autotask_schema::tenant_metadata::TenantMetadata;

use super::advice;
use super::report::Finding;

/// The differences and the skipped entities, one per line; a problem if the metadata could not be fetched.
pub async fn compare(app: &App) -> Finding {
    let compared = match fetch_all(app.executor().client()).await {
        Ok(metadata) => {
            differences(&metadata).map_err(|error| (error.to_string(), RETRY.to_owned()))
        }
        Err(error) => {
            let detail = format!("{}: {}", error.code().name(), error.message());
            Err((detail, advice::next(&error)))
        }
    };
    match compared {
        Ok(lines) => Finding::new("schema", lines.join("\n- ")),
        Err((detail, advice)) => Finding::problem("schema", detail, advice),
    }
}

const RETRY: &str = "Check the rights of the API user, and try again.";

/// A summary, then a line for each difference.
fn differences(metadata: &TenantMetadata) -> Result<Vec<String>, SchemaError> {
    let built_in = Schema::from_json(autotask_schema::built_in())?;
    let baseline = Baseline { stored: &built_in, corrected: &built_in };
    let MergeResult { schema, skipped, coverage, .. } = merge(baseline, metadata)?;
    let changes = drift(&built_in, &schema);
    let summary = match changes.len() {
        0 => format!(
            "the same as the built-in schema of {} entities{coverage}",
            built_in.entities.len()
        ),
        count => format!(
            "{count} changes since this program was built; `cargo xtask refresh-schema` applies them"
        ),
    };
    let lines = changes.iter().map(|change| match change.is_breaking {
        true => format!("breaking: {change}"),
        false => change.to_string(),
    });
    let skipped = skipped.iter().map(|skipped| format!("skipped: {skipped}"));
    Ok([summary].into_iter().chain(lines).chain(skipped).collect())
}
