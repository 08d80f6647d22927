//! Decodes a JSON-RPC message, or reports why it is invalid.

use rmcp::RoleServer;
use rmcp::model::{ErrorData, JsonRpcMessage, RequestId};
use rmcp::service::RxJsonRpcMessage;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::value::coerce::parse_nested_json;

/// What is wrong with a message, and its id if that is readable.
pub type DecodeError = Box<(ErrorData, Option<RequestId>)>;

/// The part of a message that an error response needs.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    id: Id,
    method: Option<String>,
    #[serde(default)]
    jsonrpc: Value,
}

/// A null id is invalid, and different from no id.
#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Id {
    Given(RequestId),
    Null(()),
    #[default]
    #[serde(skip)]
    Absent,
}

impl Id {
    fn given(self) -> Option<RequestId> {
        match self {
            Self::Given(id) => Some(id),
            Self::Null(()) | Self::Absent => None,
        }
    }
}

/// The message; none for an empty text or an unknown notification.
///
/// # Errors
/// The error to send for an invalid message.
pub fn read(text: &[u8]) -> Result<Option<RxJsonRpcMessage<RoleServer>>, DecodeError> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text).trim_ascii();
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = parse_text_arguments(text);
    let text = parsed.as_deref().unwrap_or(text);
    match serde_json::from_slice(text) {
        // A message with an invalid id may parse as a notification.
        Ok(note @ JsonRpcMessage::Notification(_)) => match parse_envelope(text)?.id {
            Id::Absent => Ok(Some(note)),
            Id::Given(_) | Id::Null(()) => Err(Box::new((not_a_request_error(), None))),
        },
        Ok(message) => Ok(Some(message)),
        Err(error) => error_for(&error, &parse_envelope(text)?).map(|()| None),
    }
}

/// The message with the `arguments` of a call as an object, if they are its JSON text, however often encoded.
#[must_use]
pub fn parse_text_arguments(text: &[u8]) -> Option<Vec<u8>> {
    if !may_have_text_arguments(text) {
        return None;
    }
    let mut message: Value = serde_json::from_slice(text).ok()?;
    let arguments = message.pointer_mut("/params/arguments").filter(|given| given.is_string())?;
    *arguments = match parse_nested_json(arguments) {
        object @ Value::Object(_) => object,
        Value::String(empty) if empty.is_empty() => Map::new().into(),
        _ => return None,
    };
    serde_json::to_vec(&message).ok()
}

/// Whether `"arguments":"` occurs, which is quick to find out.
fn may_have_text_arguments(text: &[u8]) -> bool {
    const KEY: &str = "\"arguments\"";
    let mut keys = str::from_utf8(text).unwrap_or_default().split(KEY).skip(1);
    let is_text = |value: &str| value.trim_start().starts_with('"');
    keys.any(|rest| rest.trim_start().strip_prefix(':').is_some_and(is_text))
}

/// The id of a message of which only the first and the last bytes are kept: clients put it before or after the rest.
#[must_use]
pub fn find_id(head: &[u8], tail: &[u8]) -> Option<RequestId> {
    let (head, tail) = (String::from_utf8_lossy(head), String::from_utf8_lossy(tail));
    let before = head.split("\"params\"").next()?.trim_end().trim_end_matches(',');
    let after = tail.match_indices("\"id\"").filter_map(|(at, _)| tail.get(at..));
    let candidates = after.map(|end| format!("{{{end}")).chain([format!("{before}}}")]);
    let mut ids =
        candidates.filter_map(|text| serde_json::from_str::<Envelope>(&text).ok()?.id.given());
    ids.next()
}

fn parse_envelope(text: &[u8]) -> Result<Envelope, DecodeError> {
    serde_json::from_slice(text)
        .map_err(|error| Box::new((parse_error(&error).unwrap_or_else(not_a_request_error), None)))
}

/// A notification gets no response, even if it is invalid.
fn error_for(error: &serde_json::Error, envelope: &Envelope) -> Result<(), DecodeError> {
    let id = match (&envelope.id, &envelope.method) {
        (Id::Absent, Some(_)) => return Ok(()),
        (Id::Given(id), _) => Some(id.clone()),
        (Id::Null(()) | Id::Absent, _) => None,
    };
    let invalid = || match envelope.id {
        Id::Null(()) => not_a_request_error(),
        _ => invalid_params_error(envelope),
    };
    Err(Box::new((parse_error(error).unwrap_or_else(invalid), id)))
}

/// The error for a text that is not JSON. `serde_json` stops at 128 levels, far deeper than any request.
fn parse_error(error: &serde_json::Error) -> Option<ErrorData> {
    if error.to_string().starts_with("recursion limit") {
        let message = "The message is nested too deeply.";
        return Some(ErrorData::invalid_request(message, None));
    }
    let message = || format!("The message is not valid JSON: {error}.");
    (error.is_syntax() || error.is_eof()).then(|| ErrorData::parse_error(message(), None))
}

fn invalid_params_error(envelope: &Envelope) -> ErrorData {
    match envelope.method {
        _ if envelope.jsonrpc != "2.0" => {
            ErrorData::invalid_request("The message lacks \"jsonrpc\":\"2.0\".", None)
        }
        Some(_) => ErrorData::invalid_params("The parameters must be an object.", None),
        None => ErrorData::invalid_request("The message has no method.", None),
    }
}

fn not_a_request_error() -> ErrorData {
    ErrorData::invalid_request("The message is not a JSON-RPC 2.0 request.", None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_message_is_before_or_after_its_parameters() {
        for (head, tail, id) in [
            (
                r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"id":1,"x":"AA"#,
                "AA",
                Some(7),
            ),
            (r#"{ "id" : 7 , "params":{"x":"AA"#, r#"AA"}}"#, Some(7)),
            (r#"{"params":{"id":1,"x":"AA"#, r#"AA","id":2}},"jsonrpc":"2.0","id":7}"#, Some(7)),
            (r#"{"params":{"x":"AA"#, r#"AA","id":2}},"id":7,"method":"tools/call"}"#, Some(7)),
            (r#"{"params":{"id":1,"x":"AA"#, r#"AA","id":2}}}"#, None),
            ("AAAA", "AAAA", None),
        ] {
            let found = find_id(head.as_bytes(), tail.as_bytes());
            assert_eq!(found, id.map(RequestId::Number), "{head} {tail}");
        }
    }
}
