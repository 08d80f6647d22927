//! MCP for one client: one JSON-RPC message per line on standard input and output.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, OnceLock};

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use rmcp::model::{ClientNotification, ErrorData, JsonRpcError, JsonRpcMessage, RequestId};
use rmcp::service::{RxJsonRpcMessage, ServerInitializeError, TxJsonRpcMessage};
use rmcp::transport::Transport;
use rmcp::{RoleServer, ServiceExt};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::mcp::McpServer;
use crate::transport::stdio_lines::{self, InputLine, Unwritten};
use crate::transport::{FLUSH_TIMEOUT, SHUTDOWN_TIMEOUT, jsonrpc};

/// Requests that are in progress at once.
const MAX_PENDING_REQUESTS: usize = 1024;

/// Serves until the input ends or `stop` resolves. Calls in progress are finished first, or answered with an error
/// when the timeout expires. Returns the time by which the process must end. Boxed as `App::call_tool`.
///
/// # Errors
/// A transport that failed.
#[must_use]
pub fn serve(
    server: McpServer,
    stop: BoxFuture<'static, ()>,
) -> BoxFuture<'static, io::Result<Instant>> {
    Box::pin(serve_until(server, stop))
}

async fn serve_until(server: McpServer, stop: BoxFuture<'static, ()>) -> io::Result<Instant> {
    let (transport, written) = StdioTransport::open();
    let stop_reading = transport.stop_reading.clone();
    let (expired, deadline) = (transport.expired.clone(), transport.deadline.clone());
    let server = server.with_shutdown(transport.shutdown.clone()).with_client_requests();
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
        // A client that does not read its responses is not waited for any longer.
        let deadline = *deadline.get_or_init(new_deadline);
        timeout_at(deadline, written).await.ok();
        Ok(deadline)
    };
    tokio::select! {
        served = served => served,
        () = expired.notified() => Ok(Instant::now()),
    }
}

fn new_deadline() -> Instant {
    Instant::now() + SHUTDOWN_TIMEOUT
}

/// Files are what makes a message so long.
const MESSAGE_TOO_LONG: &str = "The message is longer than 16 MiB and was not read. \
    Autotask accepts files of at most 6,000,000 bytes, which are 8,000,000 characters of base64.";

/// The lines in both directions, and the state of the conversation.
struct StdioTransport {
    lines: mpsc::Receiver<InputLine>,
    replies: Option<mpsc::UnboundedSender<Vec<u8>>>,
    unwritten: Arc<Unwritten>,
    stop_reading: Arc<Notify>,
    /// Notified when the timeout has expired; nothing is waited for after that.
    expired: Arc<Notify>,
    /// Cancelled a little earlier, so that calls are answered with an error.
    shutdown: CancellationToken,
    /// When the process ends at the latest, once the input has ended.
    deadline: Arc<OnceLock<Instant>>,
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
    /// Adds a request, unless too many are in progress.
    fn insert(&self, id: RequestId) -> bool {
        let mut ids = self.ids.lock();
        let has_room = ids.len() < MAX_PENDING_REQUESTS;
        if has_room {
            ids.insert(id);
        }
        has_room
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
        let unwritten = Arc::<Unwritten>::default();
        let counted = unwritten.clone();
        tokio::spawn(async move {
            stdio_lines::write_lines(stdio_lines::open_stdout(), receiver, &counted).await;
            let _ = done.send(());
        });
        (
            Self {
                lines,
                replies: Some(replies),
                unwritten,
                stop_reading: Arc::default(),
                expired: Arc::default(),
                shutdown: CancellationToken::new(),
                deadline: Arc::default(),
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
        self.unwritten.add(&line);
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
        self.reply_error(error, id);
        None
    }

    fn reply_error(&self, error: ErrorData, id: Option<RequestId>) {
        if let Err(error) = self.reply(&JsonRpcMessage::error(error, id)) {
            tracing::debug!(%error, "the client does not read its responses");
        }
    }

    fn track(
        &mut self,
        message: RxJsonRpcMessage<RoleServer>,
    ) -> Option<RxJsonRpcMessage<RoleServer>> {
        match &message {
            JsonRpcMessage::Request(request) => {
                self.phase = Phase::Active;
                if !self.pending.insert(request.id.clone()) {
                    let message =
                        "Too many concurrent requests; repeat it once another is answered.";
                    let error = ErrorData::internal_error(message, None);
                    self.reply_error(error, Some(request.id.clone()));
                    return None;
                }
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

/// The next line of input, once the client has read enough of the responses.
async fn next_line(
    unwritten: &Unwritten,
    lines: &mut mpsc::Receiver<InputLine>,
) -> Option<InputLine> {
    unwritten.wait_for_room().await;
    lines.recv().await
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
                line = next_line(&self.unwritten, &mut self.lines) => line,
                () = self.stop_reading.notified() => None,
            };
            match line.map(|line| self.decode_line(line)) {
                Some(Some(message)) => return Some(message),
                Some(None) => {}
                None => self.phase = Phase::Draining(*self.deadline.get_or_init(new_deadline)),
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
