//! Which tools a caller may use.

pub mod caller;
mod selection;
pub mod suggest;

use crate::catalog::Entity;
use crate::config::write_policy::{WritePolicy, read_only_error};
use crate::config::{Config, ConfigError, ConfirmMode};
use crate::error::Error;
use crate::tools::{Tool, View};
pub use selection::is_tool_or_group;
use selection::select_tools;
use suggest::unknown_name;

/// The tools that are enabled, and what may be written with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    tools: Vec<Tool>,
    policy: WritePolicy,
    mode: ConfirmMode,
    has_views: bool,
}

impl Access {
    /// The access that the settings describe.
    ///
    /// # Errors
    /// A word of `AUTOTASK_TOOLS` that is neither a tool nor a group.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let access = Self {
            tools: select_tools(&config.tools)?,
            policy: WritePolicy::new(config),
            mode: config.confirm_mode,
            has_views: config.apps,
        };
        Ok(access.without_hidden_writes())
    }

    /// The same access, restricted further; it never gains anything. An empty list leaves no tool.
    ///
    /// # Errors
    /// A word that is neither a tool nor a group.
    pub fn restrict(&self, read_only: bool, tools: Option<&[String]>) -> Result<Self, ConfigError> {
        let mut remaining = match tools {
            None => self.tools.clone(),
            Some([]) => Vec::new(),
            Some(words) => select_tools(words)?,
        };
        remaining.retain(|tool| self.tools.contains(tool));
        let mut access = Self { tools: remaining, ..self.clone() };
        if read_only {
            access.policy = access.policy.read_only();
        }
        Ok(access.without_hidden_writes())
    }

    /// Write tools are not registered in read-only mode.
    fn without_hidden_writes(mut self) -> Self {
        let read_only = self.policy.is_read_only();
        self.tools.retain(|tool| !read_only || tool.effect().is_read_only());
        self
    }

    /// The enabled tools, in the order clients see them.
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

    /// Whether results may be shown in views.
    #[must_use]
    pub fn has_views(&self) -> bool {
        self.has_views
    }

    /// Whether a view belongs to an enabled tool.
    #[must_use]
    pub fn offers(&self, view: View) -> bool {
        self.has_views && self.tools.iter().any(|tool| tool.view() == Some(view))
    }

    /// What may be written and how it is confirmed, in a few words; none if nothing may.
    #[must_use]
    pub fn describe_writes(&self) -> Option<String> {
        let entities = self.writable_summary()?;
        let confirmation = match self.mode {
            ConfirmMode::Token => "its confirm token",
            ConfirmMode::Bound => "the code from its preview",
            ConfirmMode::Elicit => "the user's approval, or the code from its preview",
        };
        Some(format!("{entities}, each with {confirmation}"))
    }

    /// The entities that the policy and the enabled tools allow to write.
    fn writable_summary(&self) -> Option<String> {
        let tools = self.tools.iter().filter(|tool| !tool.effect().is_read_only());
        let covered: Vec<_> = tools.map(|tool| tool.entity()).collect();
        let entities = match self.policy.allowed_entities() {
            None if covered.contains(&None) => return Some("any entity".to_owned()),
            Some(allowed) if covered.contains(&None) => allowed.to_vec(),
            allowed => Entity::ALL
                .into_iter()
                .filter(|entity| covered.contains(&Some(*entity)))
                .filter(|entity| allowed.is_none_or(|allowed| allowed.contains(entity)))
                .collect(),
        };
        let names: Vec<_> = entities.iter().map(|entity| entity.name()).collect();
        (!names.is_empty()).then(|| format!("only {}", names.join(", ")))
    }

    /// The tool of a name, if it is enabled.
    ///
    /// # Errors
    /// `read-only` for a write tool of a read-only server; inside `Ok`, none for an unknown tool.
    pub fn find_tool(&self, name: &str) -> Result<Option<Tool>, Error> {
        match Tool::find(name) {
            Some(tool) if self.tools.contains(&tool) => Ok(Some(tool)),
            Some(tool) if self.policy.is_read_only() && !tool.effect().is_read_only() => {
                Err(read_only_error(tool.name()))
            }
            _ => Ok(None),
        }
    }

    /// The message about a tool that does not exist, or is not enabled for this caller.
    #[must_use]
    pub fn unknown_tool_message(&self, name: &str) -> String {
        match Tool::find(name) {
            Some(tool) => format!("Unknown tool: {} (not enabled here).", tool.name()),
            None => unknown_name("tool", name, self.tools.iter().map(|tool| tool.name())),
        }
    }
}

#[cfg(test)]
mod tests;
