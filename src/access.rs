//! Which tools a caller may use.

pub mod caller;
mod selection;

use crate::catalog::Entity;
use crate::config::{Config, ConfigError, ConfirmMode};
use crate::error::Error;
use crate::policy::{WritePolicy, read_only_error};
use crate::tools::Tool;
use selection::select_tools;

/// The tools that the settings leave, and what may be written with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    tools: Vec<Tool>,
    policy: WritePolicy,
    mode: ConfirmMode,
}

impl Access {
    /// The gate that the settings describe.
    ///
    /// # Errors
    /// A word of `AUTOTASK_TOOLS` that is neither a tool nor a group.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let gate = Self {
            tools: select_tools(&config.tools)?,
            policy: WritePolicy::new(config),
            mode: config.confirm_mode,
        };
        Ok(gate.without_hidden_writes())
    }

    /// The same gate for somebody who may do less; what is shut here stays shut. An empty list leaves no tool.
    ///
    /// # Errors
    /// A word that is neither a tool nor a group.
    pub fn restrict(&self, reading: bool, tools: Option<&[String]>) -> Result<Self, ConfigError> {
        let mut left = match tools {
            None => self.tools.clone(),
            Some([]) => Vec::new(),
            Some(words) => select_tools(words)?,
        };
        left.retain(|tool| self.tools.contains(tool));
        let mut gate = Self { tools: left, ..self.clone() };
        if reading {
            gate.policy = gate.policy.read_only();
        }
        Ok(gate.without_hidden_writes())
    }

    /// In read-only mode a tool that writes is not there.
    fn without_hidden_writes(mut self) -> Self {
        let reading = self.policy.is_read_only();
        self.tools.retain(|tool| !reading || tool.does().is_read_only());
        self
    }

    /// The registered tools, in the order clients see them.
    #[must_use]
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// What may be written.
    #[must_use]
    pub fn policy(&self) -> &WritePolicy {
        &self.policy
    }

    /// How writes are confirmed.
    #[must_use]
    pub fn mode(&self) -> ConfirmMode {
        self.mode
    }

    /// What may be written and what it takes, in a few words; none where nothing is.
    #[must_use]
    pub fn describe_writes(&self) -> Option<String> {
        let what = self.writable_summary()?;
        let with = match self.mode {
            ConfirmMode::Token => "its confirm token",
            ConfirmMode::Bound => "the code of its preview",
            ConfirmMode::Elicit => "the person's yes, or the code of its preview",
        };
        Some(format!("{what}, each with {with}"))
    }

    /// What policy and tools together let be written.
    fn writable_summary(&self) -> Option<String> {
        let tools = self.tools.iter().filter(|tool| !tool.does().is_read_only());
        let of: Vec<_> = tools.map(|tool| tool.entity()).collect();
        let entities = match self.policy.allowed_entities() {
            None if of.contains(&None) => return Some("any entity".to_owned()),
            Some(listed) if of.contains(&None) => listed.to_vec(),
            listed => Entity::ALL
                .into_iter()
                .filter(|one| of.contains(&Some(*one)))
                .filter(|one| listed.is_none_or(|listed| listed.contains(one)))
                .collect(),
        };
        let names: Vec<_> = entities.iter().map(|entity| entity.name()).collect();
        (!names.is_empty()).then(|| format!("only {}", names.join(", ")))
    }

    /// The tool of a name, if it is registered.
    ///
    /// # Errors
    /// `read-only` for a writing tool of a server that only reads; inside `Ok`, none for an unknown tool.
    pub fn find_tool(&self, name: &str) -> Result<Option<Tool>, Error> {
        match Tool::find(name) {
            Some(tool) if self.tools.contains(&tool) => Ok(Some(tool)),
            Some(tool) if self.policy.is_read_only() && !tool.does().is_read_only() => {
                Err(read_only_error(tool.name()))
            }
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
