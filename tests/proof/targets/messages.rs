//! JSON-RPC messages as both transports decode them.

use autotask_mcp::transport::jsonrpc;
use rmcp::RoleServer;
use rmcp::model::JsonRpcMessage;
use rmcp::service::TxJsonRpcMessage;
use serde_json::Value;

/// A text decodes to a message, nothing, or an error that can be sent; a message survives serialization.
pub fn run(data: &[u8]) {
    match jsonrpc::read(data) {
        Ok(None) => {}
        Ok(Some(message)) => {
            let text = serde_json::to_vec(&message).expect("JSON");
            let repeated = jsonrpc::read(&text).unwrap_or_else(|error| panic!("{}", error.0));
            assert!(repeated.is_some(), "{}", text.escape_ascii());
        }
        Err(error) => {
            let (error, id) = *error;
            let reply: TxJsonRpcMessage<RoleServer> = JsonRpcMessage::error(error, id);
            let reply = serde_json::to_value(&reply).expect("JSON");
            assert_eq!(reply["jsonrpc"], "2.0");
            assert!(reply["error"]["code"].as_i64().is_some_and(|code| code < 0), "{reply}");
            assert!(reply["error"]["message"] != Value::Null, "{reply}");
        }
    }
}
