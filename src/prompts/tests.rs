//! Tables: placeholders that are replaced, and valid and invalid values.

use serde_json::json;

use super::*;

#[test]
fn placeholders_are_replaced_once() {
    let values = [("a", "\"{b}\"".to_owned()), ("b", "[5]".to_owned())];
    for (text, expected) in [
        ("", ""),
        ("plain", "plain"),
        ("{a}{b}", "\"{b}\"[5]"),
        ("{\"id\":{b}}", "{\"id\":[5]}"),
        ("{c} {a", "{c} {a"),
        ("{}{{b}}", "{}{[5]}"),
    ] {
        assert_eq!(substitute(text, &values), expected, "{text}");
    }
}

#[test]
fn values_are_short_lines() {
    let argument = argument("ticket", ValueKind::Text, Some(CompletionTarget::Ticket), "A number.");
    let long = "x".repeat(MAX_PREFIX_CHARS + 1);
    let rows = [
        (json!("T1"), Ok("\"T1\"")),
        (json!("  T1\n"), Ok("\"T1\"")),
        (json!(8107), Ok("\"8107\"")),
        (json!("a\"b\\c"), Ok("\"a\\\"b\\\\c\"")),
        (json!("a\u{202e}b\u{2028}"), Ok("\"ab\"")),
        (json!(null), Err("is missing")),
        (json!(""), Err("is empty")),
        (json!("\u{200b}"), Err("is empty")),
        (json!(true), Err("must be text")),
        (json!({}), Err("must be text")),
        (json!(long), Err("is longer than 200 characters")),
        (json!("a\tb"), Err("control characters")),
        (json!("a\u{0}b"), Err("control characters")),
        (json!("a\u{85}b"), Err("control characters")),
    ];
    for (value, expected) in rows {
        match (argument.parse(Some(&value)), expected) {
            (Ok(parsed), Ok(text)) => assert_eq!(parsed, text),
            (Err(message), Err(part)) => {
                assert!(message.contains(part) && message.ends_with("A number."), "{message}");
            }
            (parsed, _) => panic!("{value}: {parsed:?}"),
        }
    }
    assert!(argument.parse(None).is_err());
}

#[test]
fn values_have_the_kind_of_their_argument() {
    for (kind, valid, invalid) in [
        (
            ValueKind::Day,
            &["2026-06-30", "today", "Tomorrow", "yesterday"][..],
            &["Thursday", "x", "13/13/2026", "2026-06-31", "2026-06-30T10:00:00Z", "next week"][..],
        ),
        (ValueKind::Month, &["2026-05", "2025-12"], &["June", "2026-13", "2026-5", "2026-05-01"]),
        (ValueKind::Count, &["1", "90"], &["abc", "0", "-5", "1.5", "90 days"]),
    ] {
        for (text, expected) in
            valid.iter().map(|text| (text, true)).chain(invalid.iter().map(|text| (text, false)))
        {
            assert_eq!(kind.accepts(text), expected, "{kind:?} {text}");
        }
    }
}
