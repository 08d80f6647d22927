//! Completion requests and results in the protocol's form.

use rmcp::model::{CompleteResult, CompletionInfo, Reference};

use crate::app::prompts::{CompletionRef, Completions};

/// What the argument belongs to; none for an unknown kind of reference.
pub fn completion_ref(reference: &Reference) -> Option<CompletionRef<'_>> {
    match reference {
        Reference::Prompt(prompt) => Some(CompletionRef::Prompt(&prompt.name)),
        Reference::Resource(template) => Some(CompletionRef::Template(&template.uri)),
        _ => None,
    }
}

/// Completions as a result.
pub fn to_complete_result(completions: Completions) -> CompleteResult {
    let mut info = CompletionInfo::default();
    info.total = completions.total.and_then(|total| u32::try_from(total).ok());
    info.has_more = Some(completions.has_more);
    info.values = completions.values;
    CompleteResult::new(info)
}
