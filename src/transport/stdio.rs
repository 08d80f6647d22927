//! MCP for one client: one JSON-RPC message per line on standard input and output.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
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

/// Serves until the input ends or `stop` resolves. Calls in progress are finished first, or answered with an error
/// when the timeout expires. Returns the time by which the process must end.
///
/// # Errors
/// A transport that failed.
pub async fn serve(
    server: McpServer,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<Instant> {
    let (transport, written) = StdioTransport::open();
    let stop_reading = transport.stop_reading.clone();
    let (expired, shutdown) = (transport.expired.clone(), transport.shutdown.clone());
    let server = server.with_shutdown(shutdown.clone()).with_client_requests();
    tokio::spawn(async move {
        stop.await;
        stop_reading.notify_one();
    });
    let served = async {
        match server.serve(transport).await {
            Ok(running) => drop(running.waiting().await),
            Err(ServerInitializeError::ConnectionClosed(_)) => {}
            Err(error) => return Err(io::Error::other(error)),
        }
        tokio::select! {
            _ = written => {}
            () = flush_timeout(&shutdown) => {}
        }
        Ok(())
    };
    tokio::select! {
        served = served => served.map(|()| Instant::now() + remaining_grace(&shutdown)),
        () = expired.notified() => Ok(Instant::now()),
    }
}

/// Resolves when a client that does not read its responses has had enough time.
async fn flush_timeout(shutdown: &CancellationToken) {
    shutdown.cancelled().await;
    sleep(FLUSH_TIMEOUT).await;
}

/// How long a write in progress may still take.
fn remaining_grace(shutdown: &CancellationToken) -> Duration {
    match shutdown.is_cancelled() {
        true => FLUSH_TIMEOUT,
        false => SHUTDOWN_TIMEOUT,
    }
}

/// Files are what makes a message so long.
const MESSAGE_TOO_LONG: &str = "The message is longer than 16 MiB and was not read. \
    Autotask accepts files of at most 6,000,000 bytes, which are 8,000,000 characters of base64.";

/// The lines in both directions, and the state of the conversation.
struct StdioTransport {
    lines: mpsc::Receiver<InputLine>,
    replies: Option<mpsc::UnboundedSender<Vec<u8>>>,
    stop_reading: Arc<Notify>,
    /// Notified when the timeout has expired; nothing is waited for after that.
    expired: Arc<Notify>,
    /// Cancelled a little earlier, so that calls are answered with an error.
    shutdown: CancellationToken,
    phase: Phase,
    /// Requests without a response yet.
    pending: Arc<PendingRequests>,
    /// Requests of the server without a response of the client.
    sent_requests: HashSet<RequestId>,
}

#[derive(Default)]
struct PendingRequests {
    ids: Mutex<HashSet<RequestId>>,
    finished: Notify,
}

enum Phase {
    /// Before the first request; notifications are ignored.
    BeforeFirst,
    Active,
    /// No more input; pending requests are finished by this time.
    Draining(Instant),
}

impl PendingRequests {
    fn insert(&self, id: RequestId) {
        self.ids.lock().insert(id);
    }

    fn finish(&self, id: &RequestId) {
        self.ids.lock().remove(id);
        self.finished.notify_one();
    }

    async fn wait_until_empty(&self) {
        while !self.ids.lock().is_empty() {
            self.finished.notified().await;
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
        (
            Self {
                lines,
                replies: Some(replies),
                stop_reading: Arc::default(),
                expired: Arc::default(),
                shutdown: CancellationToken::new(),
                phase: Phase::BeforeFirst,
                pending: Arc::default(),
                sent_requests: HashSet::new(),
            },
            written,
        )
    }

    /// Waits until every request is answered, those that exceed the timeout with an error.
    async fn drain(&self, deadline: Instant) {
        let finished = timeout_at(deadline - FLUSH_TIMEOUT, self.pending.wait_until_empty());
        if finished.await.is_ok() {
            return;
        }
        self.shutdown.cancel();
        if timeout_at(deadline, self.pending.wait_until_empty()).await.is_err() {
            self.expired.notify_one();
        }
    }

    fn reply(&self, message: &TxJsonRpcMessage<RoleServer>) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        let replies = self.replies.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        replies.send(line).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// The message of a line; an invalid line is answered with an error.
    fn decode_line(&mut self, line: InputLine) -> Option<RxJsonRpcMessage<RoleServer>> {
        let invalid = match line {
            InputLine::TooLong(head, tail) => {
                let id = jsonrpc::find_id(&head, &tail);
                Box::new((ErrorData::invalid_request(MESSAGE_TOO_LONG, None), id))
            }
            InputLine::Text(text) => match jsonrpc::read(&text) {
                Ok(message) => return self.track(message?),
                Err(invalid) => invalid,
            },
        };
        let (error, id) = *invalid;
        if let Err(error) = self.reply(&JsonRpcMessage::error(error, id)) {
            tracing::debug!(%error, "the client does not read its responses");
        }
        None
    }

    fn track(
        &mut self,
        message: RxJsonRpcMessage<RoleServer>,
    ) -> Option<RxJsonRpcMessage<RoleServer>> {
        match &message {
            JsonRpcMessage::Request(request) => {
                self.pending.insert(request.id.clone());
                self.phase = Phase::Active;
            }
            JsonRpcMessage::Notification(note) => {
                if let ClientNotification::CancelledNotification(cancelled) = &note.notification {
                    cancelled.params.request_id.iter().for_each(|id| self.pending.finish(id));
                }
            }
            JsonRpcMessage::Response(response) => _ = self.sent_requests.remove(&response.id),
            JsonRpcMessage::Error(error) => {
                error.id.iter().for_each(|id| _ = self.sent_requests.remove(id));
            }
        }
        (!matches!(self.phase, Phase::BeforeFirst)).then_some(message)
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
            JsonRpcMessage::Response(response) => self.pending.finish(&response.id),
            JsonRpcMessage::Error(JsonRpcError { id: Some(id), .. }) => self.pending.finish(id),
            JsonRpcMessage::Request(request) => _ = self.sent_requests.insert(request.id.clone()),
            _ => {}
        }
        std::future::ready(sent)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let deadline = loop {
            if let Phase::Draining(deadline) = self.phase {
                break deadline;
            }
            let line = tokio::select! {
                line = self.lines.recv() => line,
                () = self.stop_reading.notified() => None,
            };
            match line.map(|line| self.decode_line(line)) {
                Some(Some(message)) => return Some(message),
                Some(None) => {}
                None => self.phase = Phase::Draining(Instant::now() + SHUTDOWN_TIMEOUT),
            }
        };
        // The client can no longer respond, so a call that waits for it must not.
        if let Some(id) = self.sent_requests.iter().next().cloned() {
            self.sent_requests.remove(&id);
            let error = ErrorData::internal_error("The input ended.", None);
            return Some(JsonRpcMessage::error(error, Some(id)));
        }
        self.drain(deadline).await;
        None
    }

    async fn close(&mut self) -> io::Result<()> {
        self.replies = None;
        Ok(())
    }
}
