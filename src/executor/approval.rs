//! Approval of a write: by the tool's token, by the code of a preview, or by the user.

use serde_json::Value;

use super::{CallContext, Executor};
use crate::access::caller::{ConfirmationReply, ConfirmationRequest};
use crate::config::ConfirmMode;
use crate::confirm::Confirmed;
use crate::confirm::code::{
    ConfirmationCode, Presenter, WriteBinding, codes_unavailable_error, wrong_code_error,
};
use crate::confirm::decision::{
    ConfirmStep, awaiting_person_error, next_step, not_approved_error, preview_duplicate_error,
    preview_error, preview_without_code_error,
};
use crate::error::Error;
use crate::plan::Duplicates;
use crate::plan::request::Request;
use crate::tools::Tool;

/// A write that waits for approval.
pub(super) struct Proposal<'a> {
    /// What the approval is bound to.
    pub request: &'a Request,
    pub duplicates: Duplicates,
    /// Whether confirming it would be rejected because an identical record was just created.
    pub is_duplicate: bool,
    /// What it will do, such as `update Ticket 8107`.
    pub would: String,
    /// Only needed if it is shown.
    pub preview: Value,
}

impl Executor {
    /// How a write is confirmed: clients without elicitation give a code, and those that cannot return one are asked.
    pub(super) fn effective_mode(&self, call: CallContext<'_>) -> ConfirmMode {
        let can_elicit = call.channel.supports_elicitation();
        match call.caller.access().mode() {
            ConfirmMode::Elicit if !can_elicit => ConfirmMode::Bound,
            ConfirmMode::Bound if can_elicit && self.cannot_return_codes(call) => {
                ConfirmMode::Elicit
            }
            mode => mode,
        }
    }

    /// Whether a code would expire with the process before it could be returned.
    fn cannot_return_codes(&self, call: CallContext<'_>) -> bool {
        !call.channel.can_present_code() && !self.codes.valid_across_processes()
    }

    /// What the `confirm` argument leads to.
    ///
    /// # Errors
    /// `confirm-mismatch`.
    pub(super) fn confirm_step(&self, call: CallContext<'_>) -> Result<ConfirmStep, Error> {
        let mode = self.effective_mode(call);
        match call.confirm {
            Some(_) if mode == ConfirmMode::Bound && self.cannot_return_codes(call) => {
                Err(codes_unavailable_error())
            }
            confirm => next_step(mode, token_of(call.tool)?, confirm),
        }
    }

    /// Approval of one write, or of several that are shown together.
    ///
    /// # Errors
    /// `confirm-required` with the preview, or `confirm-mismatch`.
    pub(super) async fn obtain_approval(
        &self,
        call: CallContext<'_>,
        step: ConfirmStep,
        proposal: Proposal<'_>,
    ) -> Result<Confirmed, Error> {
        let token = token_of(call.tool)?;
        let binding = |presenter| WriteBinding {
            tool: call.tool.name(),
            token,
            caller: call.caller.name(),
            request: proposal.request,
            duplicates: proposal.duplicates,
            presenter,
        };
        let (would, preview) = (proposal.would.as_str(), proposal.preview);
        match step {
            ConfirmStep::Proceed(confirmed) => Ok(confirmed),
            ConfirmStep::VerifyCode(code) => {
                self.codes.redeem(code, binding(Presenter::Caller)).await
            }
            ConfirmStep::Preview if proposal.is_duplicate => {
                Err(preview_duplicate_error(would, preview))
            }
            ConfirmStep::Preview => {
                let is_bound = self.effective_mode(call) != ConfirmMode::Token;
                if is_bound && self.cannot_return_codes(call) {
                    return Err(preview_without_code_error(would, preview));
                }
                let view = call.channel.view_confirm();
                let issue = || self.codes.issue(binding(Presenter::Caller));
                let code = (is_bound || view.is_some()).then(issue).transpose()?;
                let with_code = code.map(|code| format!("{token}:{code}"));
                view.zip(with_code.as_ref()).map(|(view, confirm)| view.set(confirm.clone()));
                let confirm = with_code.filter(|_| is_bound).unwrap_or_else(|| token.to_owned());
                Err(preview_error(would, &confirm, preview))
            }
            ConfirmStep::Elicit => {
                let binding = binding(Presenter::Person);
                self.elicit_approval(call, binding, (would.to_owned(), preview)).await
            }
        }
    }

    /// Approval by the user, whose reply returns a code, perhaps in a call of its own.
    async fn elicit_approval(
        &self,
        call: CallContext<'_>,
        binding: WriteBinding<'_>,
        (would, preview): (String, Value),
    ) -> Result<Confirmed, Error> {
        let code = self.codes.issue(binding)?.to_string();
        let request = ConfirmationRequest { would, preview, code };
        match call.channel.elicit(&request).await {
            ConfirmationReply::Accepted(code) => {
                let code =
                    ConfirmationCode::read(&code).ok_or_else(|| wrong_code_error(binding.token))?;
                self.codes.redeem(code, binding).await
            }
            ConfirmationReply::Deferred => {
                Err(awaiting_person_error(&request.would, request.preview))
            }
            ConfirmationReply::Rejected(reason, code) => {
                // The code is used up by a rejection too, so that it cannot be accepted later.
                if let Some(code) = code.as_deref().and_then(ConfirmationCode::read) {
                    self.codes.redeem(code, binding).await.ok();
                }
                call.attempt.record_rejection(reason);
                Err(not_approved_error(reason))
            }
        }
    }
}

fn token_of(tool: Tool) -> Result<&'static str, Error> {
    let none = || Error::internal(format!("{} has no confirm token.", tool.name()));
    tool.token().ok_or_else(none)
}
