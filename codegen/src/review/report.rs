//! A review in Markdown, as the description of a pull request.

use std::fmt::Display;

use autotask_schema::drift::Change;

use super::Review;
use super::impact::impact;

impl Review {
    /// The whole report: breaking changes, other changes, and what must be done by hand.
    #[must_use]
    pub fn report(&self) -> String {
        let breaking = self.changes.iter().filter(|change| change.is_breaking).count();
        let count = self.changes.len();
        let mut text = match count {
            0 => format!("# The schema is up to date{}\n", self.coverage),
            _ => format!("# Schema drift: {count} changes, {breaking} of them breaking\n"),
        };
        let (breaks, rest): (Vec<_>, Vec<_>) =
            self.changes.iter().partition(|change| change.is_breaking);
        text += &self.section("Breaking", &breaks);
        text += &self.section("Other changes", &rest);
        if count > 0 {
            text += "\nThe generic tools follow these tables by themselves.\n";
        }
        if let Some(obstacle) = &self.obstacle {
            text += &format!(
                "\n## To fix by hand\n\nNothing was written: the build would fail with this schema.\n\n- {obstacle}\n"
            );
        }
        text += &notes("Corrections that the tenant makes too", CONFIRMED, &self.confirmed);
        text + &notes("Skipped", "The schema is unchanged there.", &self.skipped)
    }

    fn section(&self, title: &str, changes: &[&Change]) -> String {
        if changes.is_empty() {
            return String::new();
        }
        let lines = changes.iter().map(|change| self.line(change));
        format!("\n## {title}\n\n{}", lines.collect::<String>())
    }

    fn line(&self, change: &Change) -> String {
        let (items, tools) = impact(change, &self.tools);
        let mut line = format!("- {change} Touches {}", code_list(&items));
        if !tools.is_empty() {
            line += &format!("; tools {}", code_list(&tools));
        }
        line + ".\n"
    }
}

const CONFIRMED: &str = "They can be deleted from `schema/overlay.toml`; the next refresh then writes them to the entities.";

fn notes<T: Display>(title: &str, what: &str, notes: &[T]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let lines = notes.iter().map(|note| format!("- {note}\n"));
    format!("\n## {title}\n\n{what}\n\n{}", lines.collect::<String>())
}

fn code_list(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
