//! Confirmation codes: bytes that change a valid code, and a text that may be one.

use std::time::Duration;

use autotask_mcp::confirm::code::{CodeSigner, ConfirmationCode, Presenter, WriteBinding};
use autotask_mcp::plan::Duplicates;
use autotask_mcp::plan::request::Request;
use autotask_mcp::tools::Tool;
use autotask_mcp::value::hmac::HmacKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

const NOW: Duration = Duration::from_secs(1_780_000_000);
const CODE_BYTES: usize = 18;

/// A code is valid only if unchanged, for its own write, and for ten minutes.
pub fn run(data: &[u8]) {
    let signer = CodeSigner::new(Ok(HmacKey::from_passphrase("fuzz")), "tenant".into());
    let request = Request::post("Contacts", json!({ "lastName": "Ebb" }));
    let binding = binding(&request);
    let code = signer.issue(binding, NOW).expect("a code").to_string();
    let is_valid = |text: &str, binding, now| {
        ConfirmationCode::read(text).is_some_and(|code| signer.verify(code, binding, now).is_ok())
    };
    assert!(is_valid(&code, binding, NOW));
    assert!(!is_valid(&code, binding, NOW + Duration::from_secs(600)), "expired");
    let changed = changed(&code, data);
    assert_eq!(is_valid(&changed, binding, NOW), changed == code, "{changed} for {code}");
    let text = String::from_utf8_lossy(data);
    assert!(!is_valid(&text, binding, NOW), "a guess: {text}");
    let other = Request::post("Contacts", json!({ "lastName": text }));
    assert_eq!(is_valid(&code, self::binding(&other), NOW), text == "Ebb", "another write");
}

fn binding(request: &Request) -> WriteBinding<'_> {
    let token = Tool::find("create-contact").and_then(Tool::token).expect("a token");
    WriteBinding {
        tool: "create-contact",
        token,
        caller: None,
        request,
        duplicates: Duplicates::Reject,
        presenter: Presenter::Caller,
    }
}

/// The code with its bytes changed by the first bytes of the input.
fn changed(code: &str, data: &[u8]) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(code).expect("base64");
    assert_eq!(bytes.len(), CODE_BYTES);
    bytes.iter_mut().zip(data).for_each(|(byte, change)| *byte ^= change);
    URL_SAFE_NO_PAD.encode(bytes)
}
