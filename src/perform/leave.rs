//! Leave to write: given by a token, by the code of a preview, or by a person.

use serde_json::Value;

use super::preview::{Drawn, preview};
use super::{Call, Performer};
use crate::caller::{Question, Said};
use crate::config::ConfirmMode;
use crate::error::Error;
use crate::gate::Confirmed;
use crate::gate::confirm::{
    Way, asked, deed, judge, mismatch, no_codes, show, show_only, show_refused, unanswered, word,
};
use crate::gate::seal::{By, Code, Deed};

impl Performer {
    /// How a write is confirmed: who cannot be asked gives a code, and who cannot bring one back is asked.
    pub(super) fn mode(&self, call: Call<'_>) -> ConfirmMode {
        let can_ask = call.line.can_ask();
        match call.caller.gate().mode() {
            ConfirmMode::Elicit if !can_ask => ConfirmMode::Bound,
            ConfirmMode::Bound if can_ask && self.loses_codes(call) => ConfirmMode::Elicit,
            mode => mode,
        }
    }

    /// Whether a code would be gone before it could be given.
    fn loses_codes(&self, call: Call<'_>) -> bool {
        !call.line.comes_back() && !self.codes.outlive()
    }

    /// The way that the caller's word opens.
    ///
    /// # Errors
    /// `confirm-mismatch`.
    pub(super) fn way(&self, call: Call<'_>) -> Result<Way, Error> {
        let mode = self.mode(call);
        match call.confirm {
            Some(_) if mode == ConfirmMode::Bound && self.loses_codes(call) => Err(no_codes()),
            given => judge(mode, call.tool, given),
        }
    }

    /// Leave for one write.
    ///
    /// # Errors
    /// `confirm-required` with the preview, or `confirm-mismatch`.
    pub(super) async fn leave(
        &self,
        call: Call<'_>,
        way: Way,
        drawn: Drawn<'_>,
    ) -> Result<Confirmed, Error> {
        let tied = |by| Deed {
            tool: call.tool,
            caller: call.caller.name(),
            request: drawn.request,
            duplicates: drawn.write.duplicates,
            by,
        };
        match way {
            Way::Go(confirmed) => Ok(confirmed),
            Way::Check(code) => self.codes.open(code, tied(By::Caller)).await,
            Way::Show if drawn.is_refused => {
                Err(show_refused(drawn.write, self.shown(drawn).await))
            }
            Way::Show => {
                let code = match self.mode(call) {
                    ConfirmMode::Token => None,
                    _ if self.loses_codes(call) => {
                        return Err(show_only(drawn.write, self.shown(drawn).await));
                    }
                    _ => Some(self.codes.issue(tied(By::Caller))?),
                };
                let word = word(call.tool, code.as_ref())?;
                Err(show(drawn.write, &word, self.shown(drawn).await))
            }
            Way::Ask => self.asked(call, tied(By::Person), drawn).await,
        }
    }

    /// The preview, with labels beside its numbers.
    async fn shown(&self, drawn: Drawn<'_>) -> Value {
        let mut shown = preview(drawn);
        self.annotate(&mut shown, (drawn.write, drawn.present), drawn.notes).await;
        shown
    }

    /// Leave that a person gives; their answer brings the code back, perhaps with a call of its own.
    async fn asked(
        &self,
        call: Call<'_>,
        tied: Deed<'_>,
        drawn: Drawn<'_>,
    ) -> Result<Confirmed, Error> {
        let question = Question {
            would: deed(drawn.write),
            preview: self.shown(drawn).await,
            code: self.codes.issue(tied)?.to_string(),
        };
        match call.line.ask(&question).await {
            Said::Yes(code) => {
                let code = Code::read(&code).ok_or_else(|| mismatch(call.tool))?;
                self.codes.open(code, tied).await
            }
            Said::Later => Err(asked(drawn.write, question.preview)),
            Said::No(why, code) => {
                // A no is good for ever: the same code brings no yes after it.
                if let Some(code) = code.as_deref().and_then(Code::read) {
                    self.codes.open(code, tied).await.ok();
                }
                call.attempt.record_rejection(why);
                Err(unanswered(why))
            }
        }
    }
}
