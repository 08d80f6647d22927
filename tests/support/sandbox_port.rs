//! Serves the sandbox on a local port, with real network faults.
#![allow(dead_code, clippy::expect_used, reason = "each test uses a part of it")]

use std::io::{Error, ErrorKind, Result};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use autotask_mcp::app::App;
use autotask_mcp::client::backend::Backend;
use autotask_mcp::config::Config;
use autotask_sandbox::{
    BASE_URL, FaultResult, INTEGRATION_CODE, InFlight, MAX_CHUNKS, SECRET, Sandbox, USERNAME,
};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::request::Builder;
use http::{HeaderValue, Request, Response};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// A port served by its own thread; closed when dropped.
pub struct SandboxPort {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl SandboxPort {
    /// Serves a sandbox; the URLs in its responses lead back to the port.
    pub fn open(sandbox: &Arc<Sandbox>) -> Self {
        Self::with_pace(sandbox, Duration::ZERO)
    }

    /// Serves a sandbox that delays each response without a fault, so that requests overlap.
    pub fn with_pace(sandbox: &Arc<Sandbox>, pace: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let options = Options { base: base(address), pace };
        runtime.spawn(serve(listener, sandbox.clone(), options.into()));
        let runtime = Some(runtime);
        Self { address, runtime }
    }

    /// The port's address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL, as a zone lookup returns it.
    pub fn base(&self) -> String {
        base(self.address)
    }

    /// An app that reaches the sandbox through this port, with additional settings.
    pub fn app(&self, settings: &[(&str, &str)]) -> App {
        let base = self.base();
        let required = [
            ("AUTOTASK_USERNAME", USERNAME),
            ("AUTOTASK_SECRET", SECRET),
            ("AUTOTASK_INTEGRATION_CODE", INTEGRATION_CODE),
            ("AUTOTASK_API_URL", base.as_str()),
        ];
        let lookup = |name: &str| {
            let mut all = required.iter().chain(settings);
            let (_, value) = all.find(|(key, _)| *key == name)?;
            Some((*value).to_owned())
        };
        let config = Config::read(&lookup).expect("valid settings");
        App::new(&config, Backend::https(&config)).expect("valid settings")
    }
}

impl Drop for SandboxPort {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn base(address: SocketAddr) -> String {
    format!("http://{address}/ATServicesRest/")
}

async fn serve(listener: TcpListener, sandbox: Arc<Sandbox>, options: Arc<Options>) -> Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection = Connection { stream: BufReader::new(stream), options: options.clone() };
        tokio::spawn(connection.serve(sandbox.clone()));
    }
}

/// The options of all connections.
struct Options {
    base: String,
    pace: Duration,
}

/// A connection; an error ends it.
struct Connection {
    stream: BufReader<TcpStream>,
    options: Arc<Options>,
}

impl Connection {
    async fn serve(mut self, sandbox: Arc<Sandbox>) -> Result<()> {
        loop {
            let request = self.read_request().await?;
            let in_flight = sandbox.track(request.method(), request.uri().path());
            let result = sandbox.respond(request);
            self.send_result(result, in_flight).await?;
        }
    }

    /// A request stops counting as in flight before the last byte is sent, because the client may then send the next one.
    ///
    /// A client that hangs up may send the next request before this is noticed here. Requests without a response and
    /// with an oversized one therefore stop counting at once. A delayed or slow response still counts, so if it takes
    /// longer than the client's timeout, the count may be one too high.
    async fn send_result(&mut self, result: FaultResult, in_flight: InFlight) -> Result<()> {
        match result {
            FaultResult::Response(response) => {
                let pace = self.options.pace;
                if !pace.is_zero() {
                    self.wait(pace).await?;
                }
                drop(in_flight);
                self.send(response).await
            }
            FaultResult::Delayed(time, response) => {
                self.wait(time).await?;
                drop(in_flight);
                self.send(response).await
            }
            FaultResult::SlowBody(time, response) => {
                self.send_slowly(time, response, in_flight).await
            }
            FaultResult::NoResponse => {
                drop(in_flight);
                self.wait(Duration::MAX).await
            }
            FaultResult::Disconnect | FaultResult::ConnectionRefused => {
                Err(ErrorKind::ConnectionAborted.into())
            }
            FaultResult::Oversized(response, size) => {
                drop(in_flight);
                self.send_oversized(response, size).await
            }
        }
    }

    async fn send(&mut self, response: Response<Bytes>) -> Result<()> {
        let response = self.with_own_urls(response);
        let bytes = [&head(&response), response.body().as_ref()].concat();
        self.write(&bytes).await?;
        let actual = HeaderValue::from(response.body().len());
        match response.headers().get(CONTENT_LENGTH) {
            Some(declared) if *declared != actual => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    async fn send_slowly(
        &mut self,
        time: Duration,
        response: Response<Bytes>,
        in_flight: InFlight,
    ) -> Result<()> {
        let response = self.with_own_urls(response);
        let mut in_flight = Some(in_flight).filter(|_| !response.body().is_empty());
        self.write(&head(&response)).await?;
        let size = response.body().len().div_ceil(MAX_CHUNKS).max(1);
        let mut pieces = response.body().chunks(size).peekable();
        while let Some(piece) = pieces.next() {
            self.wait(time).await?;
            in_flight = in_flight.filter(|_| pieces.peek().is_some());
            self.write(piece).await?;
        }
        Ok(())
    }

    /// Sends no `Content-Length`, so that only the client's limit can stop the response.
    async fn send_oversized(&mut self, mut response: Response<Bytes>, size: u64) -> Result<()> {
        let chunked = HeaderValue::from_static("chunked");
        response.headers_mut().insert(TRANSFER_ENCODING, chunked);
        self.write(&head(&response)).await?;
        let mut remaining = size;
        while remaining > 0 {
            let chunk = response.body();
            let length = usize::try_from(remaining).map_or(chunk.len(), |n| n.min(chunk.len()));
            self.write(format!("{length:x}\r\n").as_bytes()).await?;
            self.write(&chunk[..length]).await?;
            self.write(b"\r\n").await?;
            remaining -= length as u64;
        }
        self.write(b"0\r\n\r\n").await
    }

    /// Waits, unless the client hangs up.
    async fn wait(&mut self, time: Duration) -> Result<()> {
        match tokio::time::timeout(time, self.stream.fill_buf()).await {
            Ok(_) => Err(ErrorKind::ConnectionReset.into()),
            Err(_) => Ok(()),
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.get_mut().write_all(bytes).await
    }

    fn with_own_urls(&self, response: Response<Bytes>) -> Response<Bytes> {
        response.map(|body| match std::str::from_utf8(&body) {
            Ok(text) if text.contains(BASE_URL) => {
                text.replace(BASE_URL, &self.options.base).into()
            }
            _ => body,
        })
    }

    async fn read_request(&mut self) -> Result<Request<Bytes>> {
        let first = self.read_line().await?;
        let mut words = first.split(' ');
        let (method, target) = (words.next(), words.next());
        let mut request =
            Request::builder().method(method.unwrap_or_default()).uri(target.unwrap_or_default());
        loop {
            let line = self.read_line().await?;
            match line.split_once(':') {
                Some((name, value)) => request = request.header(name, value.trim()),
                None => break,
            }
        }
        let mut body = vec![0; length(&request)];
        self.stream.read_exact(&mut body).await?;
        request.body(body.into()).map_err(Error::other)
    }

    async fn read_line(&mut self) -> Result<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }
}

fn length(request: &Builder) -> usize {
    let headers = request.headers_ref();
    let length = headers.and_then(|headers| headers.get(CONTENT_LENGTH));
    length.and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or_default()
}

fn head(response: &Response<Bytes>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", response.status()).into_bytes();
    for (name, value) in response.headers() {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let headers = response.headers();
    if !headers.contains_key(CONTENT_LENGTH) && !headers.contains_key(TRANSFER_ENCODING) {
        head.extend(format!("content-length: {}\r\n", response.body().len()).into_bytes());
    }
    head.extend(b"\r\n");
    head
}
