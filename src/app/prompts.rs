//! Prompts and completion, for whoever calls.

use std::borrow::Cow;

use super::App;
use crate::access::caller::Caller;
use crate::completion::{CompletionTarget, MAX_PREFIX_CHARS};
use crate::prompts::{self, Prompt};
use crate::resources;
use crate::tools::Arguments;

/// As many suggestions as a client takes.
const MAX_COMPLETIONS: usize = 100;

/// What a blank is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionRef<'a> {
    /// The prompt of a name.
    Prompt(&'a str),
    /// The resource template of a URI.
    Template(&'a str),
}

/// What may stand in a blank, the likeliest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completions {
    pub values: Vec<String>,
    /// How many there are, where that is known.
    pub total: Option<usize>,
    pub more: bool,
}

impl App {
    /// The text of a prompt; it asks for calls, and makes none.
    ///
    /// # Errors
    /// What to say of a prompt that is not offered to this caller, or of an argument.
    pub fn get_prompt(
        &self,
        caller: &Caller,
        name: &str,
        arguments: &Arguments,
    ) -> Result<(&'static Prompt, String), String> {
        let filled = || {
            let prompt = prompts::find(caller.gate(), name)?;
            let text = prompt.text(arguments, &self.closed_status_ids)?;
            Ok((prompt, text))
        };
        filled().map_err(|why: String| self.redact(&why))
    }

    /// What may stand in the place of an argument that begins so.
    ///
    /// # Errors
    /// What to say of a prompt, template or argument that there is not for this caller.
    pub async fn complete(
        &self,
        caller: &Caller,
        of: CompletionRef<'_>,
        argument: &str,
        beginning: &str,
    ) -> Result<Completions, String> {
        let gate = caller.gate();
        let blank = match of {
            CompletionRef::Prompt(name) => prompts::find(gate, name)
                .and_then(|prompt| prompt.argument(argument))
                .map(|argument| argument.blank),
            CompletionRef::Template(uri) => resources::completion_target(gate, uri, argument),
        };
        let blank = blank.map_err(|why| self.redact(&why))?;
        Ok(self.find_completions(caller, blank, beginning).await)
    }

    /// What may stand in a blank; nothing where the caller may not know it, or nobody can tell.
    async fn find_completions(
        &self,
        caller: &Caller,
        blank: CompletionTarget,
        beginning: &str,
    ) -> Completions {
        let spaced: Vec<_> = beginning.split_whitespace().collect();
        let spaced = spaced.join(" ");
        let beginning = spaced.as_str();
        let is_open = caller.gate().tools().contains(&blank.tool());
        let is_plain = !beginning.contains(char::is_control);
        if !is_open || !is_plain || beginning.chars().count() > MAX_PREFIX_CHARS {
            return Completions::default();
        }
        let closed = &self.closed_status_ids;
        let found = self.completion.find_by_prefix(blank, beginning, closed).await;
        match found {
            Ok(found) => {
                let values = blank.values(&found.records, beginning).into_iter();
                let secrets = &self.voice.records;
                let plain = |text: &str| matches!(secrets.redact_secrets(text), Cow::Borrowed(_));
                let values = values.filter_map(|filling| filling.value(plain));
                Completions::truncated(values.collect(), found.more)
            }
            Err(error) => {
                tracing::debug!("No completion: {error}");
                Completions::default()
            }
        }
    }
}

impl Completions {
    /// The first of them, and what is known of the rest.
    fn truncated(mut values: Vec<String>, more: bool) -> Self {
        let all = values.len();
        values.truncate(MAX_COMPLETIONS);
        Self { more: more || all > values.len(), total: (!more).then_some(all), values }
    }
}
