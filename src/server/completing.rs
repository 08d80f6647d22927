//! What a client asks to complete, and what it is told.

use rmcp::model::{CompleteResult, CompletionInfo, Reference};

use crate::desk::prompting::{Of, Suggestions};

/// What a blank is part of; none for a kind that we do not know.
pub fn of(reference: &Reference) -> Option<Of<'_>> {
    match reference {
        Reference::Prompt(prompt) => Some(Of::Prompt(&prompt.name)),
        Reference::Resource(template) => Some(Of::Template(&template.uri)),
        _ => None,
    }
}

/// Suggestions as the protocol has them.
pub fn result(suggested: Suggestions) -> CompleteResult {
    let mut told = CompletionInfo::default();
    told.total = suggested.total.and_then(|total| u32::try_from(total).ok());
    told.has_more = Some(suggested.more);
    told.values = suggested.values;
    CompleteResult::new(told)
}
