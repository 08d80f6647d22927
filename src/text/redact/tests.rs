//! No secret survives in any spelling; innocent text does.
#![expect(
    clippy::format_collect,
    clippy::string_slice,
    reason = "Spellings are built character by character from ASCII."
)]

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{REDACTED, Redactor};

mod canary;

const SECRETS: [&str; 9] = [
    "x2Y#7d~M*4qP",
    "p@ss w/o\"rd\\%25+1",
    "????>>>>~~~~",
    "K3KSDZ6P2GT4QXN2JHDAR7WYXEL",
    "Grüße~€🔑",
    "abcd",
    "$1nd",
    "\\\\\\\\\\\\\\\\",
    "100%",
];

fn redactor(secret: &str) -> Redactor {
    Redactor::new([&SecretString::from(secret)])
}

#[test]
fn a_second_copy_in_base64_goes_too() {
    for secret in ["ICODE7ABCDEFGHIJKLMNOPQ", "s3cr3t#$~&\"X/9+z"] {
        let twice = STANDARD.encode(secret.repeat(2));
        let left = redactor(secret).redact_secrets(&twice).replace(REDACTED, "");
        assert!(left.len() < 5, "{twice}: {left}");
    }
}

fn lower_hex(text: &str) -> String {
    let mut chars = text.chars();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '%' {
            out.extend(chars.by_ref().take(2).map(|c| c.to_ascii_lowercase()));
        }
    }
    out
}

fn units(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect()
}

fn spellings(secret: &str) -> Vec<String> {
    let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let every = secret.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let json = Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let json_twice = Value::from(json.as_str()).to_string();
    vec![
        secret.to_owned(),
        encoded.replace("%20", "+"),
        lower_hex(&encoded),
        percent_encode(encoded.as_bytes(), NON_ALPHANUMERIC).to_string(),
        lower_hex(&every),
        every,
        encoded,
        json.replace('/', "\\/"),
        json_twice[1..json_twice.len() - 1].to_owned(),
        json,
        units(secret).to_lowercase(),
        units(secret),
    ]
}

#[test]
fn no_spelling_survives() {
    for secret in SECRETS {
        let redactor = redactor(secret);
        for spelled in spellings(secret) {
            let text = format!("before {spelled}, after");
            assert_eq!(redactor.redact(&text), "before [redacted], after", "{secret}");
            assert_eq!(redactor.redact(&spelled), "[redacted]", "{secret}");
        }
    }
}

#[test]
fn no_base64_survives() {
    for secret in SECRETS {
        let redactor = redactor(secret);
        for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
            let exact = engine.encode(secret);
            let text = format!("({exact})");
            let clean = redactor.redact(&text).replace('=', "");
            assert_eq!(clean, "([redacted])", "{secret}");
            let encoded = utf8_percent_encode(&exact, NON_ALPHANUMERIC).to_string();
            assert!(redactor.redact(&encoded).contains("[redacted]"), "{secret}");
        }
        for (before, after) in [("user:", ""), ("1234", ":x"), ("12345", "\n"), ("123456", "zz")] {
            if secret.len() < 6 {
                continue;
            }
            let text = STANDARD.encode(format!("{before}{secret}{after}"));
            let clean = redactor.redact(&text).into_owned();
            assert!(clean.contains("[redacted]"), "{secret}: {text}");
            let left = clean.replace("[redacted]", "").len();
            assert!(left * 3 / 4 <= before.len() + after.len() + 2, "{secret}: {clean}");
        }
    }
}

#[test]
fn innocent_text_is_borrowed() {
    let redactor = Redactor::new(&SECRETS.map(SecretString::from));
    for text in [
        "",
        "A secret is a word.",
        "Autotask refused the secret; check AUTOTASK_SECRET: it is set.",
        "100 % + \\ \\u00 %2 %zz \\",
        "Grüße aus Köln 🔑",
        "{\"secretary\":\"Ann\",\"apiIntegrationCodes\":5}",
    ] {
        assert!(matches!(redactor.redact(text), Cow::Borrowed(_)), "{text}");
    }
}

#[test]
fn short_secrets_are_whole_words() {
    for (text, clean) in [
        ("ab abc cab (ab) ab", "[redacted] abc cab ([redacted]) [redacted]"),
        ("YWI= xYWI", "[redacted]= xYWI"),
        ("%61%62", "[redacted]"),
    ] {
        assert_eq!(redactor("ab").redact(text), clean);
    }
    assert_eq!(redactor("").redact("nothing to find"), "nothing to find");
}

#[test]
fn header_pairs() {
    let redactor = Redactor::new([]);
    for (text, clean) in [
        ("Secret: hush", "Secret: [redacted]"),
        ("SECRET:hush, UserName: ann", "SECRET:[redacted], UserName: [redacted]"),
        ("a=1&secret=hush&b=2", "a=1&secret=[redacted]&b=2"),
        ("ApiIntegrationCode=hush", "ApiIntegrationCode=[redacted]"),
        ("apiintegrationcode = 'hu sh' ", "apiintegrationcode = '[redacted]' "),
        ("Authorization: Bearer hush.x", "Authorization: Bearer [redacted]"),
        ("authorization: basic aHVzaA==", "authorization: basic [redacted]"),
        (r#"{"Secret":"hu,sh","a":1}"#, r#"{"Secret":"[redacted]","a":1}"#),
        (r#"{\"Secret\": \"hush\"}"#, r#"{\"Secret\": \"[redacted]\"}"#),
        ("Secret: [redacted]", "Secret: [redacted]"),
        ("Secret:", "Secret:"),
    ] {
        assert_eq!(redactor.redact(text), clean);
    }
}

#[test]
fn values_are_redacted_whole() {
    let redactor = redactor("hush-hush");
    let mut value = json!({
        "title": "say hush-hush",
        "hush-hush": [1, null, true, "aHVzaC1odXNo"],
        "deep": { "Secret": "other", "secret": 5 },
    });
    redactor.redact_value(&mut value);
    let clean = json!({
        "title": "say [redacted]",
        "[redacted]": [1, null, true, "[redacted]"],
        "deep": { "Secret": "other", "secret": 5 },
    });
    assert_eq!(value, clean, "what only looks like a secret stays");
}

/// The name of a header begins no match that would end before the secret does.
#[test]
fn no_tail_stays_behind_a_header() {
    for secret in ["s3cr3t#$~&\"X/9+z", "pa,ss;word&tail9", "with some spaces", "it's \"quoted\""] {
        let redactor = redactor(secret);
        for text in [format!("Secret: {secret}"), json!({ "secret": secret }).to_string()] {
            let clean = redactor.redact(&text);
            let tail: String = secret.chars().skip(secret.chars().count() - 5).collect();
            assert!(!clean.contains(&tail), "{clean}");
        }
    }
}

#[test]
fn overlapping_secrets_leave_no_tail() {
    let secrets = ["hush", "hush-hush-hush"].map(SecretString::from);
    let clean = Redactor::new(&secrets).redact("a hush-hush-hush b").into_owned();
    assert_eq!(clean, "a [redacted] b");
}

#[test]
fn printing_shows_no_secret() {
    assert!(!format!("{:?}", redactor("hush-hush")).contains("hush"));
}

#[test]
fn long_runs_are_walked_once() {
    let redactor = redactor("hush-hush");
    for run in ["\\", "%", "%25", "\\u005C", "secret", "Secret: '", "+", "aHVz"] {
        let text = run.repeat(20_000 / run.len());
        assert!(!redactor.redact(&text).is_empty());
    }
}

/// Between other characters, and one after the other, in every decoding: a text four times as long may take four times
/// as long, and not sixteen times.
#[test]
fn a_secret_of_one_character_takes_linear_time() {
    for secret in ["a".repeat(500), "%".repeat(500), "\\".repeat(500), "ab".repeat(250)] {
        let redactor = redactor(&secret);
        assert_eq!(redactor.redact(&format!("x{}y", &secret[1..])).len(), secret.len() + 1);
        let seconds = |copies: usize| {
            let text = secret.repeat(copies);
            let seconds = [(); 3].map(|()| {
                let begin = std::time::Instant::now();
                assert_eq!(redactor.redact(&text), "[redacted]");
                begin.elapsed().as_secs_f64()
            });
            seconds.into_iter().fold(f64::MAX, f64::min)
        };
        let (short, long) = (seconds(50), seconds(200));
        assert!(long < 10.0 * short.max(0.001), "{short} s, then {long} s");
    }
}

#[test]
fn a_secret_that_is_a_number_is_found_as_one() {
    for (secret, number) in [
        ("12345678", json!(12_345_678)),
        ("0012345678", json!(12_345_678)),
        ("12345.50", json!(12_345.5)),
        ("-12345", json!(-12_345)),
        ("123456789012345678901234567890", json!(1.234_567_890_123_456_8e29)),
    ] {
        let redactor = redactor(secret);
        let mut value = json!({ "id": number, "other": 1_234, "list": [number] });
        assert!(matches!(redactor.redact_secrets(&value.to_string()), Cow::Owned(_)), "{secret}");
        redactor.redact_value(&mut value);
        assert_eq!(value, json!({ "id": "[redacted]", "other": 1_234, "list": ["[redacted]"] }));
    }
}

#[test]
fn invisible_characters_and_spaces_hide_no_secret() {
    let redactor = redactor("open sesame now");
    for text in [
        "open\u{a0} sesame\nnow",
        "o\u{ad}p\u{200b}en ses\u{2060}ame no\u{feff}w",
        "open\\u00ad+sesame\\n\\tnow",
        "open%C2%AD%20%20sesame%20now",
        "open\u{202e}\u{e0061} sesame now",
    ] {
        assert_eq!(redactor.redact(&format!("({text})")), "([redacted])");
    }
    assert_eq!(redactor.redact("opensesame now"), "opensesame now");
}

#[test]
fn tokens_are_replaced_in_all_clones() {
    let redactor = redactor("hush-hush");
    let clone = redactor.clone();
    for token in ["first-token-of-the-file", "second-token-of-the-file"] {
        redactor.set_tokens(&[SecretString::from(token)]);
        let text = format!("hush-hush {token}");
        assert_eq!(clone.redact(&text), "[redacted] [redacted]");
    }
    assert_eq!(clone.redact("first-token-of-the-file"), "first-token-of-the-file");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// However a text is cut, what holds a whole secret shows none.
    #[test]
    fn no_random_secret_survives_in_a_truncated_text(
        secret in "[!-~éß🔑 ]{4,24}",
        before in "[ -~\\\\%é]{0,20}",
        after in "[ -~\\\\%é]{0,20}",
        cut in 0..400_usize,
    ) {
        let secret = secret.trim();
        prop_assume!(secret.chars().count() > 3 && !"[redacted]".contains(secret));
        let redactor = redactor(secret);
        for encoded in spellings(secret) {
            let text: String = format!("{before} {encoded} {after}").chars().take(cut).collect();
            let clean = redactor.redact_secrets(&text);
            prop_assert!(!clean.contains(secret), "{}", clean);
            if text.len() >= before.len() + 1 + encoded.len() {
                prop_assert!(clean.contains(REDACTED), "{}", clean);
            }
        }
    }
}
