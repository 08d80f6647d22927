//! Prompts and completion for a caller.

use std::borrow::Cow;

use super::{App, caller_key};
use crate::access::caller::Caller;
use crate::completion::{CompletionTarget, MAX_PREFIX_CHARS};
use crate::prompts::{self, Prompt};
use crate::resources;
use crate::tools::Arguments;

/// The protocol's limit for one response.
const MAX_COMPLETIONS: usize = 100;

/// The prompt or template of the completed argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionRef<'a> {
    /// The prompt with this name.
    Prompt(&'a str),
    /// The resource template with this URI.
    Template(&'a str),
}

/// Values that complete an argument, the most likely first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completions {
    pub values: Vec<String>,
    /// The number of matches, if known.
    pub total: Option<usize>,
    pub has_more: bool,
}

impl App {
    /// The text of a prompt; nothing is sent.
    ///
    /// # Errors
    /// A message if the prompt is not offered to this caller, or an argument is invalid.
    pub fn get_prompt(
        &self,
        caller: &Caller,
        name: &str,
        arguments: &Arguments,
    ) -> Result<(&'static Prompt, String), String> {
        let prompt = prompts::find(caller.access(), name);
        let text = prompt
            .and_then(|prompt| Ok((prompt, prompt.text(arguments, &self.closed_status_ids)?)));
        text.map_err(|message| self.redact(&message))
    }

    /// The values that complete an argument with this prefix.
    ///
    /// # Errors
    /// A message if the prompt, template or argument does not exist for this caller.
    pub async fn complete(
        &self,
        caller: &Caller,
        reference: CompletionRef<'_>,
        argument: &str,
        prefix: &str,
    ) -> Result<Completions, String> {
        let access = caller.access();
        let target = match reference {
            CompletionRef::Prompt(name) => prompts::find(access, name)
                .and_then(|prompt| prompt.argument(argument))
                .map(|argument| argument.completes),
            CompletionRef::Template(uri) => resources::completion_target(access, uri, argument),
        };
        match target.map_err(|message| self.redact(&message))? {
            Some(target) => {
                let found = self.find_completions(caller, target, prefix);
                Ok(caller_key(caller).scope(found).await)
            }
            None => Ok(Completions::default()),
        }
    }

    /// The matching values; none if the caller may not see them, or Autotask does not respond.
    async fn find_completions(
        &self,
        caller: &Caller,
        target: CompletionTarget,
        prefix: &str,
    ) -> Completions {
        let words: Vec<_> = prefix.split_whitespace().collect();
        let prefix = words.join(" ");
        let is_allowed = caller.access().tools().contains(&target.tool());
        let is_plain = !prefix.contains(char::is_control);
        if !is_allowed || !is_plain || prefix.chars().count() > MAX_PREFIX_CHARS {
            return Completions::default();
        }
        let closed = &self.closed_status_ids;
        match self.completion.find_by_prefix(target, &prefix, closed).await {
            Ok(found) => {
                let secrets = &self.renderer.records;
                let has_no_secret =
                    |text: &str| matches!(secrets.redact_secrets(text), Cow::Borrowed(_));
                let values = target.values(&found.records, &prefix).into_iter();
                let values = values.filter_map(|value| value.value(has_no_secret));
                Completions::truncated(values.collect(), found.has_more)
            }
            Err(error) => {
                tracing::debug!("no completion: {error}");
                Completions::default()
            }
        }
    }
}

impl Completions {
    /// The first values, with the number of all if known.
    fn truncated(mut values: Vec<String>, more: bool) -> Self {
        let count = values.len();
        values.truncate(MAX_COMPLETIONS);
        Self { has_more: more || count > values.len(), total: (!more).then_some(count), values }
    }
}
