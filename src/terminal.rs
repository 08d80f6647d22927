//! The person at the terminal: shown a write that the command line is to make, and asked for their yes.

use std::io::{self, IsTerminal};
use std::thread;

use autotask_mcp::caller::{Asking, Line, No, Question, Said};
use autotask_mcp::desk::Desk;
use tokio::sync::oneshot;

/// The way back to whoever called from the command line; the process ends with the call.
pub struct Terminal<'a>(pub &'a Desk);

impl Line for Terminal<'_> {
    fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    fn comes_back(&self) -> bool {
        false
    }

    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        eprintln!("{}", self.0.question(question));
        eprint!("Type yes to do so: ");
        let (typed, read) = oneshot::channel();
        // A thread of its own: whoever waits here can still be told to end.
        thread::spawn(move || {
            let mut text = String::new();
            let read = io::stdin().read_line(&mut text);
            typed.send(read.map(|length| (length, text))).ok();
        });
        Box::pin(async move {
            match read.await {
                Ok(Ok((0, _))) => Said::No(No::Dismissed, None),
                Ok(Ok((_, text))) if text.trim() == "yes" => Said::Yes(question.code.clone()),
                Ok(Ok(_)) => Said::No(No::Declined, None),
                Ok(Err(_)) | Err(_) => Said::No(No::Unanswered, None),
            }
        })
    }
}
