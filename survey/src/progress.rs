//! How far a survey has come: a bar on a terminal, lines elsewhere.

use std::io::{IsTerminal, stderr};

use autotask_mcp::survey::Said;
use autotask_schema::tenant_metadata::MetadataPage;
use indicatif::{ProgressBar, ProgressStyle};

/// Pages between two lines.
const PACE: u64 = 50;

/// Where a survey is watched; everything goes to standard error.
pub struct Progress {
    bar: ProgressBar,
    lines: bool,
}

impl Progress {
    /// For whoever looks at standard error.
    #[must_use]
    pub fn watched() -> Self {
        let lines = !stderr().is_terminal();
        let bar = if lines { ProgressBar::hidden() } else { ProgressBar::no_length() };
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}, {eta} to go");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, lines }
    }

    /// For nobody.
    #[must_use]
    pub fn unseen() -> Self {
        let bar = ProgressBar::hidden();
        Self { bar, lines: false }
    }

    /// Says how many pages there are and how many of them are to be asked for.
    pub fn begin(&self, total: usize, open: usize) {
        let kept = total - open;
        self.say(&format!("{open} requests to make; {kept} of {total} pages are kept from before"));
        self.bar.set_length(total as u64);
        self.bar.set_position(kept as u64);
    }

    /// One page more.
    pub fn step(&self, question: &MetadataPage, said: &Said) {
        self.bar.inc(1);
        self.bar.set_message(question.entity.clone());
        if let Err(reason) = said {
            self.say(&format!("{}: {reason}", question.path()));
        } else if self.bar.position().is_multiple_of(PACE) {
            self.say_line(&format!(
                "{} of {} pages",
                self.bar.position(),
                self.bar.length().unwrap_or_default()
            ));
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// A line of its own.
    pub fn say(&self, text: &str) {
        self.bar.println(text);
        self.say_line(text);
    }

    fn say_line(&self, text: &str) {
        if self.lines {
            eprintln!("{text}");
        }
    }
}
