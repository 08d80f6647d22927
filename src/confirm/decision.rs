//! What `confirm` comes to, before the request is known; and the words for a write that is shown or refused.

use serde_json::Value;

use super::code::ConfirmationCode;
use crate::access::caller::RejectReason;
use crate::config::ConfirmMode;
use crate::confirm::Confirmed;
use crate::error::{self, Error};
use crate::plan::{Change, Write};
use crate::tools::{Arguments, Tool};

/// The way a write takes.
#[derive(Debug)]
pub enum ConfirmStep {
    /// It is shown.
    Preview,
    /// It is shown to a person, who decides.
    Elicit,
    /// A code was given, to be checked against the request.
    VerifyCode(ConfirmationCode),
    /// The tool's token was given.
    Proceed(Confirmed),
}

/// What `confirm` comes to; `mode` is what the line to the caller leaves of the setting.
///
/// # Errors
/// `confirm-mismatch` for a word that is neither the token nor a code of this tool.
pub fn next_step(mode: ConfirmMode, tool: Tool, given: Option<&str>) -> Result<ConfirmStep, Error> {
    let token = tool_token(tool)?;
    match (mode, given) {
        (ConfirmMode::Elicit, _) => Ok(ConfirmStep::Elicit),
        (_, None) => Ok(ConfirmStep::Preview),
        (ConfirmMode::Token, Some(given)) if given == token => {
            Ok(ConfirmStep::Proceed(Confirmed(())))
        }
        (ConfirmMode::Token, Some(_)) => Err(wrong_token(token)),
        (ConfirmMode::Bound, Some(given)) => {
            let code = given.strip_prefix(token).and_then(|rest| rest.strip_prefix(':'));
            let code = code.and_then(ConfirmationCode::read);
            code.map(ConfirmStep::VerifyCode).ok_or_else(|| wrong_code_error(tool))
        }
    }
}

/// The word that a preview names: the token alone, or with a code.
///
/// # Errors
/// `internal` for a tool that writes nothing.
pub fn confirm_value(tool: Tool, code: Option<&ConfirmationCode>) -> Result<String, Error> {
    let token = tool_token(tool)?;
    Ok(code.map_or_else(|| token.to_owned(), |code| format!("{token}:{code}")))
}

fn tool_token(tool: Tool) -> Result<&'static str, Error> {
    let none = || Error::internal(format!("{} has no confirm token.", tool.name()));
    tool.token().ok_or_else(none)
}

/// Takes the token out of the arguments: it belongs to the envelope, not to the letter.
pub fn take_confirm(tool: Tool, arguments: &mut Arguments) -> Option<String> {
    tool.token()?;
    match arguments.shift_remove("confirm")? {
        Value::Null => None,
        Value::String(token) => Some(token).filter(|token| !token.is_empty()),
        other => Some(other.to_string()),
    }
}

/// What a write would do, to follow "this would".
#[must_use]
pub fn describe_write(write: &Write) -> String {
    let (name, id) = (write.entity.singular(), write.id());
    match &write.change {
        Change::Create(_) => format!("create this {name}"),
        Change::Update(..) => format!("change {name} {}", id.unwrap_or_default()),
        Change::UpdateMany(keys, _) => format!("change {} {name} records", keys.len()),
        Change::Delete(_) => format!("delete {name} {} for good", id.unwrap_or_default()),
    }
}

/// The `confirm-required` error that shows a write and the word to give.
#[must_use]
pub fn preview_error(write: &Write, word: &str, preview: Value) -> Error {
    preview_body(write, preview)
        .accepts(format!("confirm: {word}"))
        .next(format!("If this is what is wanted, call again with \"confirm\":\"{word}\"."))
}

/// The same in a process that ends before a code could come back, and cannot ask anybody.
#[must_use]
pub fn preview_without_code_error(write: &Write, preview: Value) -> Error {
    preview_body(write, preview).accepts("a person's yes, typed in a terminal").next(USE_A_TERMINAL)
}

/// The error that shows a write which an equal create of a moment ago would have refused.
#[must_use]
pub fn preview_duplicate_error(write: &Write, preview: Value) -> Error {
    let message = format!(
        "Nothing was written yet, and confirmed it would be refused; with allowDuplicate this would {}:",
        describe_write(write)
    );
    confirm_required(message)
        .preview(preview)
        .accepts("allowDuplicate: true, if a second one is wanted")
        .next("If it is, call again with \"allowDuplicate\":true, to be shown what unlocks it.")
}

fn preview_body(write: &Write, preview: Value) -> Error {
    let message =
        format!("Nothing was written yet; confirmed, this would {}:", describe_write(write));
    confirm_required(message).preview(preview)
}

/// What a caller's program reads while the person is asked.
#[must_use]
pub fn awaiting_person_error(write: &Write, preview: Value) -> Error {
    let message = format!(
        "Nothing was written yet; the person is asked whether to {}:",
        describe_write(write)
    );
    confirm_required(message).preview(preview)
}

/// The `confirm-required` error of a person who did not say yes.
#[must_use]
pub fn not_approved_error(why: RejectReason) -> Error {
    let message = match why {
        RejectReason::Declined => "Nothing was written: the person declined.",
        RejectReason::Cancelled => {
            "Nothing was written: the person closed the question without an answer."
        }
        RejectReason::NoResponse => "Nothing was written: the person's answer did not arrive.",
    };
    confirm_required(message).next("Talk with the person before asking for this write again.")
}

fn confirm_required(message: impl Into<String>) -> Error {
    Error::new(error::Code::ConfirmRequired, message)
}

fn confirm_mismatch(message: &str) -> Error {
    Error::new(error::Code::ConfirmMismatch, message)
}

fn wrong_token(token: &str) -> Error {
    confirm_mismatch("Nothing was written: confirm is not this tool's token.")
        .accepts(format!("confirm: {token}"))
        .next(OMIT_CONFIRM)
}

/// A code that is not for this, or no code.
#[must_use]
pub fn wrong_code_error(tool: Tool) -> Error {
    let token = tool.token().unwrap_or_default();
    confirm_mismatch("Nothing was written: confirm is no code for exactly this write.")
        .accepts(format!("the code of this write's preview, which begins with {token}:"))
        .next(OMIT_CONFIRM)
}

/// Any word, in a process that ends before a code could come back, and cannot ask anybody.
#[must_use]
pub fn codes_unavailable_error() -> Error {
    confirm_mismatch("Nothing was written: no code unlocks a write here.")
        .accepts("a person's yes, typed in a terminal")
        .next(USE_A_TERMINAL)
}

/// A code that another replica may have used.
pub(crate) fn replay_unknown_error() -> Error {
    confirm_mismatch(
        "Nothing was written: Redis does not answer, so another replica may have used this code.",
    )
    .with_retry(error::Retry::Later(5))
    .next("Make the same call again in a few seconds.")
}

/// A code of more than ten minutes ago.
pub(crate) fn expired_error() -> Error {
    confirm_mismatch("Nothing was written: the code is more than ten minutes old.")
        .next(OMIT_CONFIRM)
}

/// A code that made its write.
pub(crate) fn already_used_error() -> Error {
    confirm_mismatch("Nothing was written: the code was used already, and is good once.")
        .next(OMIT_CONFIRM)
}

const USE_A_TERMINAL: &str = "A code would end with this process: make the call in a terminal, which asks you, or through a server.";
const OMIT_CONFIRM: &str = "Leave confirm out to see what would be written.";
