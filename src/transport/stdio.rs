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

use crate::mcp::McpServer;
use crate::transport::stdio_lines::{self, InputLine};
use crate::transport::{FLUSH_TIMEOUT, SHUTDOWN_TIMEOUT, jsonrpc};

/// Serves until the input ends or `stop` resolves; calls in flight are finished first, or answered with an error when
/// patience ends. Answers the moment by which all must be over.
///
/// # Errors
/// A transport that broke.
pub async fn serve(
    server: McpServer,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<Instant> {
    let (door, written) = StdioTransport::open();
    let (ended, over, end) = (door.ended.clone(), door.over.clone(), door.end.clone());
    let server = server.with_shutdown(end.clone()).with_client_requests();
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
            () = flush_timeout(&end) => {}
        }
        Ok(())
    };
    tokio::select! {
        served = served => served.map(|()| Instant::now() + remaining_grace(&end)),
        () = over.notified() => Ok(Instant::now()),
    }
}

/// Resolves when a client that does not read has had its time.
async fn flush_timeout(end: &CancellationToken) {
    end.cancelled().await;
    sleep(FLUSH_TIMEOUT).await;
}

/// How long a write that goes on may still take.
fn remaining_grace(end: &CancellationToken) -> Duration {
    match end.is_cancelled() {
        true => FLUSH_TIMEOUT,
        false => SHUTDOWN_TIMEOUT,
    }
}

/// The lines that come and go, and what is known of the conversation.
struct StdioTransport {
    lines: mpsc::Receiver<InputLine>,
    replies: Option<mpsc::UnboundedSender<Vec<u8>>>,
    ended: Arc<Notify>,
    /// Told when patience is over; nothing is waited for then.
    over: Arc<Notify>,
    /// Told a little before that, for calls to be answered with an error.
    end: CancellationToken,
    state: Phase,
    /// Requests received and not answered yet.
    open: Arc<PendingRequests>,
    /// Our own questions that the client has not answered.
    asked: HashSet<RequestId>,
}

#[derive(Default)]
struct PendingRequests {
    requests: Mutex<HashSet<RequestId>>,
    closed: Notify,
}

enum Phase {
    /// No request yet: a stray notification means nothing.
    BeforeFirst,
    Active,
    /// No more input; what is open is finished by then.
    Draining(Instant),
}

impl PendingRequests {
    fn requests(&self) -> MutexGuard<'_, HashSet<RequestId>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, id: &RequestId) {
        self.requests().remove(id);
        self.closed.notify_one();
    }

    async fn wait_until_empty(&self) {
        while !self.requests().is_empty() {
            self.closed.notified().await;
        }
    }
}

impl StdioTransport {
    fn open() -> (Self, oneshot::Receiver<()>) {
        let (sender, lines) = mpsc::channel(64);
        tokio::spawn(
            async move { stdio_lines::read_lines(stdio_lines::open_stdin(), &sender).await },
        );
        let (replies, receiver) = mpsc::unbounded_channel();
        let (done, written) = oneshot::channel();
        tokio::spawn(async move {
            stdio_lines::write_lines(stdio_lines::open_stdout(), receiver).await;
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
                state: Phase::BeforeFirst,
                open,
                asked: HashSet::new(),
            },
            written,
        )
    }

    /// Waits until every request is answered, the last ones with an error.
    async fn drain(&self, deadline: Instant) {
        let closed = timeout_at(deadline - FLUSH_TIMEOUT, self.open.wait_until_empty());
        if closed.await.is_ok() {
            return;
        }
        self.end.cancel();
        if timeout_at(deadline, self.open.wait_until_empty()).await.is_err() {
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
    fn decode_line(&mut self, line: InputLine) -> Option<RxJsonRpcMessage<RoleServer>> {
        let refusal = match line {
            InputLine::TooLong => {
                let why = "The message is longer than 16 MiB.";
                Box::new((ErrorData::invalid_request(why, None), None))
            }
            InputLine::Text(text) => match jsonrpc::read(&text) {
                Ok(message) => return self.track(message?),
                Err(refusal) => refusal,
            },
        };
        let (error, id) = *refusal;
        if let Err(error) = self.reply(&JsonRpcMessage::error(error, id)) {
            tracing::debug!(%error, "the client does not read");
        }
        None
    }

    fn track(
        &mut self,
        message: RxJsonRpcMessage<RoleServer>,
    ) -> Option<RxJsonRpcMessage<RoleServer>> {
        match &message {
            JsonRpcMessage::Request(request) => {
                self.open.requests().insert(request.id.clone());
                self.state = Phase::Active;
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
        (!matches!(self.state, Phase::BeforeFirst)).then_some(message)
    }
}

impl Transport<RoleServer> for StdioTransport {
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
            if let Phase::Draining(deadline) = self.state {
                break deadline;
            }
            let line = tokio::select! {
                line = self.lines.recv() => line,
                () = self.ended.notified() => None,
            };
            match line.map(|line| self.decode_line(line)) {
                Some(Some(message)) => return Some(message),
                Some(None) => {}
                None => self.state = Phase::Draining(Instant::now() + SHUTDOWN_TIMEOUT),
            }
        };
        // Who hears nothing more cannot answer, and the call behind the question need not wait.
        if let Some(id) = self.asked.iter().next().cloned() {
            self.asked.remove(&id);
            let nobody = ErrorData::internal_error("The input ended.", None);
            return Some(JsonRpcMessage::error(nobody, Some(id)));
        }
        self.drain(deadline).await;
        None
    }

    async fn close(&mut self) -> io::Result<()> {
        self.replies = None;
        Ok(())
    }
}
