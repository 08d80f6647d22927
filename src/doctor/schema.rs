//! What `doctor --schema` says: where the tenant's own facts differ from those this program was built with.

use std::io;

use autotask_facts::drift::drift;
use autotask_facts::learn::{Known, Learnt, learn};
use autotask_facts::schema::Schema;
use autotask_facts::{Problem, documents};
use autotask_mcp::app::App;
use autotask_mcp::survey;

use super::Report;

/// The facts after the corrections by hand, as the tables were rendered from them.
const BUILT_IN: &str = include_str!(concat!(env!("OUT_DIR"), "/facts.json"));

/// Reports the differences and what could not be read, a line each; true if the tenant could not be queried.
pub async fn compare(desk: &App, report: &mut Report) -> io::Result<bool> {
    let asked = survey::documents(desk.executor().client()).await;
    let told = match asked {
        Ok(documents) => compared(&documents).map_err(|e| e.to_string()),
        Err(error) => Err(super::first_line(&error)),
    };
    match told {
        Ok((head, lines)) => {
            report.add("schema", &desk.redact(&head))?;
            let lines = lines.iter().map(|line| desk.redact(line)).collect();
            report.add_details("schema_changes", lines)?;
            Ok(false)
        }
        Err(reason) => {
            report.add("schema", &desk.redact(&reason))?;
            Ok(true)
        }
    }
}

fn compared(documents: &documents::Documents) -> Result<(String, Vec<String>), Problem> {
    let built_in = Schema::from_json(BUILT_IN)?;
    let known = Known { written: &built_in, corrected: &built_in };
    let Learnt { schema, notes, extent, .. } = learn(known, documents)?;
    let changes = drift(&built_in, &schema);
    let head = match changes.len() {
        0 => format!("no drift from the {} entities built in{extent}", built_in.entities.len()),
        count => format!(
            "{count} changes since this program was built; `cargo xtask refresh-schema` takes them"
        ),
    };
    let lines = changes.iter().map(|change| match change.breaks {
        true => format!("breaking: {change}"),
        false => change.to_string(),
    });
    let notes = notes.iter().map(|note| format!("not learnt: {note}"));
    Ok((head, lines.chain(notes).collect()))
}
