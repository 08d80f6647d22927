//! The channel to the client during a call: progress, and confirmation by the user in either era of the protocol.

use std::future::ready;
use std::sync::OnceLock;
use std::time::Duration;

use parking_lot::Mutex;
use rmcp::RoleServer;
use rmcp::model::{
    CallToolRequestParams, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationSchema, InputRequest, InputRequests, InputRequiredResult, ProgressNotificationParam,
};
use rmcp::service::RequestContext;
use serde_json::Value;

use super::progress::Progress;
use super::{McpServer, is_stateless_protocol};
use crate::access::caller::{ClientChannel, ConfirmationReply, ConfirmationRequest, ReplyFuture};
use crate::app::App;
use crate::confirm::decision::RejectReason;

/// The name of the input request, and of the checkbox in its form.
const CONFIRM: &str = "confirm";
/// A little shorter than the confirmation code is valid.
const ELICITATION_TIMEOUT: Duration = Duration::from_secs(540);

/// The client of one call.
pub struct ClientPeer<'a> {
    app: &'a App,
    cx: &'a RequestContext<RoleServer>,
    can_send_requests: bool,
    /// The user's reply, if this call carries one.
    reply: Option<ConfirmationReply>,
    view_confirm: Option<OnceLock<String>>,
    /// The question to return instead of a result.
    input_required: Mutex<Option<InputRequiredResult>>,
    progress: Progress,
}

impl<'a> ClientPeer<'a> {
    /// The client that sent this request.
    pub fn new(
        server: &'a McpServer,
        cx: &'a RequestContext<RoleServer>,
        request: &CallToolRequestParams,
    ) -> Self {
        Self {
            app: &server.app,
            cx,
            can_send_requests: server.can_send_requests,
            reply: reply_in_request(request),
            view_confirm: server.may_show_views(cx).then(OnceLock::new),
            input_required: Mutex::default(),
            progress: Progress::new(cx),
        }
    }

    /// Sends the next progress notification, when there is one.
    pub async fn send_next_progress(&self) {
        let notification = self.progress.next().await;
        self.notify(notification).await;
    }

    /// Sends the remaining notifications; none may follow the response.
    pub async fn flush_progress(&self) {
        while let Some(notification) = self.progress.next_buffered().await {
            self.notify(notification).await;
        }
    }

    /// A client that is gone cancels the call anyway.
    async fn notify(&self, notification: ProgressNotificationParam) {
        self.cx.peer.notify_progress(notification).await.ok();
    }

    /// Resolves when the client cancels its call.
    pub async fn cancelled(&self) {
        self.cx.ct.cancelled().await;
    }

    /// The question to return instead of a result, if the user must be asked.
    pub fn take_input_required(&self) -> Option<InputRequiredResult> {
        self.input_required.lock().take()
    }

    /// Clients of the stateless protocol repeat the call with the user's reply.
    fn elicit_by_retry(&self, request: &ConfirmationRequest) -> ConfirmationReply {
        let Some(form) = self.form(request) else {
            return ConfirmationReply::Rejected(RejectReason::NoResponse, None);
        };
        let input = InputRequest::Elicitation(ElicitRequest::new(form));
        let inputs = InputRequests::from([(CONFIRM.to_owned(), input)]);
        let required = InputRequiredResult::new(Some(inputs), Some(request.code.clone()));
        *self.input_required.lock() = Some(required);
        ConfirmationReply::Deferred
    }

    /// Older clients are asked while the call waits.
    async fn elicit_inline(&self, request: &ConfirmationRequest) -> ConfirmationReply {
        let Some(form) = self.form(request) else {
            return ConfirmationReply::Rejected(RejectReason::NoResponse, None);
        };
        let peer = &self.cx.peer;
        let reply = peer.create_elicitation_with_timeout(form, Some(ELICITATION_TIMEOUT));
        match reply.await {
            Ok(reply) => parse_reply(&reply, &request.code),
            Err(error) => {
                tracing::warn!(%error, "no reply to a confirmation request");
                ConfirmationReply::Rejected(RejectReason::NoResponse, None)
            }
        }
    }

    /// A form with one checkbox, which is not preselected.
    fn form(&self, request: &ConfirmationRequest) -> Option<ElicitRequestParams> {
        let form = ElicitationSchema::builder()
            .required_bool_with(CONFIRM, |checkbox| checkbox.title("Approve this write"));
        Some(ElicitRequestParams::FormElicitationParams {
            meta: None,
            message: self.app.confirmation_text(request),
            requested_schema: form.build().ok()?,
        })
    }
}

impl ClientChannel for ClientPeer<'_> {
    fn traceparent(&self) -> Option<String> {
        self.cx.meta.0.get("traceparent")?.as_str().map(str::to_owned)
    }

    fn progress(&self, done: u64, total: Option<u64>, message: &str) {
        self.progress.record(done, total, message);
    }

    /// An empty capability means forms. An older client over HTTP cannot be asked, whatever it declares.
    fn supports_elicitation(&self) -> bool {
        let is_reachable = self.can_send_requests || is_stateless_protocol(self.cx);
        let capabilities = self.cx.client_capabilities();
        let elicitation = capabilities.and_then(|capabilities| capabilities.elicitation);
        is_reachable && elicitation.is_some_and(|modes| modes.form.is_some() || modes.url.is_none())
    }

    fn view_confirm(&self) -> Option<&OnceLock<String>> {
        self.view_confirm.as_ref()
    }

    fn elicit<'a>(&'a self, request: &'a ConfirmationRequest) -> ReplyFuture<'a> {
        match &self.reply {
            Some(reply) => Box::pin(ready(reply.clone())),
            None if is_stateless_protocol(self.cx) => {
                Box::pin(ready(self.elicit_by_retry(request)))
            }
            None => Box::pin(self.elicit_inline(request)),
        }
    }
}

/// The reply and the code that a repeated call carries.
fn reply_in_request(request: &CallToolRequestParams) -> Option<ConfirmationReply> {
    let code = request.request_state.as_ref()?;
    let reply = request.input_responses.as_ref()?.get(CONFIRM)?;
    let parsed = serde_json::from_value::<ElicitResult>(reply.clone());
    Some(match parsed {
        Ok(reply) => parse_reply(&reply, code),
        Err(_) => ConfirmationReply::Rejected(RejectReason::NoResponse, Some(code.clone())),
    })
}

/// Only an accepted form with the checkbox selected is an approval.
fn parse_reply(reply: &ElicitResult, code: &str) -> ConfirmationReply {
    let reason = match reply.action {
        ElicitationAction::Accept => match is_checked(reply.content.as_ref()) {
            Ok(()) => return ConfirmationReply::Accepted(code.to_owned()),
            Err(reason) => reason,
        },
        ElicitationAction::Decline => RejectReason::Declined,
        ElicitationAction::Cancel => RejectReason::Cancelled,
        _ => RejectReason::NoResponse,
    };
    ConfirmationReply::Rejected(reason, Some(code.to_owned()))
}

/// The checkbox starts unselected, so a form without it was accepted without approval.
fn is_checked(form: Option<&Value>) -> Result<(), RejectReason> {
    match form.and_then(|form| form.get(CONFIRM)) {
        Some(Value::Bool(true)) => Ok(()),
        Some(Value::Bool(false)) => Err(RejectReason::Declined),
        _ => Err(RejectReason::NoResponse),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_selected_checkbox_approves() {
        let (declined, invalid) = (Err(RejectReason::Declined), Err(RejectReason::NoResponse));
        for (form, expected) in [
            (Some(json!({ "confirm": true })), Ok(())),
            (Some(json!({ "confirm": false })), declined),
            (None, invalid),
            (Some(json!({})), invalid),
            (Some(json!({ "confirm": "false" })), invalid),
            (Some(json!({ "confirm": "true" })), invalid),
            (Some(json!({ "confirm": null })), invalid),
            (Some(json!({ "confirm": 1 })), invalid),
            (Some(json!({ "confirm": [] })), invalid),
            (Some(json!([true])), invalid),
            (Some(json!("yes")), invalid),
            (Some(json!(null)), invalid),
        ] {
            assert_eq!(is_checked(form.as_ref()), expected, "{form:?}");
        }
    }
}
