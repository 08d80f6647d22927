//! Progress of a long call, told to a client that asked for it: at most twice a second, never backwards, and never
//! after the answer.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::RequestContext;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);

/// The way to the client of a request; closed where it gave no progress token.
pub(super) struct Progress {
    token: Option<ProgressToken>,
    told: UnboundedSender<ProgressNotificationParam>,
    noted: tokio::sync::Mutex<UnboundedReceiver<ProgressNotificationParam>>,
    last: Mutex<Option<(Instant, u64)>>,
}

impl Progress {
    /// The way to a request's client.
    pub(super) fn new(cx: &RequestContext<RoleServer>) -> Self {
        let (told, noted) = unbounded_channel();
        Self {
            token: cx.meta.get_progress_token(),
            told,
            noted: noted.into(),
            last: Mutex::default(),
        }
    }

    /// Notes how far the call is, if its client should hear of it now.
    pub(super) fn record(&self, done: u64, of: Option<u64>, doing: &str) {
        let Some(token) = &self.token else { return };
        if self.is_due(done) {
            // Who does not hear it any more has nothing to be told.
            self.told.send(notification(token, (done, of), doing)).ok();
        }
    }

    /// The next thing to tell; it may never come.
    pub(super) async fn next(&self) -> ProgressNotificationParam {
        match self.noted.lock().await.recv().await {
            Some(notice) => notice,
            None => std::future::pending().await,
        }
    }

    /// What is noted and not told yet.
    pub(super) async fn next_buffered(&self) -> Option<ProgressNotificationParam> {
        self.noted.lock().await.try_recv().ok()
    }

    fn is_due(&self, done: u64) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|(at, told)| at.elapsed() >= PROGRESS_INTERVAL && done > told);
        if is_due {
            *last = Some((Instant::now(), done));
        }
        is_due
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of records are far below 2^52")]
fn notification(
    token: &ProgressToken,
    (done, of): (u64, Option<u64>),
    doing: &str,
) -> ProgressNotificationParam {
    let mut notice = ProgressNotificationParam::new(token.clone(), done as f64).with_message(doing);
    notice.total = of.map(|of| of as f64);
    notice
}
