//! Leave to write: given by a token, by the code of a preview, or by a person.

use serde_json::Value;

use super::preview::{Drawn, preview};
use super::{Call, Performer};
use crate::caller::{Question, Said};
use crate::config::ConfirmMode;
use crate::error::Error;
use crate::gate::Confirmed;
use crate::gate::confirm::{Way, asked, deed, mismatch, show, unanswered, word};
use crate::gate::seal::{By, Code, Deed};

impl Call<'_> {
    /// How a write is confirmed: who cannot be asked gives a code.
    pub(super) fn mode(&self) -> ConfirmMode {
        match self.caller.gate().mode() {
            ConfirmMode::Elicit if !self.line.can_ask() => ConfirmMode::Bound,
            mode => mode,
        }
    }
}

impl Performer {
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
            Way::Show => {
                let code = match call.mode() {
                    ConfirmMode::Token => None,
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
        self.annotate(&mut shown, (drawn.write, drawn.present), drawn.notes)
            .await;
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
            Said::No(why) => Err(unanswered(why)),
        }
    }
}
