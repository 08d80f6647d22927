//! A text read as a JSON-RPC message, or why it is none.

use rmcp::RoleServer;
use rmcp::model::{ErrorData, JsonRpcMessage, RequestId};
use rmcp::service::RxJsonRpcMessage;
use serde::Deserialize;
use serde_json::Value;

/// What is wrong with a message, and whose it is, where that can be read.
pub type DecodeError = Box<(ErrorData, Option<RequestId>)>;

/// Enough of a message to answer it: whose it is.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    id: Id,
    method: Option<String>,
    #[serde(default)]
    jsonrpc: Value,
}

/// A null is no id, and no absence of one.
#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Id {
    Given(RequestId),
    Null(()),
    #[default]
    #[serde(skip)]
    Absent,
}

/// A message; nothing for a blank text or a foreign notification; or the refusal to send.
pub fn read(text: &[u8]) -> Result<Option<RxJsonRpcMessage<RoleServer>>, DecodeError> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text).trim_ascii();
    if text.is_empty() {
        return Ok(None);
    }
    match serde_json::from_slice(text) {
        // What has an id that is none may read as a notification.
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

/// A notification is answered by nothing, whatever is wrong with it.
fn error_for(error: &serde_json::Error, envelope: &Envelope) -> Result<(), DecodeError> {
    let id = match (&envelope.id, &envelope.method) {
        (Id::Absent, Some(_)) => return Ok(()),
        (Id::Given(id), _) => Some(id.clone()),
        (Id::Null(()) | Id::Absent, _) => None,
    };
    let misfit = || match envelope.id {
        Id::Null(()) => not_a_request_error(),
        _ => invalid_params_error(envelope),
    };
    Err(Box::new((parse_error(error).unwrap_or_else(misfit), id)))
}

/// What keeps a text from being read at all. `serde_json` stops at 128 levels; nothing that deep is a question.
fn parse_error(error: &serde_json::Error) -> Option<ErrorData> {
    if error.to_string().starts_with("recursion limit") {
        let deep = "The message is nested too deeply.";
        return Some(ErrorData::invalid_request(deep, None));
    }
    let words = || format!("The message does not read as JSON: {error}.");
    (error.is_syntax() || error.is_eof()).then(|| ErrorData::parse_error(words(), None))
}

fn invalid_params_error(envelope: &Envelope) -> ErrorData {
    match envelope.method {
        _ if envelope.jsonrpc != "2.0" => {
            ErrorData::invalid_request("The message does not say \"jsonrpc\":\"2.0\".", None)
        }
        Some(_) => ErrorData::invalid_params("The parameters are no object.", None),
        None => ErrorData::invalid_request("The message names no method.", None),
    }
}

fn not_a_request_error() -> ErrorData {
    ErrorData::invalid_request("The message is no JSON-RPC 2.0 request.", None)
}
