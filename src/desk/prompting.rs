//! Prompts and completion, for whoever calls.

use std::borrow::Cow;

use super::Desk;
use crate::blank::{Blank, LONGEST};
use crate::caller::Caller;
use crate::prompts::{self, Prompt};
use crate::tools::Arguments;
use crate::uris;

/// As many suggestions as a client takes.
const MOST_SUGGESTED: usize = 100;

/// What a blank is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    /// The prompt of a name.
    Prompt(&'a str),
    /// The resource template of a URI.
    Template(&'a str),
}

/// What may stand in a blank, the likeliest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suggestions {
    pub values: Vec<String>,
    /// How many there are, where that is known.
    pub total: Option<usize>,
    pub more: bool,
}

impl Desk {
    /// The text of a prompt; it asks for calls, and makes none.
    ///
    /// # Errors
    /// What to say of a prompt that is not offered to this caller, or of an argument.
    pub fn prompt(
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
        filled().map_err(|why: String| self.scrub(&why))
    }

    /// What may stand in the place of an argument that begins so.
    ///
    /// # Errors
    /// What to say of a prompt, template or argument that there is not for this caller.
    pub async fn complete(
        &self,
        caller: &Caller,
        of: Of<'_>,
        argument: &str,
        beginning: &str,
    ) -> Result<Suggestions, String> {
        let gate = caller.gate();
        let blank = match of {
            Of::Prompt(name) => prompts::find(gate, name)
                .and_then(|prompt| prompt.argument(argument))
                .map(|argument| argument.blank),
            Of::Template(uri) => uris::blank(gate, uri, argument),
        };
        let blank = blank.map_err(|why| self.scrub(&why))?;
        Ok(self.suggest(caller, blank, beginning).await)
    }

    /// What may stand in a blank; nothing where the caller may not know it, or nobody can tell.
    async fn suggest(&self, caller: &Caller, blank: Blank, beginning: &str) -> Suggestions {
        let spaced: Vec<_> = beginning.split_whitespace().collect();
        let spaced = spaced.join(" ");
        let beginning = spaced.as_str();
        let is_open = caller.gate().tools().contains(&blank.tool());
        let is_plain = !beginning.contains(char::is_control);
        if !is_open || !is_plain || beginning.chars().count() > LONGEST {
            return Suggestions::default();
        }
        let closed = &self.closed_status_ids;
        let found = self.performer.begun(blank, beginning, closed).await;
        match found {
            Ok(found) => {
                let fillings = blank.fillings(&found.records, beginning).into_iter();
                let secrets = &self.voice.records;
                let plain = |text: &str| matches!(secrets.redact_secrets(text), Cow::Borrowed(_));
                let values = fillings.filter_map(|filling| filling.value(plain));
                Suggestions::of(values.collect(), found.more)
            }
            Err(error) => {
                tracing::debug!("No completion: {error}");
                Suggestions::default()
            }
        }
    }
}

impl Suggestions {
    /// The first of them, and what is known of the rest.
    fn of(mut values: Vec<String>, more: bool) -> Self {
        let all = values.len();
        values.truncate(MOST_SUGGESTED);
        Self { more: more || all > values.len(), total: (!more).then_some(all), values }
    }
}
