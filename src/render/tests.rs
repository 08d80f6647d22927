//! What a tenant writes neither gives a secret away nor passes for our words.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;
use crate::error::Code;
use crate::executor::RecordFields;
use crate::resolver::Labels;

const SECRET: &str = "ICODE7ABCDEFGHIJKLMNOPQ";

fn voice(limit: usize) -> Renderer {
    let secrets = [SecretString::from(SECRET)];
    Renderer { limit, records: Redactor::new(&secrets), errors: Redactor::new(&secrets) }
}

fn one(item: Value, labels: Labels) -> Outcome {
    let Value::Object(item) = item else {
        panic!("a record");
    };
    Outcome::Record(RecordView {
        item,
        shown: Projection::All,
        labels,
        lists: Vec::new(),
        resolved: Resolved::default(),
        warnings: Vec::new(),
    })
}

fn said(limit: usize, item: Value) -> String {
    voice(limit).render(Ok(one(item, Labels::default()))).text
}

#[test]
fn a_secret_does_not_come_together_in_an_error() {
    for hidden in ["\u{200b}", "\u{ad}", "\u{feff}"] {
        let text = format!("Header value: {}.", SECRET.replacen('7', &format!("7{hidden}"), 1));
        let answer = voice(1_000).render_error(Error::new(Code::Rejected, text));
        assert_eq!(answer.text, "rejected: Header value: [redacted].");
        let structured = answer.error.unwrap_or_default().to_string();
        assert!(!structured.contains("ICODE7"), "{structured}");
    }
}

#[test]
fn no_cut_leaves_the_beginning_of_a_secret() {
    for before in 800..1_000 {
        let text = format!("{}{SECRET}{}", "x".repeat(before), "y".repeat(3_000));
        let answer = said(1_000, json!({ "id": 5, "description": text }));
        assert!(!answer.contains("ICODE"), "{before}: {answer}");
    }
}

#[test]
fn nobody_else_says_how_long_a_text_was() {
    let text = format!("{}… [cut: 5 of 9 characters]", "x".repeat(5_000));
    let answer = said(1_000, json!({ "id": 5, "description": text }));
    assert!(answer.contains(" of 5026 characters]"), "{answer}");
    assert!(!answer.contains("\\u0001"), "{answer}");
    assert!(answer.chars().count() <= 1_000);
}

#[test]
fn a_member_comes_once_and_under_a_plain_name() {
    let mut labels = Labels::default();
    labels.put("status", 1, "New".into());
    let item = json!({ "id": 7, "status": 1, "status_label": "theirs", "odd\u{200b}": 1 });
    let answer = voice(1_000).render(Ok(one(item, labels))).text;
    assert_eq!(answer.matches("status_label").count(), 1, "{answer}");
    let read: RecordFields = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(read.get("item").map(|item| item["odd"].clone()), Some(json!(1)));
}
