//! The tools as clients see them: a snapshot of each, and the size of the list.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;

use autotask_mcp::mcp::lists;
use autotask_mcp::tools::Tool;
use serde_json::Value;
use support::Harness;

fn entries(settings: &[(&str, &str)]) -> Vec<Value> {
    let harness = Harness::with(settings.iter().copied());
    let tools = harness.app.operator().access().tools().iter();
    tools.map(|tool| serde_json::to_value(lists::tool(*tool)).expect("JSON")).collect()
}

#[test]
fn tools_match_their_snapshots() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for entry in entries(&[]) {
            let name = format!("tool-{}", entry["name"].as_str().unwrap_or_default());
            insta::assert_snapshot!(name, format!("{entry:#}"));
        }
    });
}

#[test]
fn prompts_match_their_snapshot() {
    let harness = Harness::new();
    let listed = lists::prompts(harness.app.operator().access());
    let listed = serde_json::to_value(listed).expect("JSON");
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("prompts", format!("{listed:#}"));
    });
}

/// Every conversation of a model contains the list; its tokens are estimated as characters / 4.
#[test]
fn the_list_stays_small() {
    let reads = Tool::ALL.iter().filter(|tool| tool.effect().is_read_only()).count();
    let cases = [
        ("all tools", vec![], Tool::ALL.len(), 5_800),
        ("read-only", vec![("AUTOTASK_READ_ONLY", "1")], reads, 3_300),
    ];
    for (what, settings, count, max) in cases {
        let entries = entries(&settings);
        let tokens = serde_json::to_string(&entries).expect("JSON").chars().count() / 4;
        println!("{what}: {tokens} tokens of at most {max}");
        assert_eq!(entries.len(), count, "{what}");
        assert!(
            tokens <= max,
            "{what}: {tokens} tokens, at most {max}: shorten `about` and `help` in schema/tools.toml"
        );
    }
}

#[test]
fn every_entry_is_portable_and_complete() {
    for entry in entries(&[]) {
        let name = entry["name"].as_str().expect("a name");
        let schema = &entry["inputSchema"];
        assert_eq!(schema["type"], "object", "{name}");
        let is_open = name.starts_with("search-")
            || (name.starts_with("create-") || name.starts_with("update-"))
                && !name.ends_with("-entity");
        // Without the key, further properties are allowed.
        assert_eq!(schema["additionalProperties"] != false, is_open, "{name}");
        assert!(entry["title"].is_string() && entry["description"].is_string(), "{name}");
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        assert!(!required.contains(&"confirm".into()), "{name} can be previewed");
        for (argument, property) in schema["properties"].as_object().expect("properties") {
            let is_one_type = ["integer", "number", "boolean", "string", "object", "array"]
                .contains(&property["type"].as_str().unwrap_or_default());
            assert!(is_one_type, "{name}.{argument}: {property}");
            assert!(property["description"].is_string(), "{name}.{argument} is described");
        }
    }
}

#[test]
fn hints_match_the_effect_of_a_tool() {
    for (entry, tool) in entries(&[]).iter().zip(Tool::ALL) {
        let (name, hints) = (tool.name(), &entry["annotations"]);
        assert_eq!(hints["readOnlyHint"], tool.token().is_none(), "{name}");
        let destroys = name.starts_with("update-") || name.starts_with("delete-");
        if tool.token().is_some() {
            assert_eq!(hints["destructiveHint"], destroys, "{name}");
        }
    }
}
