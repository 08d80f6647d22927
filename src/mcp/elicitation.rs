//! The way back to a client while its call runs: how far it is, and a question to the person, in the manner of either
//! era.

use std::future::ready;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{
    CallToolRequestParams, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationSchema, InputRequest, InputRequests, InputRequiredResult, ProgressNotificationParam,
};
use rmcp::service::RequestContext;
use serde_json::Value;

use super::is_stateless_protocol;
use super::progress::Progress;
use crate::access::caller::{
    ClientChannel, ConfirmationReply, ConfirmationRequest, RejectReason, ReplyFuture,
};
use crate::app::App;

/// The name of the one question, and of the one box in its form.
const CONFIRM: &str = "confirm";
/// A little shorter than the code behind the question is good.
const ELICITATION_TIMEOUT: Duration = Duration::from_secs(540);

/// The client of one call.
pub struct ClientPeer<'a> {
    desk: &'a App,
    cx: &'a RequestContext<RoleServer>,
    /// The answer that came with this call.
    given: Option<ConfirmationReply>,
    /// The question that goes out in place of an answer.
    asked: Mutex<Option<InputRequiredResult>>,
    progress: Progress,
}

impl<'a> ClientPeer<'a> {
    /// The client that makes this request.
    pub fn new(
        desk: &'a App,
        cx: &'a RequestContext<RoleServer>,
        request: &CallToolRequestParams,
    ) -> Self {
        Self {
            desk,
            cx,
            given: reply_in_request(request),
            asked: Mutex::default(),
            progress: Progress::new(cx),
        }
    }

    /// Tells the client how far its call is, when there is news of it.
    pub async fn send_next_progress(&self) {
        let notice = self.progress.next().await;
        self.notify(notice).await;
    }

    /// Tells what is left to tell; after the answer nothing may be told.
    pub async fn flush_progress(&self) {
        while let Some(notice) = self.progress.next_buffered().await {
            self.notify(notice).await;
        }
    }

    /// A client that is gone cancels the call by itself.
    async fn notify(&self, notice: ProgressNotificationParam) {
        self.cx.peer.notify_progress(notice).await.ok();
    }

    /// Resolves when the client gives its call up.
    pub async fn cancelled(&self) {
        self.cx.ct.cancelled().await;
    }

    /// The question to send in place of the answer, if one was asked.
    pub fn take_input_required(&self) -> Option<InputRequiredResult> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.take()
    }

    /// Clients of the current era make the call again, with the answer.
    fn elicit_by_retry(&self, question: &ConfirmationRequest) -> ConfirmationReply {
        let Some(form) = self.form(question) else {
            return ConfirmationReply::Rejected(RejectReason::NoResponse, None);
        };
        let asks = InputRequest::Elicitation(ElicitRequest::new(form));
        let asks = InputRequests::from([(CONFIRM.to_owned(), asks)]);
        let required = InputRequiredResult::new(Some(asks), Some(question.code.clone()));
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        *asked = Some(required);
        ConfirmationReply::Deferred
    }

    /// Clients of the older era are asked while the call waits.
    async fn elicit_inline(&self, question: &ConfirmationRequest) -> ConfirmationReply {
        let Some(form) = self.form(question) else {
            return ConfirmationReply::Rejected(RejectReason::NoResponse, None);
        };
        let peer = &self.cx.peer;
        let answer = peer.create_elicitation_with_timeout(form, Some(ELICITATION_TIMEOUT));
        match answer.await {
            Ok(answer) => parse_reply(&answer, &question.code),
            Err(error) => {
                tracing::warn!("a question to the person was not answered: {error}");
                ConfirmationReply::Rejected(RejectReason::NoResponse, None)
            }
        }
    }

    fn form(&self, question: &ConfirmationRequest) -> Option<ElicitRequestParams> {
        let form = ElicitationSchema::builder().optional_bool(CONFIRM, true);
        Some(ElicitRequestParams::FormElicitationParams {
            meta: None,
            message: self.desk.confirmation_text(question),
            requested_schema: form.build().ok()?,
        })
    }
}

impl ClientChannel for ClientPeer<'_> {
    fn traceparent(&self) -> Option<String> {
        self.cx.meta.0.get("traceparent")?.as_str().map(str::to_owned)
    }

    fn progress(&self, done: u64, of: Option<u64>, doing: &str) {
        self.progress.record(done, of, doing);
    }

    /// An empty capability means forms.
    fn supports_elicitation(&self) -> bool {
        let able = self.cx.client_capabilities();
        able.and_then(|able| able.elicitation)
            .is_some_and(|way| way.form.is_some() || way.url.is_none())
    }

    fn elicit<'a>(&'a self, question: &'a ConfirmationRequest) -> ReplyFuture<'a> {
        match &self.given {
            Some(said) => Box::pin(ready(said.clone())),
            None if is_stateless_protocol(self.cx) => {
                Box::pin(ready(self.elicit_by_retry(question)))
            }
            None => Box::pin(self.elicit_inline(question)),
        }
    }
}

/// The answer that came with a call, and the code that came along with it.
fn reply_in_request(request: &CallToolRequestParams) -> Option<ConfirmationReply> {
    let code = request.request_state.as_ref()?;
    let answer = request.input_responses.as_ref()?.get(CONFIRM)?;
    let read = serde_json::from_value::<ElicitResult>(answer.clone());
    Some(match read {
        Ok(answer) => parse_reply(&answer, code),
        Err(_) => ConfirmationReply::Rejected(RejectReason::NoResponse, Some(code.clone())),
    })
}

/// An accepted form is a yes if the box is ticked or left out; a person who took the tick out declined.
fn parse_reply(answer: &ElicitResult, code: &str) -> ConfirmationReply {
    let no = |why| ConfirmationReply::Rejected(why, Some(code.to_owned()));
    match answer.action {
        ElicitationAction::Accept => is_checked(answer.content.as_ref())
            .map_or_else(no, |()| ConfirmationReply::Accepted(code.to_owned())),
        ElicitationAction::Decline => no(RejectReason::Declined),
        ElicitationAction::Cancel => no(RejectReason::Cancelled),
        _ => no(RejectReason::NoResponse),
    }
}

/// What is no form, or holds something else than a tick, is no answer.
fn is_checked(form: Option<&Value>) -> Result<(), RejectReason> {
    let Some(form) = form else { return Ok(()) };
    match (form, form.get(CONFIRM)) {
        (Value::Object(_), None | Some(Value::Bool(true))) => Ok(()),
        (_, Some(Value::Bool(false))) => Err(RejectReason::Declined),
        _ => Err(RejectReason::NoResponse),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_tick_or_no_box_is_a_yes() {
        let (yes, no, unread) =
            (Ok(()), Err(RejectReason::Declined), Err(RejectReason::NoResponse));
        for (form, expected) in [
            (None, yes),
            (Some(json!({})), yes),
            (Some(json!({ "confirm": true })), yes),
            (Some(json!({ "confirm": false })), no),
            (Some(json!({ "confirm": "false" })), unread),
            (Some(json!({ "confirm": "true" })), unread),
            (Some(json!({ "confirm": null })), unread),
            (Some(json!({ "confirm": 0 })), unread),
            (Some(json!({ "confirm": [] })), unread),
            (Some(json!([false])), unread),
            (Some(json!("no")), unread),
            (Some(json!(null)), unread),
        ] {
            assert_eq!(is_checked(form.as_ref()), expected, "{form:?}");
        }
    }
}
