//! Broken reports, and what their author reads.

use autotask_codegen::reports;
use autotask_codegen::tools::{self, Tool};
use autotask_schema::schema::Schema;

const TOOLS: &str = r#"
[shared]
[[tool]]
name = "count-entity"
group = "generic"
effect = "read"
title = "T"
description = "A."
inputs = [{ name = "entity", type = "entity", help = "E." }]
[[tool]]
name = "create-entity"
group = "generic"
effect = "create"
title = "T"
description = "A."
inputs = []
"#;

fn tools() -> Vec<Tool> {
    tools::read(TOOLS, &Schema::default()).unwrap_or_default()
}

/// What is wrong with a report after one replacement.
fn check(from: &str, to: &str, expected: &str) {
    const REPORT: &str = r#"
[[report]]
name = "week"
title = "T"
description = "A."
period = "week"
calls = { open = 'count-entity {"entity":"Tickets"}' }
outcomes = { solved = { done = ["a"], due = "b" } }
[[report.section]]
title = "Open"
kind = "bars"
sort = "-open"
columns = [{ key = "queue", label = "Q" }, { key = "open", label = "O", from = "open.count" }, { key = "met", label = "M", count = ["solved=Met"] }]
"#;
    assert!(reports::read(REPORT, &tools()).is_ok());
    let report = REPORT.replace(from, to);
    assert_ne!(report, REPORT, "{from}");
    let problem = reports::read(&report, &tools()).map_err(|problem| problem.to_string());
    let problem = problem.err().unwrap_or_default();
    assert!(problem.contains(expected), "{problem}");
}

#[test]
fn what_a_report_names_must_exist() {
    for (from, to, expected) in [
        (
            "count-entity {",
            "count-entty {",
            "week: open: no tool is called \"count-entty\"; did you mean \"count-entity\"?",
        ),
        ("{\"entity\"", "{\"entty\"", "no argument is called \"entty\"; did you mean \"entity\"?"),
        ("count-entity {\"entity\":\"Tickets\"}", "create-entity {}", "create-entity writes"),
        (
            "open.count",
            "opn.count",
            "week: Open: no call is called \"opn\"; did you mean \"open\"?",
        ),
        ("\"-open\"", "\"-opn\"", "no column is called \"opn\"; did you mean \"open\"?"),
        ("solved=Met", "slved=Met", "no outcome is called \"slved\"; did you mean \"solved\"?"),
        ("\"week\"\ncalls", "\"fortnight\"\ncalls", "a period is week, month, past N or next N"),
        ("kind = \"bars\"", "kind = \"pie\"", "unknown variant `pie`"),
        ("sort =", "srt =", "unknown field `srt`"),
    ] {
        check(from, to, expected);
    }
}
