//! Prompts promise what the tools can do: every call that a text asks for is made on the sandbox.
#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod support;

use autotask_mcp::access::Access;
use autotask_mcp::completion::CompletionTarget;
use autotask_mcp::prompts::{self, Prompt};
use autotask_mcp::tools::Tool;
use serde_json::{Map, Value};
use support::{Harness, config};

/// What a model would fill in for the words in capitals.
const FILLED: [(&str, &str); 13] = [
    ("COMPANY", "412"),
    ("WORD", "oven"),
    ("NOW", "2026-06-30T14:00:00Z"),
    ("TODAY", "2026-06-29"),
    ("START", "2026-06-29T04:00:00Z"),
    ("END", "2026-06-30T04:00:00Z"),
    ("SINCE", "2026-04-01"),
    ("WHO", "Jonah Whitlock"),
    ("DAY", "2026-06-29"),
    ("HOURS", "1.5"),
    ("SUMMARY", "Replaced the roller."),
    ("ID", "412"),
    ("LABEL", "Critical"),
];
/// No text is longer, for a model reads it whole.
const LONGEST: usize = 3_000;

/// What a person may give for it.
fn values(blank: CompletionTarget) -> [&'static str; 3] {
    match blank {
        CompletionTarget::Ticket => ["T20260305.0011", "8107", "t20260305.0011"],
        CompletionTarget::Company => ["marrow bakery", "412", "Marrow Bakery"],
        CompletionTarget::Resource => {
            ["Jonah Whitlock", "jonah.whitlock@tidewater.example.test", "3005"]
        }
        CompletionTarget::Contact | CompletionTarget::Entity => panic!("no prompt takes one"),
    }
}

/// The text with the first, second or third of the values in its blanks.
fn text(harness: &Harness, prompt: &Prompt, which: usize) -> String {
    let given = prompt.arguments.iter();
    let given: Map<_, _> =
        given.map(|one| (one.name.to_owned(), values(one.blank)[which].into())).collect();
    let filled = harness.desk.get_prompt(harness.desk.operator(), prompt.name, &given);
    filled.expect("a prompt").1
}

/// Each call of a text: the word before a JSON object, and that object.
fn calls(text: &str) -> Vec<(String, Map<String, Value>)> {
    let call = |(at, _): (usize, &str)| {
        let (before, rest) = text.split_at(at);
        let name = before.split_whitespace().next_back().expect("a tool");
        let mut objects = serde_json::Deserializer::from_str(rest).into_iter();
        let arguments: Value = objects.next().expect("JSON").expect("JSON");
        let Value::Object(arguments) = arguments else {
            panic!("{name}: {arguments}");
        };
        (name.to_owned(), arguments)
    };
    text.match_indices(" {\"").map(call).collect()
}

fn fill(value: &mut Value) {
    match value {
        Value::String(text) => {
            let found = FILLED.iter().find(|(word, _)| word == text);
            if let Some((_, filled)) = found {
                (*filled).clone_into(text);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(fill),
        Value::Object(fields) => fields.values_mut().for_each(fill),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn every_call_that_a_text_asks_for_works() {
    let harness = Harness::new();
    let owner = harness.desk.operator();
    let all =
        prompts::available(owner.gate()).flat_map(|one| (0..3).map(move |which| (one, which)));
    for (prompt, which) in all {
        let calls = calls(&text(&harness, prompt, which));
        assert!(!calls.is_empty(), "{}", prompt.name);
        for (name, mut arguments) in calls {
            arguments.values_mut().for_each(fill);
            if name == "create-time-entry" {
                arguments.insert("ticketID".into(), "8107".into());
            }
            let tool = Tool::find(&name).expect("a tool");
            let answer = harness.json(&name, &Value::Object(arguments.clone()));
            let code = answer["error"]["code"].as_str();
            let wanted = (!tool.does().is_read_only()).then_some("confirm-required");
            assert_eq!(code, wanted, "{}: {name} {arguments:?}: {answer}", prompt.name);
            let warnings = answer["warnings"].as_array().map_or(&[][..], Vec::as_slice);
            assert!(warnings.is_empty(), "{}: {name}: {answer}", prompt.name);
        }
    }
}

#[test]
fn the_words_in_capitals_are_told() {
    let harness = Harness::new();
    for prompt in prompts::available(harness.desk.operator().gate()) {
        let text = text(&harness, prompt, 0);
        assert!(text.chars().count() <= LONGEST, "{}", prompt.name);
        for (word, _) in FILLED {
            let used = text.matches(&format!("\"{word}\"")).count();
            let told = text.split(|c: char| !c.is_ascii_alphabetic());
            let told = told.filter(|one| *one == word).count() - used;
            let speaks_for_itself = ["WHO", "DAY", "HOURS", "SUMMARY", "LABEL"].contains(&word);
            assert!(used == 0 || told > 0 || speaks_for_itself, "{}: {word}", prompt.name);
        }
    }
}

#[test]
fn a_text_asks_nobody() {
    let mut harness = Harness::new();
    let owner = harness.desk.operator().clone();
    for prompt in prompts::available(owner.gate()) {
        text(&harness, prompt, 0);
    }
    assert!(harness.requests().is_empty());
}

type Settings = &'static [(&'static str, &'static str)];

#[test]
fn a_prompt_is_offered_where_all_its_tools_are() {
    const ALL: [&str; 5] =
        ["triage-open-tickets", "ticket-brief", "company-brief", "my-day", "log-time"];
    const TOOLS: &str = "AUTOTASK_TOOLS";
    let rows: [(Settings, &[&str]); 6] = [
        (&[], &ALL),
        (&[("AUTOTASK_READ_ONLY", "on")], &ALL[..4]),
        (&[(TOOLS, "-count-entity")], &["my-day", "log-time"]),
        (&[(TOOLS, "tickets,time")], &["log-time"]),
        (&[(TOOLS, "companies")], &[]),
        (&[(TOOLS, "-query-entity,-create-time-entry")], &ALL[..2]),
    ];
    for (settings, expected) in rows {
        let config = config(settings.iter().copied());
        let gate = Access::new(&config).expect("a gate");
        let names: Vec<_> = prompts::available(&gate).map(|prompt| prompt.name).collect();
        assert_eq!(names, expected, "{settings:?}");
    }
    let gate = Access::new(&config([])).expect("a gate");
    let reader = gate.restrict(true, None).expect("a role");
    assert!(prompts::find(&gate, "log-time").is_ok());
    assert!(prompts::find(&reader, "log-time").is_err());
}
