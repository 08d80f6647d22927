//! Leave to write: given by a token, by the code of a preview, or by a person.

use serde_json::Value;

use super::preview::{PendingWrite, preview};
use super::{CallContext, Executor};
use crate::access::caller::{ConfirmationReply, ConfirmationRequest};
use crate::config::ConfirmMode;
use crate::confirm::Confirmed;
use crate::confirm::code::{ConfirmationCode, Presenter, WriteBinding};
use crate::confirm::decision::{
    ConfirmStep, awaiting_person_error, codes_unavailable_error, confirm_value, describe_write,
    next_step, not_approved_error, preview_duplicate_error, preview_error,
    preview_without_code_error, wrong_code_error,
};
use crate::error::Error;

impl Executor {
    /// How a write is confirmed: who cannot be asked gives a code, and who cannot bring one back is asked.
    pub(super) fn effective_mode(&self, call: CallContext<'_>) -> ConfirmMode {
        let can_ask = call.line.supports_elicitation();
        match call.caller.access().mode() {
            ConfirmMode::Elicit if !can_ask => ConfirmMode::Bound,
            ConfirmMode::Bound if can_ask && self.cannot_return_codes(call) => ConfirmMode::Elicit,
            mode => mode,
        }
    }

    /// Whether a code would be gone before it could be given.
    fn cannot_return_codes(&self, call: CallContext<'_>) -> bool {
        !call.line.can_present_code() && !self.codes.valid_across_processes()
    }

    /// The way that the caller's word opens.
    ///
    /// # Errors
    /// `confirm-mismatch`.
    pub(super) fn confirm_step(&self, call: CallContext<'_>) -> Result<ConfirmStep, Error> {
        let mode = self.effective_mode(call);
        match call.confirm {
            Some(_) if mode == ConfirmMode::Bound && self.cannot_return_codes(call) => {
                Err(codes_unavailable_error())
            }
            given => next_step(mode, call.tool, given),
        }
    }

    /// Leave for one write.
    ///
    /// # Errors
    /// `confirm-required` with the preview, or `confirm-mismatch`.
    pub(super) async fn obtain_approval(
        &self,
        call: CallContext<'_>,
        way: ConfirmStep,
        drawn: PendingWrite<'_>,
    ) -> Result<Confirmed, Error> {
        let tied = |by| WriteBinding {
            tool: call.tool,
            caller: call.caller.name(),
            request: drawn.request,
            duplicates: drawn.write.duplicates,
            by,
        };
        match way {
            ConfirmStep::Proceed(confirmed) => Ok(confirmed),
            ConfirmStep::VerifyCode(code) => self.codes.open(code, tied(Presenter::Caller)).await,
            ConfirmStep::Preview if drawn.is_refused => {
                Err(preview_duplicate_error(drawn.write, self.annotated_preview(drawn).await))
            }
            ConfirmStep::Preview => {
                let code = match self.effective_mode(call) {
                    ConfirmMode::Token => None,
                    _ if self.cannot_return_codes(call) => {
                        return Err(preview_without_code_error(
                            drawn.write,
                            self.annotated_preview(drawn).await,
                        ));
                    }
                    _ => Some(self.codes.issue(tied(Presenter::Caller))?),
                };
                let word = confirm_value(call.tool, code.as_ref())?;
                Err(preview_error(drawn.write, &word, self.annotated_preview(drawn).await))
            }
            ConfirmStep::Elicit => self.elicit_approval(call, tied(Presenter::Person), drawn).await,
        }
    }

    /// The preview, with labels beside its numbers.
    async fn annotated_preview(&self, drawn: PendingWrite<'_>) -> Value {
        let mut shown = preview(drawn);
        self.add_labels(&mut shown, (drawn.write, drawn.present), drawn.notes).await;
        shown
    }

    /// Leave that a person gives; their answer brings the code back, perhaps with a call of its own.
    async fn elicit_approval(
        &self,
        call: CallContext<'_>,
        tied: WriteBinding<'_>,
        drawn: PendingWrite<'_>,
    ) -> Result<Confirmed, Error> {
        let question = ConfirmationRequest {
            would: describe_write(drawn.write),
            preview: self.annotated_preview(drawn).await,
            code: self.codes.issue(tied)?.to_string(),
        };
        match call.line.elicit(&question).await {
            ConfirmationReply::Accepted(code) => {
                let code =
                    ConfirmationCode::read(&code).ok_or_else(|| wrong_code_error(call.tool))?;
                self.codes.open(code, tied).await
            }
            ConfirmationReply::Deferred => {
                Err(awaiting_person_error(drawn.write, question.preview))
            }
            ConfirmationReply::Rejected(why, code) => {
                // A no is good for ever: the same code brings no yes after it.
                if let Some(code) = code.as_deref().and_then(ConfirmationCode::read) {
                    self.codes.open(code, tied).await.ok();
                }
                call.attempt.record_rejection(why);
                Err(not_approved_error(why))
            }
        }
    }
}
