//! Standard input and output, line by line. Pipes are read and written by the runtime itself: waking another thread
//! for each line would take longer than most calls.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader,
};
use tokio::sync::{Notify, mpsc};

/// Maximum length of a message.
const MAX_LINE_BYTES: u64 = 16 << 20;
/// Messages that wait for the client to read them; those of requests in progress are added.
const MAX_UNWRITTEN_BYTES: usize = 32 << 20;
/// So much of the begin and the end of a longer one is kept.
const KEPT_BYTES: usize = 1 << 10;

/// A line of input.
pub enum InputLine {
    Text(Vec<u8>),
    /// The first and the last bytes of a line that is too long.
    TooLong(Vec<u8>, Vec<u8>),
}

type Input = Box<dyn AsyncRead + Send + Unpin>;
type Output = Box<dyn AsyncWrite + Send + Unpin>;

/// Standard input.
pub fn open_stdin() -> Input {
    #[cfg(unix)]
    if let Some(pipe) = unix::open_stdin() {
        return Box::new(pipe);
    }
    Box::new(tokio::io::stdin())
}

/// Standard output.
pub fn open_stdout() -> Output {
    #[cfg(unix)]
    if let Some(pipe) = unix::open_stdout() {
        return Box::new(pipe);
    }
    Box::new(tokio::io::stdout())
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsFd;

    use tokio::net::unix::pipe::{Receiver, Sender};

    /// Standard input, if it is a pipe.
    pub fn open_stdin() -> Option<Receiver> {
        let file = io::stdin().as_fd().try_clone_to_owned().map(File::from);
        file.and_then(Receiver::from_file).ok()
    }

    /// Standard output, if it is a pipe.
    pub fn open_stdout() -> Option<Sender> {
        let file = io::stdout().as_fd().try_clone_to_owned().map(File::from);
        file.and_then(Sender::from_file).ok()
    }
}

/// Sends every line until the input ends or the receiver is gone.
pub async fn read_lines(input: Input, sender: &mpsc::Sender<InputLine>) {
    let mut input = BufReader::new(input);
    while let Ok(Some(line)) = read_line(&mut input).await {
        if sender.send(line).await.is_err() {
            return;
        }
    }
}

async fn read_line(input: &mut BufReader<Input>) -> io::Result<Option<InputLine>> {
    let mut text = Vec::new();
    let read = input.take(MAX_LINE_BYTES).read_until(b'\n', &mut text).await?;
    if read as u64 == MAX_LINE_BYTES && !text.ends_with(b"\n") {
        let mut tail = text.split_off(text.len().saturating_sub(KEPT_BYTES));
        skip_line(input, &mut tail).await?;
        text.truncate(KEPT_BYTES);
        return Ok(Some(InputLine::TooLong(text, tail)));
    }
    Ok((read > 0).then_some(InputLine::Text(text)))
}

/// Skips the rest of a line that is too long, except its last bytes.
async fn skip_line(input: &mut (impl AsyncBufRead + Unpin), tail: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf().await?;
        let (used, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        tail.extend(buffer.iter().take(used));
        tail.drain(..tail.len().saturating_sub(KEPT_BYTES));
        input.consume(used);
        if ended {
            return Ok(());
        }
    }
}

/// The messages that are not written yet. While the client leaves too many unread, none of its own are read.
#[derive(Default)]
pub struct Unwritten {
    bytes: AtomicUsize,
    written: Notify,
}

impl Unwritten {
    /// Counts a message.
    pub fn add(&self, message: &[u8]) {
        self.bytes.fetch_add(message.len(), Ordering::SeqCst);
    }

    /// Resolves when few enough messages are left.
    pub async fn wait_for_room(&self) {
        while self.bytes.load(Ordering::SeqCst) > MAX_UNWRITTEN_BYTES {
            self.written.notified().await;
        }
    }

    fn remove(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::SeqCst);
        self.written.notify_one();
    }
}

/// Writes every message and flushes it at once; drops them if the client reads no more.
pub async fn write_lines(
    mut output: Output,
    mut messages: mpsc::UnboundedReceiver<Vec<u8>>,
    unwritten: &Unwritten,
) {
    let mut is_open = true;
    while let Some(line) = messages.recv().await {
        if is_open {
            is_open = output.write_all(&line).await.is_ok() && output.flush().await.is_ok();
        }
        unwritten.remove(line.len());
    }
}
