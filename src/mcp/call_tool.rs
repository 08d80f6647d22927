//! A call on its way to the desk and back, with what is told and asked meanwhile.

use std::pin::pin;

use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};

use super::elicitation::ClientPeer;
use super::{McpServer, add_server_info, add_server_info_if_stateless, shutting_down_error};
use crate::app;
use crate::render::ToolResponse;
use crate::tools;

impl McpServer {
    /// The answer to a call, or what a person must be asked before there is one.
    pub(super) async fn handle_call(
        &self,
        request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let line = ClientPeer::new(&self.desk, &cx, &request);
        let arguments = request.arguments.unwrap_or_default();
        let answer = self.run_until_cancelled(&request.name, arguments, &line).await?;
        if let Some(mut question) = line.take_input_required() {
            add_server_info(&mut question.meta);
            return Ok(question.into());
        }
        let mut result = into_result(answer);
        add_server_info_if_stateless(&cx, &mut result.meta);
        Ok(result.into())
    }

    /// A call ends when its caller gives up; a write that is on the wire goes on, but nobody is told any more.
    async fn run_until_cancelled(
        &self,
        name: &str,
        arguments: tools::Arguments,
        line: &ClientPeer<'_>,
    ) -> Result<ToolResponse, ErrorData> {
        let mut call = pin!(self.desk.call_tool(&self.caller, line, name, arguments));
        loop {
            tokio::select! {
                biased;
                () = line.send_next_progress() => {}
                answer = &mut call => {
                    line.flush_progress().await;
                    let unknown = || app::unknown_tool_message(&self.desk.redact(name), self.caller.gate());
                    return answer.ok_or_else(|| ErrorData::invalid_params(unknown(), None));
                }
                () = self.end.cancelled() => return Err(shutting_down_error()),
                () = line.cancelled() => {
                    return Err(ErrorData::internal_error("The call was cancelled.", None));
                }
            }
        }
    }
}

fn into_result(answer: ToolResponse) -> CallToolResult {
    let content = vec![ContentBlock::text(answer.text)];
    match answer.error {
        None => CallToolResult::success(content),
        Some(structured) => {
            let mut result = CallToolResult::error(content);
            result.structured_content = Some(structured);
            result
        }
    }
}
