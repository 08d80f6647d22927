//! The caller for whom a task works.

use std::future::Future;
use std::sync::Arc;

/// A caller among those of this process: a name, and a role for metrics. The default is the server itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerKey {
    name: Arc<str>,
    /// Never a person.
    pub role: &'static str,
}

tokio::task_local! {
    /// Set for the whole call, as its trace is: no plan or name has a use for it.
    static CALLER: CallerKey;
}

impl CallerKey {
    /// The caller of this name; the operator has none.
    #[must_use]
    pub fn new(name: Option<&str>, role: &'static str) -> Self {
        Self { name: name.unwrap_or_default().into(), role }
    }

    /// The caller for whom this task works.
    #[must_use]
    pub fn current() -> Self {
        CALLER.try_with(Clone::clone).unwrap_or_else(|_| Self::new(None, "server"))
    }

    /// Runs a future whose requests are this caller's.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CALLER.scope(self, future).await
    }
}
