//! A local HTTP server with responses chosen by the test, optionally with TLS, and the built program that uses it.
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

/// A port served by its own thread; closed when dropped.
pub struct Upstream {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Upstream {
    /// Serves every request with this handler.
    pub fn open<A, F>(respond: A) -> Self
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        Self::listen(move |stream| {
            let respond = respond.clone();
            async move { serve(stream, respond).await }
        })
    }

    /// Serves every request with this handler over TLS.
    pub fn open_tls<A, F>(acceptor: TlsAcceptor, respond: A) -> Self
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        Self::listen(move |stream| {
            let (acceptor, respond) = (acceptor.clone(), respond.clone());
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream, respond).await;
                }
            }
        })
    }

    /// Passes each connection to this handler.
    pub fn listen<T, F>(handle: T) -> Self
    where
        T: Fn(tokio::net::TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        listener.set_nonblocking(true).expect("a non-blocking port");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a port");
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(handle(stream));
            }
        });
        let runtime = Some(runtime);
        Self { address, runtime }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The built program with this port as its zone, and these settings.
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

async fn serve<A, F>(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, respond: A)
where
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Reply>,
{
    let service = service_fn(|request| {
        let reply = respond(request);
        async move { Ok::<_, Infallible>(reply.await) }
    });
    // An error only means that the client hung up.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// A 200 response with this body.
pub fn ok_reply(body: impl Into<Bytes>) -> Reply {
    Response::new(Full::new(body.into()).boxed_unsync())
}

/// A 200 response with this piece repeated, without `Content-Length`.
pub fn repeated_body(piece: Bytes, times: usize) -> Reply {
    let frames = std::iter::repeat_n(piece, times).map(|piece| Ok(Frame::data(piece)));
    Response::new(StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync())
}

/// The threshold of a tenant that has used almost nothing of it.
pub fn threshold() -> Reply {
    ok_reply(
        r#"{"externalRequestThreshold":10000,"requestThresholdTimeframe":60,"currentTimeframeRequestCount":1}"#,
    )
}
