//! Tables: blanks that are filled, and values that are none.

use serde_json::json;

use super::*;

#[test]
fn blanks_are_filled_once() {
    let values = [("a", "\"{b}\"".to_owned()), ("b", "[5]".to_owned())];
    for (text, expected) in [
        ("", ""),
        ("no blank", "no blank"),
        ("{a}{b}", "\"{b}\"[5]"),
        ("{\"id\":{b}}", "{\"id\":[5]}"),
        ("{c} {a", "{c} {a"),
        ("{}{{b}}", "{}{[5]}"),
    ] {
        assert_eq!(substitute(text, &values), expected, "{text}");
    }
}

#[test]
fn a_value_is_a_short_line() {
    let argument = argument("ticket", CompletionTarget::Ticket, "A number.");
    let long = "x".repeat(MAX_PREFIX_CHARS + 1);
    let rows = [
        (json!("T1"), Ok("\"T1\"")),
        (json!("  T1\n"), Ok("\"T1\"")),
        (json!(8107), Ok("\"8107\"")),
        (json!("a\"b\\c"), Ok("\"a\\\"b\\\\c\"")),
        (json!("a\u{202e}b\u{2028}"), Ok("\"ab\"")),
        (json!(null), Err("is missing")),
        (json!(""), Err("is blank")),
        (json!("\u{200b}"), Err("is blank")),
        (json!(true), Err("is no text")),
        (json!({}), Err("is no text")),
        (json!(long), Err("is longer than 200 characters")),
        (json!("a\tb"), Err("control characters")),
        (json!("a\u{0}b"), Err("control characters")),
        (json!("a\u{85}b"), Err("control characters")),
    ];
    for (given, expected) in rows {
        match (argument.read(Some(&given)), expected) {
            (Ok(read), Ok(text)) => assert_eq!(read, text),
            (Err(told), Err(why)) => {
                assert!(told.contains(why) && told.ends_with("A number."), "{told}");
            }
            (read, _) => panic!("{given}: {read:?}"),
        }
    }
    assert!(argument.read(None).is_err());
}
