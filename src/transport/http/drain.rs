//! Reads on after a request was rejected: a client whose connection is closed while it sends never sees the response.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use bytes::Bytes;
use futures_util::StreamExt;
use http::header::EXPECT;
use http_body::{Frame, SizeHint};
use http_body_util::Limited;
use tokio::runtime::Handle;
use tokio::time::timeout;

const MAX_DRAINED_BYTES: usize = 16 << 20;
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// A request body whose rest is read and discarded when it is dropped early.
struct DrainOnDrop {
    body: Body,
    /// The client sends nothing until the body is first polled, so there is nothing to drain.
    awaits_continue: bool,
}

/// Makes sure that the body of a rejected request is drained, whoever rejects it.
pub async fn drain_rejected_body(request: Request) -> Request {
    let awaits_continue = request.headers().contains_key(EXPECT);
    request.map(|body| match body.is_end_stream() {
        true => body,
        false => Body::new(DrainOnDrop { body, awaits_continue }),
    })
}

impl HttpBody for DrainOnDrop {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.awaits_continue = false;
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for DrainOnDrop {
    fn drop(&mut self) {
        if self.awaits_continue || self.body.is_end_stream() {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(timeout(DRAIN_TIMEOUT, drain(mem::take(&mut self.body))));
        }
    }
}

async fn drain(body: Body) {
    let mut data = Body::new(Limited::new(body, MAX_DRAINED_BYTES)).into_data_stream();
    while let Some(Ok(_)) = data.next().await {}
}
