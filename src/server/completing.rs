//! What a client asks to complete, and what it is told.

use rmcp::model::{CompleteRequestParams, CompleteResult, CompletionInfo, Reference};

use crate::blank::Blank;
use crate::clean;
use crate::desk::Suggestions;
use crate::gate::Gate;
use crate::prompts;
use crate::uris::TEMPLATES;

/// What fills the blank that is asked about.
///
/// # Errors
/// What to say of a prompt, template or argument that is not there for whoever is behind this gate.
pub fn blank(gate: &Gate, request: &CompleteRequestParams) -> Result<Blank, String> {
    let argument = request.argument.name.as_str();
    match &request.r#ref {
        Reference::Prompt(prompt) => {
            let prompt = prompts::find(gate, &prompt.name)?;
            Ok(prompt.argument(argument)?.blank)
        }
        Reference::Resource(template) => of_template(gate, &template.uri, argument),
        _ => Err("Only arguments of prompts and of resource templates are completed.".to_owned()),
    }
}

fn of_template(gate: &Gate, uri: &str, argument: &str) -> Result<Blank, String> {
    let mut open = TEMPLATES.iter().filter(|one| one.is_open(gate));
    let Some(template) = open.clone().find(|one| one.uri == uri) else {
        let known: Vec<_> = open.by_ref().map(|one| one.uri).collect();
        let shown = shown(uri);
        return Err(match known.as_slice() {
            [] => format!("Unknown template: {shown}; none is offered here."),
            known => format!("Unknown template: {shown}; there are {}.", known.join(", ")),
        });
    };
    match template.blank() {
        Some((name, blank)) if name == argument => Ok(blank),
        taken => {
            let takes = taken.map_or("nothing", |(name, _)| name);
            let shown = shown(argument);
            Err(format!("{uri} has no argument {shown}; it takes {takes}."))
        }
    }
}

/// A caller's word on one line, cut where it is long.
fn shown(word: &str) -> String {
    clean::line(word).chars().take(64).collect()
}

/// Suggestions as the protocol has them.
pub fn result(suggested: Suggestions) -> CompleteResult {
    let total = suggested.total.and_then(|total| u32::try_from(total).ok());
    let mut told = CompletionInfo::default();
    told.values = suggested.values;
    told.total = total;
    told.has_more = Some(suggested.more);
    CompleteResult::new(told)
}
