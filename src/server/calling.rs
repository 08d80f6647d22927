//! A call on its way to the desk and back, with what is told and asked meanwhile.

use std::pin::pin;

use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};

use super::asking::Peer;
use super::{Server, stamp, stamp_modern, unfinished};
use crate::answer::Answer;
use crate::desk;
use crate::tools;

impl Server {
    /// The answer to a call, or what a person must be asked before there is one.
    pub(super) async fn called(
        &self,
        request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let line = Peer::new(&self.desk, &cx, &request);
        let arguments = request.arguments.unwrap_or_default();
        let answer = self.answer(&request.name, arguments, &line).await?;
        if let Some(mut question) = line.question() {
            stamp(&mut question.meta);
            return Ok(question.into());
        }
        let mut result = spoken(answer);
        stamp_modern(&cx, &mut result.meta);
        Ok(result.into())
    }

    /// A call ends when its caller gives up; a write that is on the wire goes on, but nobody is told any more.
    async fn answer(
        &self,
        name: &str,
        arguments: tools::Arguments,
        line: &Peer<'_>,
    ) -> Result<Answer, ErrorData> {
        let mut call = pin!(self.desk.answer(&self.caller, line, name, arguments));
        loop {
            tokio::select! {
                biased;
                () = line.tell() => {}
                answer = &mut call => {
                    line.tell_rest().await;
                    let unknown = || desk::unknown(&self.desk.scrub(name), self.caller.gate());
                    return answer.ok_or_else(|| ErrorData::invalid_params(unknown(), None));
                }
                () = self.end.cancelled() => return Err(unfinished()),
                () = line.gone() => {
                    return Err(ErrorData::internal_error("The call was cancelled.", None));
                }
            }
        }
    }
}

fn spoken(answer: Answer) -> CallToolResult {
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
