//! A tool call: run it, report progress, and return its result in the protocol's form.

use std::pin::pin;
use std::sync::OnceLock;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ProtocolVersion,
    Resource,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};

use super::elicitation::ClientPeer;
use super::{McpServer, add_server_info, add_server_info_if_stateless, apps, shutting_down_error};
use crate::access::caller::ClientChannel;
use crate::render::{Attachment, ToolResponse};
use crate::tools;

impl McpServer {
    /// The result of a call, or the question that the user must answer first.
    pub(super) async fn handle_call(
        &self,
        request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let client = ClientPeer::new(self, &cx, &request);
        let arguments = request.arguments.unwrap_or_default();
        let response = self.run_until_cancelled(&request.name, arguments, &client).await?;
        if let Some(mut required) = client.take_input_required() {
            add_server_info(&mut required.meta);
            return Ok(required.into());
        }
        let mut result = into_result(response, supports_links(&cx));
        let confirm = client.view_confirm().and_then(OnceLock::get);
        apps::add_view_confirm(confirm, &mut result.meta);
        add_server_info_if_stateless(&cx, &mut result.meta);
        Ok(result.into())
    }

    /// A call ends when its client cancels it; a write that was sent still completes, unreported.
    async fn run_until_cancelled(
        &self,
        name: &str,
        arguments: tools::Arguments,
        client: &ClientPeer<'_>,
    ) -> Result<ToolResponse, ErrorData> {
        let mut call = pin!(self.app.call_tool(&self.caller, client, name, arguments));
        loop {
            tokio::select! {
                biased;
                () = client.send_next_progress() => {}
                response = &mut call => {
                    client.flush_progress().await;
                    return response.ok_or_else(|| self.unknown_tool_error(name));
                }
                () = self.shutdown.cancelled() => return Err(shutting_down_error()),
                () = client.cancelled() => {
                    return Err(ErrorData::internal_error("The call was cancelled.", None));
                }
            }
        }
    }

    fn unknown_tool_error(&self, name: &str) -> ErrorData {
        let message = self.caller.access().unknown_tool_message(&self.app.redact(name));
        ErrorData::invalid_params(message, None)
    }
}

/// Older clients do not know this kind of content; the text has the URI as well.
fn supports_links(cx: &RequestContext<RoleServer>) -> bool {
    let version = cx.protocol_version();
    version.is_some_and(|version| version.as_str() >= ProtocolVersion::V_2025_06_18.as_str())
}

fn into_result(response: ToolResponse, supports_links: bool) -> CallToolResult {
    let mut content = vec![ContentBlock::text(response.text)];
    content.extend(response.attachment.and_then(|attachment| block(attachment, supports_links)));
    match response.error {
        None => CallToolResult::success(content),
        Some(structured) => {
            let mut result = CallToolResult::error(content);
            result.structured_content = Some(structured);
            result
        }
    }
}

fn block(attachment: Attachment, supports_links: bool) -> Option<ContentBlock> {
    match attachment {
        Attachment::Image { data, media_type } => Some(ContentBlock::image(data, media_type)),
        Attachment::Link { uri, name, media_type, bytes } => supports_links.then(|| {
            let link = Resource::new(uri, name).with_mime_type(media_type).with_size(bytes);
            ContentBlock::resource_link(link)
        }),
        Attachment::Blob { .. } => None,
    }
}
