//! Broken declarations, and what their author reads.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::fs;
use std::path::{Path, PathBuf};

use autotask_codegen::Declarations;

const SHARED: &str = "[shared]\nfields = { type = \"names\", help = \"Fields.\" }\n";
const TOOL: &str = "[[tool]]\nname = \"get-ticket\"\ngroup = \"tickets\"\ndoes = \"get\"\ntitle = \"T\"\nabout = \"A.\"\n";
const NO_CORRECTION: &str = "correction = []\n";

/// A `schema/` folder with the real entities of Tickets, Companies and what they refer to.
fn folder(name: &str, overlay: &str, tools: &str) -> PathBuf {
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/entities");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(folder.join("entities")).expect("a folder");
    for entity in ["Tickets.json", "Companies.json"] {
        fs::copy(real.join(entity), folder.join("entities").join(entity)).expect("a copy");
    }
    fs::write(folder.join("overlay.toml"), overlay).expect("an overlay");
    fs::write(folder.join("names.toml"), "").expect("names");
    fs::write(folder.join("tools.toml"), format!("{SHARED}{tools}")).expect("tools");
    folder
}

fn check(name: &str, overlay: &str, tools: &str, read: &str) {
    let refused = Declarations::load(&folder(name, overlay, tools)).err();
    let text = refused
        .map(|problem| problem.to_string())
        .unwrap_or_default();
    assert!(text.contains(read), "{name}: expected {read:?} in {text:?}");
}

#[test]
fn tools_are_refused_by_name_and_nearest() {
    let cases = [
        (
            "entity",
            "entity = \"Tikets\"\ninputs = []",
            "get-ticket: no entity is called \"Tikets\"; did you mean \"Tickets\"?",
        ),
        (
            "shown",
            "entity = \"Tickets\"\nshows = [\"titel\"]\ninputs = []",
            "no field of Tickets is called \"titel\"; did you mean \"title\"?",
        ),
        (
            "field",
            "entity = \"Tickets\"\ninputs = [{ name = \"statsu\", help = \"S.\" }]",
            "argument \"statsu\": no field of Tickets is called \"statsu\"; did you mean \"status\"?",
        ),
        (
            "shared",
            "entity = \"Tickets\"\ninputs = [\"feilds\"]",
            "no shared argument is called \"feilds\"; did you mean \"fields\"?",
        ),
        (
            "typeless",
            "inputs = [{ name = \"search\", help = \"S.\" }]",
            "needs a type",
        ),
        (
            "kind",
            "inputs = [{ name = \"a\", type = \"idd\", help = \"S.\" }]",
            "tools.toml",
        ),
        ("key", "inputs = []\nentitty = \"Tickets\"", "tools.toml"),
    ];
    for (name, body, read) in cases {
        check(
            &format!("tool-{name}"),
            NO_CORRECTION,
            &format!("{TOOL}{body}\n"),
            read,
        );
    }
}

#[test]
fn corrections_are_refused_when_idle_or_unexplained() {
    let correction = |reason: &str, entity: &str, field: &str, set: &str| {
        format!(
            "[[correction]]\nreason = \"{reason}\"\nentities = [\"{entity}\"]\nfield = \"{field}\"\nset = {{ {set} }}\n"
        )
    };
    let cases = [
        (
            "idle",
            correction("Because.", "Tickets", "title", "length = 255"),
            "Tickets.title: the correction changes nothing",
        ),
        (
            "unexplained",
            correction("", "Tickets", "title", "length = 9"),
            "gives its reason",
        ),
        (
            "field",
            correction("Because.", "Tickets", "titel", "length = 9"),
            "did you mean \"title\"?",
        ),
        (
            "entity",
            correction("Because.", "Ticket", "title", "length = 9"),
            "did you mean \"Tickets\"?",
        ),
        (
            "key",
            correction("Because.", "Tickets", "title", "lenght = 9"),
            "unknown field `lenght`",
        ),
    ];
    for (name, overlay, read) in cases {
        check(&format!("overlay-{name}"), &overlay, "tool = []\n", read);
    }
}

#[test]
fn files_are_refused_when_they_do_not_read() {
    let broken = folder("broken", NO_CORRECTION, "tool = []\n");
    let file = broken.join("entities/Tickets.json");
    for (text, read) in [
        ("{", "Tickets.json"),
        ("{\"name\":\"Tickets\"}", "missing field"),
    ] {
        fs::write(&file, text).expect("a broken file");
        let refused = Declarations::load(&broken)
            .err()
            .map(|problem| problem.to_string());
        assert!(refused.is_some_and(|said| said.contains(read)), "{text}");
    }
}
