//! Decodes a JSON-RPC message, or reports why it is invalid.

use rmcp::RoleServer;
use rmcp::model::{ErrorData, JsonRpcMessage, RequestId};
use rmcp::service::RxJsonRpcMessage;
use serde::Deserialize;
use serde_json::Value;

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

/// The message; none for an empty text or an unknown notification.
///
/// # Errors
/// The error to send for an invalid message.
pub fn read(text: &[u8]) -> Result<Option<RxJsonRpcMessage<RoleServer>>, DecodeError> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text).trim_ascii();
    if text.is_empty() {
        return Ok(None);
    }
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
