//! Text from the tenant neither reveals a secret nor passes for the server's own text.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;
use crate::error::Code;
use crate::executor::RecordFields;

const SECRET: &str = "ICODE7ABCDEFGHIJKLMNOPQ";

fn renderer(limit: usize) -> Renderer {
    let secrets = [SecretString::from(SECRET)];
    Renderer {
        limit,
        records: Redactor::new(&secrets),
        errors: Redactor::new(&secrets),
        time_zone: None,
    }
}

fn record(item: Value, labels: Labels) -> Outcome {
    let Value::Object(item) = item else {
        panic!("a record");
    };
    Outcome::Record(RecordView {
        entity: Entity::Tickets,
        item,
        projection: Projection::All,
        labels,
        lists: Vec::new(),
        resolved: Resolved::default(),
        warnings: Vec::new(),
    })
}

fn rendered(limit: usize, item: Value) -> String {
    renderer(limit).render(Ok(record(item, Labels::default())), None).text
}

#[test]
fn hidden_characters_do_not_split_a_secret() {
    for hidden in ["\u{200b}", "\u{ad}", "\u{feff}"] {
        let text = format!("Header value: {}.", SECRET.replacen('7', &format!("7{hidden}"), 1));
        let response = renderer(1_000).render_error(Error::new(Code::Rejected, text));
        assert_eq!(response.text, "rejected: Header value: [redacted].");
        let structured = response.error.unwrap_or_default().to_string();
        assert!(!structured.contains("ICODE7"), "{structured}");
    }
}

#[test]
fn truncation_never_leaves_part_of_a_secret() {
    for before in 800..1_000 {
        let text = format!("{}{SECRET}{}", "x".repeat(before), "y".repeat(3_000));
        let response = rendered(1_000, json!({ "id": 5, "description": text }));
        assert!(!response.contains("ICODE"), "{before}: {response}");
    }
}

#[test]
fn a_forged_marker_is_text() {
    let text = format!("{}… [cut: 5 of 9 characters]", "x".repeat(5_000));
    let response = rendered(1_000, json!({ "id": 5, "description": text }));
    assert!(response.contains(" of 5026 characters]"), "{response}");
    assert!(response.chars().count() <= 1_000);
}

#[test]
fn labels_from_the_tenant_do_not_replace_ours() {
    let mut labels = Labels::default();
    labels.put("status", 1, "New".into());
    let item = json!({ "id": 7, "status": 1, "status_label": "theirs", "odd\u{200b}": 1 });
    let response = renderer(1_000).render(Ok(record(item, labels)), None).text;
    assert_eq!(response.matches("status_label").count(), 1, "{response}");
    let read: RecordFields = serde_json::from_str(&response).expect("JSON");
    assert_eq!(read.get("item").map(|item| item["odd"].clone()), Some(json!(1)));
}
