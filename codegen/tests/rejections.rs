//! Errors for invalid declarations.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::fs;
use std::path::{Path, PathBuf};

use autotask_codegen::{Declarations, render};
use autotask_schema::schema::Schema;

const SHARED: &str = "[shared]\nfields = { type = \"names\", help = \"Fields.\" }\n";
const TOOL: &str = "[[tool]]\nname = \"get-ticket\"\ngroup = \"tickets\"\neffect = \"get\"\ntitle = \"T\"\ndescription = \"A.\"\n";
const NO_CORRECTION: &str = "correction = []\n";

/// A `schema/` folder with the real entities Tickets and Companies.
fn folder(name: &str, overlay: &str, tools: &str) -> PathBuf {
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/entities");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(folder.join("entities")).expect("a folder");
    for entity in ["Tickets.json", "Companies.json"] {
        fs::copy(real.join(entity), folder.join("entities").join(entity)).expect("a copy");
    }
    fs::write(folder.join("overlay.toml"), overlay).expect("an overlay");
    for empty in
        ["names.toml", "calendar-days.toml", "terms.toml", "argument-names.toml", "reports.toml"]
    {
        fs::write(folder.join(empty), "").expect("an empty file");
    }
    fs::write(folder.join("tools.toml"), format!("{SHARED}{tools}")).expect("tools");
    fs::write(folder.join("prompts.toml"), "prompt = []\n[arguments]\n").expect("prompts");
    folder
}

/// A `prompts.toml` with one prompt.
fn prompt(name: &str, tools: &str, arguments: &str, text: &str) -> String {
    format!(
        "[arguments]\nticket = {{ completes = \"ticket\", help = \"T.\" }}\n[[prompt]]\nname = \"{name}\"\ntitle = \"T\"\ndescription = \"A.\"\ntools = [{tools}]\narguments = [{arguments}]\ntext = '''{text}'''\n"
    )
}

/// The error for a `prompts.toml` next to one tool; empty if there is none.
fn prompts_error(prompts: &str) -> String {
    let input = "{ name = \"id\", type = \"ticket\", required = true, help = \"I.\" }";
    let tool = format!("{TOOL}entity = \"Tickets\"\ninputs = [{input}]\n");
    let declared = folder("prompts", NO_CORRECTION, &tool);
    fs::write(declared.join("prompts.toml"), prompts).expect("prompts");
    let rejected = Declarations::load(&declared).err();
    rejected.map_or_else(String::new, |error| error.to_string())
}

#[test]
fn invalid_prompts_are_rejected_with_the_closest_name() {
    const TOOL: &str = "\"get-ticket\"";
    const TICKET: &str = "\"ticket\"";
    const CALL: &str = "Call get-ticket {\"id\":{ticket}} first.";
    let rows = [
        (
            "\"get-tickt\"",
            TICKET,
            CALL,
            "prompts.toml: brief: no tool is called \"get-tickt\"; did you mean \"get-ticket\"?",
        ),
        ("", TICKET, CALL, "the text names \"get-ticket\", which is not among its tools"),
        (TOOL, TICKET, "On {ticket}.", "the text does not name \"get-ticket\""),
        (TOOL, "\"tickt\"", CALL, "no argument is called \"tickt\"; did you mean \"ticket\"?"),
        (TOOL, "", CALL, "no argument is called \"ticket\""),
        (
            TOOL,
            TICKET,
            "get-ticket {\"id\":1}",
            "argument \"ticket\": the text does not use {ticket}",
        ),
        (
            TOOL,
            TICKET,
            "get-ticket {\"idd\":{ticket}}",
            "get-ticket: no argument is called \"idd\"; did you mean \"id\"?",
        ),
        (TOOL, TICKET, "get-ticket {\"id\":{ticket},}", "get-ticket: the call is not valid JSON"),
        (
            TOOL,
            TICKET,
            "get-ticket, get-tickets {\"id\":{ticket}}",
            "no tool is called \"get-tickets\"; did you mean \"get-ticket\"?",
        ),
    ];
    for (tools, arguments, text, expected) in rows {
        let error = prompts_error(&prompt("brief", tools, arguments, text));
        assert!(error.contains(expected), "expected {expected:?} in {error:?}");
    }
    let valid = prompt("brief", TOOL, TICKET, CALL);
    assert_eq!(prompts_error(&valid), "");
    let (_, duplicate) = valid.split_once("[[prompt]]").expect("a prompt");
    let rows = [
        (
            prompt("Brief_me", TOOL, TICKET, CALL),
            "prompts.toml: Brief_me: a name consists of lower-case letters",
        ),
        (format!("{valid}extra = 1\n"), "prompts.toml: "),
        (
            format!("{valid}[[prompt]]{duplicate}"),
            "prompts.toml: brief: another prompt has this name",
        ),
    ];
    for (prompts, expected) in rows {
        let error = prompts_error(&prompts);
        assert!(error.contains(expected), "expected {expected:?} in {error:?}");
    }
}

fn check(name: &str, overlay: &str, tools: &str, expected: &str) {
    let rejected = Declarations::load(&folder(name, overlay, tools)).err();
    let text = rejected.map(|error| error.to_string()).unwrap_or_default();
    assert!(text.contains(expected), "{name}: expected {expected:?} in {text:?}");
}

#[test]
fn invalid_tools_are_rejected_with_the_closest_name() {
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
        ("typeless", "inputs = [{ name = \"search\", help = \"S.\" }]", "needs a type"),
        ("kind", "inputs = [{ name = \"a\", type = \"idd\", help = \"S.\" }]", "tools.toml"),
        ("key", "inputs = []\nentitty = \"Tickets\"", "tools.toml"),
    ];
    for (name, body, expected) in cases {
        check(&format!("tool-{name}"), NO_CORRECTION, &format!("{TOOL}{body}\n"), expected);
    }
    for (name, invalid) in
        [("get-ticket", "get ticket"), ("\"tickets\"", "\"Tickets\""), ("tickets", "")]
    {
        let tool = format!("{}inputs = []\n", TOOL.replace(name, invalid));
        check("tool-name", NO_CORRECTION, &tool, "a name consists of lower-case letters");
    }
}

#[test]
fn corrections_without_an_effect_or_a_reason_are_rejected() {
    let correction = |reason: &str, entity: &str, field: &str, set: &str| {
        format!(
            "[[correction]]\nreason = \"{reason}\"\nentities = [\"{entity}\"]\nfields = [\"{field}\"]\nset = {{ {set} }}\n"
        )
    };
    let cases = [
        (
            "no-effect",
            correction("Because.", "Tickets", "title", "length = 255"),
            "Tickets.title: the correction changes nothing",
        ),
        ("no-reason", correction("", "Tickets", "title", "length = 9"), "needs a reason"),
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
        ("key", correction("Because.", "Tickets", "title", "lenght = 9"), "unknown field `lenght`"),
    ];
    for (name, overlay, expected) in cases {
        check(&format!("overlay-{name}"), &overlay, "tool = []\n", expected);
    }
}

#[test]
fn entities_with_reserved_names_are_rejected() {
    let tool = format!("{TOOL}entity = \"Tickets\"\ninputs = []\n");
    let declared = folder("reserved", NO_CORRECTION, &tool);
    let mut schema = Schema::load(&declared.join("entities")).expect("entities");
    let fields = schema.entities.values_mut().flat_map(|e| &mut e.fields);
    fields.for_each(|field| field.reference_entity_type = None);
    let error_with = |name: &str| {
        let mut schema = schema.clone();
        let mut entity = schema.entities["Companies"].clone();
        name.clone_into(&mut entity.name);
        entity.singular = None;
        schema.entities.insert(name.to_owned(), entity);
        let declared = Declarations::with(&declared, schema).expect("declarations");
        render(&declared).err().map(|error| error.to_string())
    };
    for name in ["Children", "Text", "Long", "Some", "ALL", "companies", "COMPANIES", "row"] {
        let error = error_with(name).unwrap_or_default();
        let expected = "has a name that the generated tables use already";
        assert!(error.contains(expected), "{name}: {error}");
    }
    for name in ["Robots", "Entities", "Rows"] {
        assert_eq!(error_with(name), None);
    }
}

#[test]
fn files_that_cannot_be_parsed_are_rejected() {
    let broken = folder("broken", NO_CORRECTION, "tool = []\n");
    let file = broken.join("entities/Tickets.json");
    for (text, expected) in [("{", "Tickets.json"), ("{\"name\":\"Tickets\"}", "missing field")] {
        fs::write(&file, text).expect("a broken file");
        let rejected = Declarations::load(&broken).err().map(|error| error.to_string());
        assert!(rejected.is_some_and(|error| error.contains(expected)), "{text}");
    }
}
