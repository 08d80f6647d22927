//! Which tools are registered, and confirm tokens: the only maker of `Confirmed`.

use crate::config::{Config, Invalid};
use crate::error::{Code, Error};
use crate::plan::{Change, Write};
use crate::policy::{Policy, read_only};
use crate::schema::nearest;
use crate::tools::{Arguments, Group, Tool};

/// Proof that the caller confirmed a write; nothing is written without one.
#[derive(Debug)]
pub struct Confirmed(());

/// The tools that the settings leave, and what may be written with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    tools: Vec<Tool>,
    policy: Policy,
}

/// What a caller's token comes to.
#[derive(Debug)]
pub enum Verdict {
    Write(Confirmed),
    /// No token: show the write and the token.
    Preview(&'static str),
}

impl Gate {
    /// The gate that the settings describe.
    ///
    /// # Errors
    /// A word of `AUTOTASK_TOOLS` that is neither a tool nor a group.
    pub fn new(config: &Config) -> Result<Self, Invalid> {
        let mut tools = selected(&config.tools)?;
        tools.retain(|tool| !config.read_only || tool.does().only_reads());
        Ok(Self {
            tools,
            policy: Policy::new(config),
        })
    }

    /// The registered tools, in the order clients see them.
    #[must_use]
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// What may be written.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The tool of a name, if it is registered.
    ///
    /// # Errors
    /// `read-only` for a writing tool of a server that only reads; inside `Ok`, none for an unknown tool.
    pub fn find(&self, name: &str) -> Result<Option<Tool>, Error> {
        match Tool::find(name) {
            Some(tool) if self.tools.contains(&tool) => Ok(Some(tool)),
            Some(tool) if self.policy.is_read_only() && !tool.does().only_reads() => {
                Err(read_only(tool.name()))
            }
            _ => Ok(None),
        }
    }
}

/// What a token comes to, exactly.
///
/// # Errors
/// `confirm-mismatch` for any other word.
pub fn judge(tool: Tool, given: Option<&str>) -> Result<Verdict, Error> {
    let internal = || Error::internal(format!("{} has no confirm token.", tool.name()));
    let token = tool.token().ok_or_else(internal)?;
    match given {
        None => Ok(Verdict::Preview(token)),
        Some(given) if given == token => Ok(Verdict::Write(Confirmed(()))),
        Some(_) => Err(Error::new(
            Code::ConfirmMismatch,
            "Nothing was written: confirm is not this tool's token.",
        )
        .accepts(format!("confirm: {token}"))
        .next("Leave confirm out to see what would be written.")),
    }
}

/// Takes the token out of the arguments: it belongs to the envelope, not to the letter.
pub fn take_confirm(tool: Tool, arguments: &mut Arguments) -> Option<String> {
    tool.token()?;
    match arguments.shift_remove("confirm")? {
        serde_json::Value::Null => None,
        serde_json::Value::String(token) => Some(token),
        other => Some(other.to_string()),
    }
}

/// The `confirm-required` error that shows a write.
#[must_use]
pub fn show(write: &Write, token: &str, preview: serde_json::Value) -> Error {
    let name = write.entity.singular();
    let what = match write.change {
        Change::Create(_) => format!("create this {name}"),
        Change::Update(id, _) => format!("change {name} {id}"),
        Change::Delete(id) => format!("delete {name} {id} for good"),
    };
    Error::new(
        Code::ConfirmRequired,
        format!("Nothing was written yet; confirmed, this would {what}:"),
    )
    .preview(preview)
    .accepts(format!("confirm: {token}"))
    .next(format!(
        "If this is what is wanted, call again with \"confirm\":\"{token}\"."
    ))
}

/// The tools that words of `AUTOTASK_TOOLS` leave; `-word` takes away.
fn selected(words: &[String]) -> Result<Vec<Tool>, Invalid> {
    let mut chosen = Vec::new();
    let mut dropped = Vec::new();
    for word in words {
        match word.strip_prefix('-') {
            Some(word) => dropped.extend(meant(word)?),
            None => chosen.extend(meant(word)?),
        }
    }
    let all = chosen.is_empty();
    let is_left = |tool: &Tool| (all || chosen.contains(tool)) && !dropped.contains(tool);
    Ok(Tool::ALL.into_iter().filter(is_left).collect())
}

fn meant(word: &str) -> Result<Vec<Tool>, Invalid> {
    let word = word.trim();
    let is_meant = |tool: &Tool| tool.name() == word || tool.group().name() == word;
    let tools: Vec<_> = Tool::ALL.into_iter().filter(is_meant).collect();
    if tools.is_empty() {
        Err(no_tool(word))
    } else {
        Ok(tools)
    }
}

fn no_tool(word: &str) -> Invalid {
    let names = Tool::ALL
        .map(Tool::name)
        .into_iter()
        .chain(Group::ALL.map(Group::name));
    let near = nearest(word, names);
    let hint = near
        .first()
        .map(|near| format!("; {word:?} is none, the nearest is {near}"));
    Invalid::new(
        "AUTOTASK_TOOLS",
        format!("names of tools and groups{}", hint.unwrap_or_default()),
    )
}

#[cfg(test)]
impl Confirmed {
    pub(crate) fn for_test() -> Self {
        Self(())
    }
}
