//! Canary secrets in every encoding that may leave, in many contexts: none survives.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Redactor, lower_hex, units};

const CANARIES: [&str; 15] = [
    "x2Y#7d~M*4qP",
    "p@ss w/o\"rd\\%25+1",
    "????>>>>~~~~",
    "K3KSDZ6P2GT4QXN2JHDAR7WYXEL",
    "Grüße~€🔑",
    "$1nd",
    "\\\\\\\\\\\\\\\\",
    "100%",
    "redis://:p%40ss@cache.example:6380/0",
    "api+user@example.test",
    "with 'quote'/slash",
    "tab\tand  spaces",
    "a%41b\\u0041c\\\"d",
    "0123456789abcdef0123456789abcdef",
    "<b>&amp;</b>",
];

/// What `encodeURIComponent` leaves as it is.
const COMPONENT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// What a lenient encoder of a query encodes at least.
const QUERY: AsciiSet = CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>');

fn json_text(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn encodings(secret: &str) -> Vec<String> {
    let mut all = vec![secret.to_owned(), units(secret), units(secret).to_lowercase()];
    for set in [NON_ALPHANUMERIC, &COMPONENT, &QUERY] {
        let upper = utf8_percent_encode(secret, set).to_string();
        all.push(lower_hex(&upper));
        all.push(utf8_percent_encode(&upper, NON_ALPHANUMERIC).to_string());
        all.push(json_text(&upper));
        all.push(upper.replace("%20", "+"));
        all.push(upper);
    }
    let bytes = secret.bytes();
    all.push(bytes.clone().map(|byte| format!("%{byte:02X}")).collect());
    all.push(bytes.map(|byte| format!("%{byte:02x}")).collect());
    let once = json_text(secret);
    all.push(once.replace('/', "\\/"));
    all.push(json_text(&once));
    all.push(utf8_percent_encode(&once, NON_ALPHANUMERIC).to_string());
    all.push(once);
    all
}

fn contexts(encoded: &str) -> Vec<String> {
    vec![
        encoded.to_owned(),
        format!("before {encoded} after"),
        format!("Ä{encoded}ü"),
        format!("{{\"title\":\"{encoded}\",\"id\":5}}"),
        format!("https://example.test/?a=1&q={encoded}&b=%20#f"),
        format!("{encoded}, {encoded}"),
        format!("5 % of \\ <b>{encoded}</b> \\n"),
    ]
}

/// Each canary alone, and all of them known at once.
fn redactors(secret: &str) -> [Redactor; 2] {
    let all = CANARIES.map(SecretString::from);
    [Redactor::new([&SecretString::from(secret)]), Redactor::new(&all)]
}

#[test]
fn no_encoding_of_a_canary_survives_any_context() {
    for secret in CANARIES {
        for redactor in redactors(secret) {
            for encoded in encodings(secret) {
                for (text, expected) in contexts(&encoded).iter().zip(contexts(super::REDACTED)) {
                    assert_eq!(redactor.redact_secrets(text), expected, "{secret} in {text}");
                }
            }
        }
    }
}

#[test]
fn no_base64_of_a_canary_survives_at_any_offset() {
    for secret in CANARIES {
        for redactor in redactors(secret) {
            for (before, after) in [("", ""), ("a", ""), ("ab", "z"), ("user:", ":x"), ("", "zz")] {
                for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
                    if secret.len() < 6 && !before.is_empty() {
                        continue;
                    }
                    let encoded = engine.encode(format!("{before}{secret}{after}"));
                    let escaped = encoded.replace('/', "\\/");
                    let in_url = utf8_percent_encode(&encoded, NON_ALPHANUMERIC).to_string();
                    for text in [encoded, escaped, in_url] {
                        let clean = redactor.redact_secrets(&text).replace("%3D", "");
                        assert!(clean.contains(super::REDACTED), "{secret} in {text}");
                        let left = clean.replace(super::REDACTED, "").replace('=', "").len();
                        assert!(left <= (before.len() + after.len() + 2) * 4 / 3 + 4, "{clean}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_canary_survives_in_no_value() {
    for secret in CANARIES {
        let nested =
            json!({ "Message": json!({ "errors": [secret] }).to_string(), secret: secret });
        for mut value in [nested.clone(), json!([nested.to_string(), [nested]])] {
            redactors(secret)[0].redact_value(&mut value);
            let text = value.to_string();
            assert!(!encodings(secret).iter().any(|encoded| text.contains(encoded)), "{text}");
        }
    }
}
