//! Leave to write: given by a token, by the code of a preview, or by a person.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use tokio::time::Instant;

use super::preview::{Drawn, preview};
use super::{Call, Performer};
use crate::caller::{Question, Said};
use crate::config::{Config, ConfirmMode};
use crate::error::Error;
use crate::gate::Confirmed;
use crate::gate::confirm::{Way, asked, deed, mismatch, show, unanswered, word};
use crate::gate::seal::{By, Code, Deed, Seal};

/// Unix time that never jumps while the process runs.
pub(super) struct Clock {
    began: Instant,
    unix: Duration,
}

impl Clock {
    /// Set by the system's clock, once.
    pub(super) fn new() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            began: Instant::now(),
            unix: unix.unwrap_or_default(),
        }
    }

    fn now(&self) -> Duration {
        self.unix + self.began.elapsed()
    }
}

/// The seal of the tenant that the settings name.
pub(super) fn seal(config: &Config) -> Seal {
    let zone = config.api_url.as_ref().map(ToString::to_string);
    Seal::new(json!([config.username, zone, config.impersonation]).to_string())
}

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
            by,
        };
        match way {
            Way::Go(confirmed) => Ok(confirmed),
            Way::Check(code) => self.opened(code, tied(By::Caller)),
            Way::Show => {
                let code = match call.mode() {
                    ConfirmMode::Token => None,
                    _ => Some(self.seal.issue(tied(By::Caller), self.clock.now())?),
                };
                let word = word(call.tool, code.as_ref())?;
                Err(show(drawn.write, &word, preview(drawn)))
            }
            Way::Ask => self.asked(call, tied(By::Person), drawn).await,
        }
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
            preview: preview(drawn),
            code: self.seal.issue(tied, self.clock.now())?.to_string(),
        };
        match call.line.ask(&question).await {
            Said::Yes(code) => {
                let code = Code::read(&code).ok_or_else(|| mismatch(call.tool))?;
                self.opened(code, tied)
            }
            Said::Later => Err(asked(drawn.write, question.preview)),
            Said::No(why) => Err(unanswered(why)),
        }
    }

    /// A code is used up by the attempt, whatever comes of it.
    fn opened(&self, code: Code, tied: Deed<'_>) -> Result<Confirmed, Error> {
        let right = self.seal.open(code, tied, self.clock.now())?;
        let is = self.used.once(right.code(), right.left());
        right.confirm(is)
    }
}
