//! The person at the terminal: shown a write that the command line is to make, and asked for their yes.

use std::future::ready;
use std::io::{self, IsTerminal};

use autotask_mcp::caller::{Asking, Line, No, Question, Said};
use autotask_mcp::desk::Desk;

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
        let mut typed = String::new();
        let read = io::stdin().read_line(&mut typed);
        Box::pin(ready(match (read, typed.trim()) {
            (Ok(0), _) => Said::No(No::Dismissed),
            (Ok(_), "yes") => Said::Yes(question.code.clone()),
            (Ok(_), _) => Said::No(No::Declined),
            (Err(_), _) => Said::No(No::Unanswered),
        }))
    }
}
