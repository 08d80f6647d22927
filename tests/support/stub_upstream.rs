//! A port of this machine that answers as a test says, also over TLS; and the built program in front of it.
#![allow(dead_code, clippy::expect_used, reason = "each test uses a part of it")]

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

pub type Reply = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// A port on a thread of its own; closed when dropped.
pub struct Upstream {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Upstream {
    /// Answers every request this way.
    pub fn open<A, F>(answer: A) -> Self
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        Self::listen(move |stream| {
            let answer = answer.clone();
            async move { talk(stream, answer).await }
        })
    }

    /// The same over TLS.
    pub fn open_tls<A, F>(acceptor: TlsAcceptor, answer: A) -> Self
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        Self::listen(move |stream| {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    talk(stream, answer).await;
                }
            }
        })
    }

    /// Hands each connection over.
    pub fn listen<T, F>(take: T) -> Self
    where
        T: Fn(tokio::net::TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        listener.set_nonblocking(true).expect("a port that waits");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a port");
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream));
            }
        });
        let runtime = Some(runtime);
        Self { address, runtime }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The built program with this port as its zone, unless these settings say otherwise.
    pub fn program(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
        let zone = format!("http://{}/ATServicesRest/", self.address);
        let mut command = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"));
        command
            .env_clear()
            .env("AUTOTASK_API_URL", zone)
            .env("AUTOTASK_USERNAME", "api@example.test")
            .env("AUTOTASK_SECRET", SECRET)
            .env("AUTOTASK_INTEGRATION_CODE", CODE)
            .envs(settings.iter().copied())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

pub const SECRET: &str = "a-secret-of-tests";
pub const CODE: &str = "A-CODE-OF-TESTS";

impl Drop for Upstream {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn talk<A, F>(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, answer: A)
where
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Reply>,
{
    let service = service_fn(|request| {
        let reply = answer(request);
        async move { Ok::<_, Infallible>(reply.await) }
    });
    // A caller that has read enough hangs up.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// A good reply with this body.
pub fn whole(body: impl Into<Bytes>) -> Reply {
    Response::new(Full::new(body.into()).boxed_unsync())
}

/// A good reply of this piece so many times, its length not announced.
pub fn flood(piece: Bytes, times: usize) -> Reply {
    let frames = std::iter::repeat_n(piece, times).map(|piece| Ok(Frame::data(piece)));
    Response::new(StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync())
}

/// What the tenant says of its budget: hardly anything is used.
pub fn threshold() -> Reply {
    whole(
        r#"{"externalRequestThreshold":10000,"requestThresholdTimeframe":60,"currentTimeframeRequestCount":1}"#,
    )
}
