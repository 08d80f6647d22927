//! Asks the user at the terminal to confirm a write of `call`.

use std::io::{self, IsTerminal};
use std::thread;

use autotask_mcp::access::caller::{
    ClientChannel, ConfirmationReply, ConfirmationRequest, ReplyFuture,
};
use autotask_mcp::app::App;
use autotask_mcp::confirm::decision::RejectReason;
use tokio::sync::oneshot;

use super::spinner::Spinner;

/// The terminal as a client; the process ends with the call.
pub struct Terminal<'a> {
    pub app: &'a App,
    pub progress: &'a Spinner,
}

impl ClientChannel for Terminal<'_> {
    fn progress(&self, done: u64, total: Option<u64>, message: &str) {
        self.progress.report(done, total, message);
    }

    fn supports_elicitation(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    fn can_present_code(&self) -> bool {
        false
    }

    fn elicit<'a>(&'a self, question: &'a ConfirmationRequest) -> ReplyFuture<'a> {
        self.progress.clear();
        eprintln!("{}", self.app.confirmation_text(question));
        eprint!("Type yes to write it: ");
        let (typed, read) = oneshot::channel();
        // On its own thread, because reading blocks: a signal can still end the call.
        thread::spawn(move || {
            let mut text = String::new();
            let read = io::stdin().read_line(&mut text);
            typed.send(read.map(|length| (length, text))).ok();
        });
        Box::pin(async move {
            match read.await {
                Ok(Ok((0, _))) => ConfirmationReply::Rejected(RejectReason::Cancelled, None),
                Ok(Ok((_, text))) if text.trim() == "yes" => {
                    ConfirmationReply::Accepted(question.code.clone())
                }
                Ok(Ok(_)) => ConfirmationReply::Rejected(RejectReason::Declined, None),
                Ok(Err(_)) | Err(_) => ConfirmationReply::Rejected(RejectReason::NoResponse, None),
            }
        })
    }
}
