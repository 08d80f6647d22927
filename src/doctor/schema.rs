//! What `doctor --schema` says: where the tenant's own facts differ from those this program was built with.

use std::io::{self, Write};

use autotask_facts::drift::drift;
use autotask_facts::learn::{Known, Learnt, learn};
use autotask_facts::schema::Schema;
use autotask_facts::{Problem, documents};
use autotask_mcp::app::App;
use autotask_mcp::survey;

/// The facts after the corrections by hand, as the tables were rendered from them.
const BUILT_IN: &str = include_str!(concat!(env!("OUT_DIR"), "/facts.json"));

/// Prints the drift and what could not be learnt, a line each; true where the tenant could not be asked.
pub async fn examine(desk: &App, out: &mut impl Write) -> io::Result<bool> {
    let asked = survey::documents(desk.executor().client()).await;
    let told = match asked {
        Ok(documents) => compared(&documents).map_err(|e| e.to_string()),
        Err(error) => Err(super::first_line(&error)),
    };
    match told {
        Ok(lines) => {
            for line in lines {
                writeln!(out, "{}", desk.redact(&line))?;
            }
            Ok(false)
        }
        Err(reason) => {
            super::line(out, "schema", &desk.redact(&reason))?;
            Ok(true)
        }
    }
}

fn compared(documents: &documents::Documents) -> Result<Vec<String>, Problem> {
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
    let mut lines = vec![format!("{:<12}{head}", "schema")];
    lines.extend(changes.iter().map(|change| match change.breaks {
        true => format!("- breaking: {change}"),
        false => format!("- {change}"),
    }));
    lines.extend(notes.iter().map(|note| format!("- not learnt: {note}")));
    Ok(lines)
}
