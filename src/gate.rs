//! Which tools are registered, and confirm tokens: the only maker of `Confirmed`.

mod selection;

use crate::config::{Config, Invalid};
use crate::error::{Code, Error};
use crate::plan::{Change, Write};
use crate::policy::{Policy, read_only};
use crate::tools::{Arguments, Tool};
use selection::selected;

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
        Ok(Self::of(selected(&config.tools)?, Policy::new(config)))
    }

    /// The same gate for somebody who may do less; what is shut here stays shut. An empty list leaves no tool.
    ///
    /// # Errors
    /// A word that is neither a tool nor a group.
    pub fn narrowed(&self, read_only: bool, tools: Option<&[String]>) -> Result<Self, Invalid> {
        let mut left = match tools {
            None => self.tools.clone(),
            Some([]) => Vec::new(),
            Some(words) => selected(words)?,
        };
        left.retain(|tool| self.tools.contains(tool));
        let policy = self.policy.clone();
        Ok(Self::of(
            left,
            if read_only { policy.reading() } else { policy },
        ))
    }

    /// In read-only mode a tool that writes is not there.
    fn of(mut tools: Vec<Tool>, policy: Policy) -> Self {
        tools.retain(|tool| !policy.is_read_only() || tool.does().only_reads());
        Self { tools, policy }
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

#[cfg(test)]
impl Confirmed {
    pub(crate) fn for_test() -> Self {
        Self(())
    }
}

#[cfg(test)]
mod tests;
