//! A connection on which heads that do not read are refused in words too: below the router there is nobody else to say why.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::door::DISCARDED;
use super::refusal::Refusal;

/// Who is cut off while still sending never hears why: more is read for so long.
const LISTENED: Duration = Duration::from_secs(5);

/// A stream that puts words into refusals without any.
pub struct Worded<S> {
    stream: S,
    /// What is still to be written in place of a refusal.
    refusal: Option<Bytes>,
    /// Once the refusal is out: how much was read since, and when that ends.
    rest: Option<(usize, Pin<Box<Sleep>>)>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Worded<S> {
    /// The stream, of which nothing was read yet.
    pub fn new(stream: S) -> Self {
        Self { stream, refusal: None, rest: None }
    }

    fn refuse(&mut self, cx: &mut Context, wordless: usize) -> Poll<io::Result<usize>> {
        while let Some(left) = self.refusal.as_mut().filter(|left| !left.is_empty()) {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, left))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => left.advance(written),
            }
        }
        self.refusal = None;
        self.rest = Some((0, Box::pin(sleep(LISTENED))));
        Poll::Ready(Ok(wordless))
    }

    fn discard(&mut self, cx: &mut Context) -> Poll<io::Result<()>> {
        let mut bytes = [0; 8 << 10];
        while let Some((read, end)) = &mut self.rest
            && *read < DISCARDED
            && end.as_mut().poll(cx).is_pending()
        {
            let mut space = ReadBuf::new(&mut bytes);
            let more = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut space));
            if more.is_err() || space.filled().is_empty() {
                break;
            }
            *read += space.filled().len();
        }
        Poll::Ready(Ok(()))
    }
}

/// What to say in place of a head that hyper made by itself; each of our own refusals has a body.
fn words(written: &[u8]) -> Option<Bytes> {
    let status = written.strip_prefix(b"HTTP/1.1 4")?.get(..2)?;
    let status = StatusCode::from_bytes(&[b"4", status].concat()).ok()?;
    let head = str::from_utf8(written).ok()?.to_ascii_lowercase();
    let is_wordless = head.ends_with("\r\n\r\n") && head.contains("\r\ncontent-length: 0\r\n");
    is_wordless.then(|| Refusal::NoHead(status).whole().into())
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Worded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.refusal.is_none() {
            self.refusal = words(bytes);
        }
        match self.refusal {
            Some(_) => self.refuse(cx, bytes.len()),
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
        all: &[IoSlice],
    ) -> Poll<io::Result<usize>> {
        match all {
            [one] => self.poll_write(cx, one),
            _ => Pin::new(&mut self.stream).poll_write_vectored(cx, all),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        self.discard(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Worded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
        into: &mut ReadBuf,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}
