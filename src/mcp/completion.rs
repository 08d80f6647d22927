//! What a client asks to complete, and what it is told.

use rmcp::model::{CompleteResult, CompletionInfo, Reference};

use crate::app::prompts::{CompletionRef, Completions};

/// What a blank is part of; none for a kind that we do not know.
pub fn completion_ref(reference: &Reference) -> Option<CompletionRef<'_>> {
    match reference {
        Reference::Prompt(prompt) => Some(CompletionRef::Prompt(&prompt.name)),
        Reference::Resource(template) => Some(CompletionRef::Template(&template.uri)),
        _ => None,
    }
}

/// Suggestions as the protocol has them.
pub fn to_complete_result(suggested: Completions) -> CompleteResult {
    let mut told = CompletionInfo::default();
    told.total = suggested.total.and_then(|total| u32::try_from(total).ok());
    told.has_more = Some(suggested.more);
    told.values = suggested.values;
    CompleteResult::new(told)
}
