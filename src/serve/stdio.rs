//! The door to one client: a JSON-RPC message a line on standard input and output.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmcp::model::{ClientNotification, ErrorData, JsonRpcError, JsonRpcMessage, RequestId};
use rmcp::service::{RxJsonRpcMessage, ServerInitializeError, TxJsonRpcMessage};
use rmcp::transport::Transport;
use rmcp::{RoleServer, ServiceExt};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::serve::pipes::{self, Line};
use crate::serve::{LAST_WORDS, PATIENCE, message};
use crate::server::Server;

/// Serves until the input ends or `stop` resolves; calls in flight are finished first, or answered with an error when
/// patience ends. Answers the moment by which all must be over.
///
/// # Errors
/// A transport that broke.
pub async fn serve(
    server: Server,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<Instant> {
    let (door, written) = Stdio::open();
    let (ended, over, end) = (door.ended.clone(), door.over.clone(), door.end.clone());
    let server = server.until(end.clone());
    tokio::spawn(async move {
        stop.await;
        ended.notify_one();
    });
    let served = async {
        match server.serve(door).await {
            Ok(running) => drop(running.waiting().await),
            Err(ServerInitializeError::ConnectionClosed(_)) => {}
            Err(error) => return Err(io::Error::other(error)),
        }
        tokio::select! {
            _ = written => {}
            () = last_words(&end) => {}
        }
        Ok(())
    };
    tokio::select! {
        served = served => served.map(|()| Instant::now() + left(&end)),
        () = over.notified() => Ok(Instant::now()),
    }
}

/// Resolves when a client that does not read has had its time.
async fn last_words(end: &CancellationToken) {
    end.cancelled().await;
    sleep(LAST_WORDS).await;
}

/// How long a write that goes on may still take.
fn left(end: &CancellationToken) -> Duration {
    match end.is_cancelled() {
        true => LAST_WORDS,
        false => PATIENCE,
    }
}

/// The lines that come and go, and what is known of the conversation.
struct Stdio {
    lines: mpsc::Receiver<Line>,
    replies: Option<mpsc::UnboundedSender<Vec<u8>>>,
    ended: Arc<Notify>,
    /// Told when patience is over; nothing is waited for then.
    over: Arc<Notify>,
    /// Told a little before that, for calls to be answered with an error.
    end: CancellationToken,
    state: State,
    /// Requests received and not answered yet.
    open: Arc<Open>,
    /// Our own questions that the client has not answered.
    asked: HashSet<RequestId>,
}

#[derive(Default)]
struct Open {
    requests: Mutex<HashSet<RequestId>>,
    closed: Notify,
}

enum State {
    /// No request yet: a stray notification means nothing.
    Fresh,
    Talking,
    /// No more input; what is open is finished by then.
    Ending(Instant),
}

impl Open {
    fn requests(&self) -> MutexGuard<'_, HashSet<RequestId>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, id: &RequestId) {
        self.requests().remove(id);
        self.closed.notify_one();
    }

    async fn all_closed(&self) {
        while !self.requests().is_empty() {
            self.closed.notified().await;
        }
    }
}

impl Stdio {
    fn open() -> (Self, oneshot::Receiver<()>) {
        let (sender, lines) = mpsc::channel(64);
        tokio::spawn(async move { pipes::read_lines(pipes::input(), &sender).await });
        let (replies, receiver) = mpsc::unbounded_channel();
        let (done, written) = oneshot::channel();
        tokio::spawn(async move {
            pipes::write_lines(pipes::output(), receiver).await;
            let _ = done.send(());
        });
        let (ended, over, open) = (Arc::default(), Arc::default(), Arc::default());
        (
            Self {
                lines,
                replies: Some(replies),
                ended,
                over,
                end: CancellationToken::new(),
                state: State::Fresh,
                open,
                asked: HashSet::new(),
            },
            written,
        )
    }

    /// Waits until every request is answered, the last ones with an error.
    async fn close_all(&self, deadline: Instant) {
        let closed = timeout_at(deadline - LAST_WORDS, self.open.all_closed());
        if closed.await.is_ok() {
            return;
        }
        self.end.cancel();
        if timeout_at(deadline, self.open.all_closed()).await.is_err() {
            self.over.notify_one();
        }
    }

    fn reply(&self, message: &TxJsonRpcMessage<RoleServer>) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        let replies = self.replies.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        replies.send(line).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// A message, unless the line is none; then the sender is told.
    fn message(&mut self, line: Line) -> Option<RxJsonRpcMessage<RoleServer>> {
        let refusal = match line {
            Line::TooLong => {
                let why = "The message is longer than 16 MiB.";
                Box::new((ErrorData::invalid_request(why, None), None))
            }
            Line::Text(text) => match message::read(&text) {
                Ok(message) => return self.noted(message?),
                Err(refusal) => refusal,
            },
        };
        let (error, id) = *refusal;
        if let Err(error) = self.reply(&JsonRpcMessage::error(error, id)) {
            tracing::debug!(%error, "the client does not read");
        }
        None
    }

    fn noted(
        &mut self,
        message: RxJsonRpcMessage<RoleServer>,
    ) -> Option<RxJsonRpcMessage<RoleServer>> {
        match &message {
            JsonRpcMessage::Request(request) => {
                self.open.requests().insert(request.id.clone());
                self.state = State::Talking;
            }
            JsonRpcMessage::Notification(note) => {
                if let ClientNotification::CancelledNotification(cancelled) = &note.notification {
                    cancelled.params.request_id.iter().for_each(|id| self.open.close(id));
                }
            }
            JsonRpcMessage::Response(response) => _ = self.asked.remove(&response.id),
            JsonRpcMessage::Error(error) => {
                error.id.iter().for_each(|id| _ = self.asked.remove(id));
            }
        }
        (!matches!(self.state, State::Fresh)).then_some(message)
    }
}

impl Transport<RoleServer> for Stdio {
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let sent = self.reply(&message);
        match &message {
            JsonRpcMessage::Response(response) => self.open.close(&response.id),
            JsonRpcMessage::Error(JsonRpcError { id: Some(id), .. }) => self.open.close(id),
            JsonRpcMessage::Request(request) => _ = self.asked.insert(request.id.clone()),
            _ => {}
        }
        std::future::ready(sent)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let deadline = loop {
            if let State::Ending(deadline) = self.state {
                break deadline;
            }
            let line = tokio::select! {
                line = self.lines.recv() => line,
                () = self.ended.notified() => None,
            };
            match line.map(|line| self.message(line)) {
                Some(Some(message)) => return Some(message),
                Some(None) => {}
                None => self.state = State::Ending(Instant::now() + PATIENCE),
            }
        };
        // Who hears nothing more cannot answer, and the call behind the question need not wait.
        if let Some(id) = self.asked.iter().next().cloned() {
            self.asked.remove(&id);
            let nobody = ErrorData::internal_error("The input ended.", None);
            return Some(JsonRpcMessage::error(nobody, Some(id)));
        }
        self.close_all(deadline).await;
        None
    }

    async fn close(&mut self) -> io::Result<()> {
        self.replies = None;
        Ok(())
    }
}
