//! Prompts: every call in their texts works on the sandbox.
#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use crate::support;

use autotask_mcp::access::Access;
use autotask_mcp::completion::CompletionTarget;
use autotask_mcp::prompts::{self, Prompt, PromptArgument};
use autotask_mcp::tools::Tool;
use serde_json::{Map, Value};
use support::{Harness, config};

/// The values that a model would use for the placeholders in capitals.
const PLACEHOLDER_VALUES: [(&str, &str); 16] = [
    ("CALL", "412"),
    ("VISIT", "412"),
    ("FIRST", "2026-05-01"),
    ("LAST", "2026-05-31"),
    ("UNTIL", "2026-09-28"),
    ("COMPANY", "412"),
    ("WORD", "oven"),
    ("NOW", "2026-06-30T14:00:00Z"),
    ("TODAY", "2026-06-29"),
    ("SINCE", "2026-04-01"),
    ("WHO", "Jonah Whitlock"),
    ("DAY", "2026-06-29"),
    ("HOURS", "1.5"),
    ("SUMMARY", "Replaced the roller."),
    ("ID", "412"),
    ("LABEL", "Critical"),
];
/// The limit for the text of a prompt, because the model reads all of it.
const MAX_PROMPT_CHARS: usize = 3_000;

/// Three values that a user may enter for an argument.
fn values(argument: &PromptArgument) -> [&'static str; 3] {
    match argument.completes {
        None => match argument.name {
            "month" => ["2026-05", "2026-01", "2025-12"],
            "days" => ["90", "30", "365"],
            _ => ["2026-06-29", "today", "tomorrow"],
        },
        Some(CompletionTarget::Ticket) => ["T20260305.0011", "8107", "t20260305.0011"],
        Some(CompletionTarget::Company) => ["marrow bakery", "412", "Marrow Bakery"],
        Some(CompletionTarget::Resource) => {
            ["Jonah Whitlock", "jonah.whitlock@tidewater.example.test", "3005"]
        }
        Some(target) => panic!("no prompt has an argument for {target:?}"),
    }
}

/// The text with the first, second or third value of each argument.
fn text(harness: &Harness, prompt: &Prompt, which: usize) -> String {
    let value = |argument: &PromptArgument| values(argument)[which].into();
    let arguments = prompt.arguments.iter();
    let arguments: Map<_, _> =
        arguments.map(|argument| (argument.name.to_owned(), value(argument))).collect();
    let filled = harness.app.get_prompt(harness.app.operator(), prompt.name, &arguments);
    filled.expect("a prompt").1
}

/// The calls in a text: the word before each JSON object, and the object.
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
            let found = PLACEHOLDER_VALUES.iter().find(|(word, _)| word == text);
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
fn every_call_in_a_prompt_succeeds() {
    let harness = Harness::new();
    let owner = harness.app.operator();
    let all =
        prompts::available(owner.access()).flat_map(|one| (0..3).map(move |which| (one, which)));
    for (prompt, which) in all {
        let calls = calls(&text(&harness, prompt, which));
        assert!(!calls.is_empty(), "{}", prompt.name);
        for (name, mut arguments) in calls {
            arguments.values_mut().for_each(fill);
            if name == "create-time-entry" {
                arguments.insert("ticketID".into(), "8268".into());
            }
            let tool = Tool::find(&name).expect("a tool");
            let response = harness.json(&name, &Value::Object(arguments.clone()));
            let code = response["error"]["code"].as_str();
            let expected_value = (!tool.effect().is_read_only()).then_some("confirm-required");
            assert_eq!(code, expected_value, "{}: {name} {arguments:?}: {response}", prompt.name);
            let warnings = response["warnings"].as_array().map_or(&[][..], Vec::as_slice);
            let is_expected = |warning: &Value| {
                let text = warning.as_str().unwrap_or_default();
                text.contains(" was sent as ") || text.contains("while proxy time entry is off")
            };
            assert!(warnings.iter().all(is_expected), "{}: {name}: {response}", prompt.name);
        }
    }
}

#[test]
fn placeholders_in_capitals_are_explained() {
    let harness = Harness::new();
    for prompt in prompts::available(harness.app.operator().access()) {
        let text = text(&harness, prompt, 0);
        assert!(text.chars().count() <= MAX_PROMPT_CHARS, "{}", prompt.name);
        for (word, _) in PLACEHOLDER_VALUES {
            let used = text.matches(&format!("\"{word}\"")).count();
            let response = text.split(|c: char| !c.is_ascii_alphabetic());
            let response = response.filter(|one| *one == word).count() - used;
            let speaks_for_itself = ["WHO", "DAY", "HOURS", "SUMMARY", "LABEL"].contains(&word);
            assert!(used == 0 || response > 0 || speaks_for_itself, "{}: {word}", prompt.name);
        }
    }
}

#[test]
fn prompts_send_nothing() {
    let mut harness = Harness::new();
    let owner = harness.app.operator().clone();
    for prompt in prompts::available(owner.access()) {
        text(&harness, prompt, 0);
    }
    assert!(harness.requests().is_empty());
}

type Settings = &'static [(&'static str, &'static str)];

#[test]
fn prompts_need_all_of_their_tools() {
    const READ_ONLY: [&str; 8] = [
        "triage-open-tickets",
        "ticket-brief",
        "company-brief",
        "my-day",
        "schedule",
        "sla-watch",
        "month-end",
        "renewals",
    ];
    const ALL: [&str; 9] = [
        "triage-open-tickets",
        "ticket-brief",
        "company-brief",
        "my-day",
        "log-time",
        "schedule",
        "sla-watch",
        "month-end",
        "renewals",
    ];
    const TOOLS: &str = "AUTOTASK_TOOLS";
    let rows: [(Settings, &[&str]); 6] = [
        (&[], &ALL),
        (&[("AUTOTASK_READ_ONLY", "on")], &READ_ONLY),
        (&[(TOOLS, "-count-entity")], &["my-day", "log-time", "schedule"]),
        (&[(TOOLS, "tickets,time")], &["log-time"]),
        (&[(TOOLS, "companies")], &[]),
        (&[(TOOLS, "-query-entity,-create-time-entry")], &ALL[..2]),
    ];
    for (settings, expected) in rows {
        let config = config(settings.iter().copied());
        let access = Access::new(&config).expect("valid settings");
        let names: Vec<_> = prompts::available(&access).map(|prompt| prompt.name).collect();
        assert_eq!(names, expected, "{settings:?}");
    }
    let access = Access::new(&config([])).expect("valid settings");
    let reader = access.restrict(true, None).expect("a restriction");
    assert!(prompts::find(&access, "log-time").is_ok());
    assert!(prompts::find(&reader, "log-time").is_err());
}
