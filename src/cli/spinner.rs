//! Shows the progress of long work on standard error, if that is a terminal.

use std::future;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::sleep;

/// Work that takes less time shows no progress.
const SHOW_AFTER: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);

/// A line that shows the progress; hidden at first.
pub struct Spinner(ProgressBar);

impl Spinner {
    /// A spinner for this work.
    pub fn new(work: impl Into<String>) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_message(work.into());
        Self(bar)
    }

    /// Runs the work and shows its progress if it takes long.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let result = tokio::select! {
            biased;
            result = work => result,
            result = self.show() => result,
        };
        self.clear();
        result
    }

    /// Updates the progress.
    pub fn report(&self, done: u64, total: Option<u64>, message: &str) {
        let total = total.map(|total| format!(" of {total}")).unwrap_or_default();
        self.0.set_message(format!("{done}{total} {message}"));
    }

    /// Removes the line permanently.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }

    /// Shows the line after a while and never returns.
    async fn show<T>(&self) -> T {
        sleep(SHOW_AFTER).await;
        if !self.0.is_finished() {
            self.0.set_draw_target(ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                self.0.set_style(style);
            }
            self.0.enable_steady_tick(TICK);
        }
        future::pending().await
    }
}
