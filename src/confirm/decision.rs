//! Decides the next step of a write from the `confirm` argument, and builds the errors that contain a preview.

use serde_json::Value;

use super::code::{
    ConfirmationCode, OMIT_CONFIRM, TERMINAL_APPROVAL, USE_A_TERMINAL, confirm_mismatch,
    wrong_code_error,
};
use crate::config::ConfirmMode;
use crate::confirm::Confirmed;
use crate::error::{self, Error};
use crate::plan::{Change, Write};

/// The next step of a write.
#[derive(Debug)]
pub enum ConfirmStep {
    /// Return a preview.
    Preview,
    /// Show a preview to the user, who decides.
    Elicit,
    /// Verify the code against the request.
    VerifyCode(ConfirmationCode),
    /// Send it, because `confirm` is the tool's token.
    Proceed(Confirmed),
}

impl ConfirmStep {
    /// Whether the write is previewed before it is sent.
    #[must_use]
    pub fn shows_preview(&self) -> bool {
        matches!(self, Self::Preview | Self::Elicit)
    }
}

/// The next step of a write, by confirm mode and `confirm` argument.
///
/// # Errors
/// `confirm-mismatch` for a value that is neither the token nor a code of this tool.
///
/// A code is accepted instead of the token too: it proves more, namely which write was shown.
pub fn next_step(
    mode: ConfirmMode,
    token: &'static str,
    confirm: Option<&str>,
) -> Result<ConfirmStep, Error> {
    match (mode, confirm) {
        (ConfirmMode::Elicit, _) => Ok(ConfirmStep::Elicit),
        (_, None) => Ok(ConfirmStep::Preview),
        (ConfirmMode::Token, Some(confirm)) if confirm == token => {
            Ok(ConfirmStep::Proceed(Confirmed(())))
        }
        (_, Some(confirm)) => {
            let code = confirm.strip_prefix(token).and_then(|rest| rest.strip_prefix(':'));
            let code = code.and_then(ConfirmationCode::read);
            code.map(ConfirmStep::VerifyCode).ok_or_else(|| match mode {
                ConfirmMode::Token => wrong_token(token),
                _ => wrong_code_error(token),
            })
        }
    }
}

/// Why a write was not approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectReason {
    /// The user declined.
    Declined,
    /// The user closed the dialog.
    Cancelled,
    /// No valid reply arrived.
    NoResponse,
}

impl RejectReason {
    /// The reason in one word, for the audit log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Cancelled => "dismissed",
            Self::NoResponse => "unanswered",
        }
    }
}

/// The effect of a write; completes the sentence "Confirming will …". The subject identifies the record to people.
#[must_use]
pub fn describe_write(write: &Write, subject: &str) -> String {
    match &write.change {
        Change::Create(_) => format!("create {subject}"),
        Change::Update(..) | Change::UpdateMany(..) => format!("update {subject}"),
        Change::Delete(_) => format!("permanently delete {subject}"),
    }
}

/// The `confirm-required` error with a preview and the value that confirms it.
#[must_use]
pub fn preview_error(would: &str, confirm: &str, preview: Value) -> Error {
    preview_body(would, preview)
        .accepts(format!("confirm: {confirm}"))
        .next(format!("To apply it, repeat the call with \"confirm\":\"{confirm}\"."))
}

/// The `confirm-required` error of a process that ends with the call and cannot ask the user.
#[must_use]
pub fn preview_without_code_error(would: &str, preview: Value) -> Error {
    preview_body(would, preview).accepts(TERMINAL_APPROVAL).next(USE_A_TERMINAL)
}

/// The error with a preview of a write that would be rejected as a duplicate.
#[must_use]
pub fn preview_duplicate_error(would: &str, preview: Value) -> Error {
    let message = format!(
        "Preview only; nothing was written, and confirming would be rejected as a duplicate. With allowDuplicate it will {would}:"
    );
    confirm_required(message)
        .preview(preview)
        .accepts("allowDuplicate: true, if a second one is intended")
        .next("If so, repeat the call with \"allowDuplicate\":true to see how to confirm it.")
}

fn preview_body(would: &str, preview: Value) -> Error {
    let message = format!("Preview only; nothing was written. Confirming will {would}:");
    confirm_required(message).preview(preview)
}

/// The error for a client whose user is being asked.
#[must_use]
pub fn awaiting_person_error(would: &str, preview: Value) -> Error {
    let message = format!("Nothing was written yet; the user is asked whether to {would}:");
    confirm_required(message).preview(preview)
}

/// The `confirm-required` error if the user did not approve.
#[must_use]
pub fn not_approved_error(reason: RejectReason) -> Error {
    let message = match reason {
        RejectReason::Declined => "Not written: the user declined.",
        RejectReason::Cancelled => "Not written: the user closed the dialog without a decision.",
        RejectReason::NoResponse => "Not written: the user's reply did not arrive.",
    };
    confirm_required(message).next("Check with the user before requesting this write again.")
}

fn confirm_required(message: impl Into<String>) -> Error {
    Error::new(error::Code::ConfirmRequired, message)
}

fn wrong_token(token: &str) -> Error {
    confirm_mismatch("Not written: confirm is not this tool's token.")
        .accepts(format!("confirm: {token}"))
        .next(OMIT_CONFIRM)
}
