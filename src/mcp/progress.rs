//! Progress of a call for a client that sent a progress token: at most twice a second, at least every 5 seconds,
//! increasing, and never after the response.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::RequestContext;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

const MIN_INTERVAL: Duration = Duration::from_millis(500);
/// Shorter than the 5 seconds that clients are promised.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(4);
/// Progress must increase, and a heartbeat must not look like another record.
const HEARTBEAT_STEP: f64 = 0.001;

/// The progress of one call.
pub(super) struct Progress {
    token: Option<ProgressToken>,
    started: Instant,
    sender: UnboundedSender<ProgressNotificationParam>,
    receiver: tokio::sync::Mutex<UnboundedReceiver<ProgressNotificationParam>>,
    /// When progress was last recorded, and the last value.
    last: Mutex<(Option<Instant>, f64)>,
}

impl Progress {
    /// The progress of a request.
    pub(super) fn new(cx: &RequestContext<RoleServer>) -> Self {
        let (sender, receiver) = unbounded_channel();
        Self {
            token: cx.meta.get_progress_token(),
            started: Instant::now(),
            sender,
            receiver: receiver.into(),
            last: Mutex::default(),
        }
    }

    /// Records how much is done, if a notification is due.
    #[expect(clippy::cast_precision_loss, reason = "counts of records are far below 2^52")]
    pub(super) fn record(&self, done: u64, total: Option<u64>, message: &str) {
        let Some(token) = &self.token else { return };
        if let Some(value) = self.due_value(done as f64) {
            let mut notification =
                ProgressNotificationParam::new(token.clone(), value).with_message(message);
            notification.total = total.map(|total| total as f64);
            // If the receiver is gone, the call has ended.
            self.sender.send(notification).ok();
        }
    }

    /// The next notification, a heartbeat if nothing else is reported for a while; without a token it never comes.
    pub(super) async fn next(&self) -> ProgressNotificationParam {
        let Some(token) = &self.token else { return std::future::pending().await };
        match timeout(HEARTBEAT_INTERVAL, async { self.receiver.lock().await.recv().await }).await {
            Ok(Some(notification)) => notification,
            Ok(None) => std::future::pending().await,
            Err(_) => self.heartbeat(token),
        }
    }

    /// A notification that was recorded and not sent yet.
    pub(super) async fn next_buffered(&self) -> Option<ProgressNotificationParam> {
        self.receiver.lock().await.try_recv().ok()
    }

    fn heartbeat(&self, token: &ProgressToken) -> ProgressNotificationParam {
        let mut last = self.last.lock();
        last.1 += HEARTBEAT_STEP;
        let message = format!("Waiting for Autotask ({} s).", self.started.elapsed().as_secs());
        ProgressNotificationParam::new(token.clone(), last.1).with_message(message)
    }

    /// The value to report, if a notification is due.
    fn due_value(&self, done: f64) -> Option<f64> {
        let mut last = self.last.lock();
        let (recorded, value) = *last;
        let is_due = recorded.is_none_or(|at| at.elapsed() >= MIN_INTERVAL && done > value);
        is_due.then(|| {
            let value = if done > value { done } else { value + HEARTBEAT_STEP };
            *last = (Some(Instant::now()), value);
            value
        })
    }
}
