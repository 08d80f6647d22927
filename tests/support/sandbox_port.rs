//! The sandbox behind a port of this machine, with every kind of trouble done for real.
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

/// A port on a thread of its own; closed when dropped.
pub struct SandboxPort {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl SandboxPort {
    /// Serves a sandbox; its zone look-up and its pages send callers back to the port.
    pub fn open(sandbox: &Arc<Sandbox>) -> Self {
        Self::with_pace(sandbox, Duration::ZERO)
    }

    /// The same where each healthy answer takes this time, in which requests can meet.
    pub fn with_pace(sandbox: &Arc<Sandbox>, pace: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let manner = Manner { base: base(address), pace };
        runtime.spawn(serve(listener, sandbox.clone(), manner.into()));
        let runtime = Some(runtime);
        Self { address, runtime }
    }

    /// The port's address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base of all addresses, as the zone look-up hands it out.
    pub fn base(&self) -> String {
        base(self.address)
    }

    /// A desk that reaches the sandbox through this port, with these settings besides.
    pub fn app(&self, more: &[(&str, &str)]) -> App {
        let base = self.base();
        let own = [
            ("AUTOTASK_USERNAME", USERNAME),
            ("AUTOTASK_SECRET", SECRET),
            ("AUTOTASK_INTEGRATION_CODE", INTEGRATION_CODE),
            ("AUTOTASK_API_URL", base.as_str()),
        ];
        let lookup = |name: &str| {
            let (_, value) = own.iter().chain(more).find(|(known, _)| *known == name)?;
            Some((*value).to_owned())
        };
        let config = Config::read(&lookup).expect("settings that read");
        App::new(&config, Backend::https(&config)).expect("settings that name tools")
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

async fn serve(listener: TcpListener, sandbox: Arc<Sandbox>, manner: Arc<Manner>) -> Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let line = Line { stream: BufReader::new(stream), manner: manner.clone() };
        tokio::spawn(line.talk(sandbox.clone()));
    }
}

/// What all connections have in common.
struct Manner {
    base: String,
    pace: Duration,
}

/// A connection; an error ends it.
struct Line {
    stream: BufReader<TcpStream>,
    manner: Arc<Manner>,
}

impl Line {
    async fn talk(mut self, sandbox: Arc<Sandbox>) -> Result<()> {
        loop {
            let request = self.read().await?;
            let slot = sandbox.track(request.method(), request.uri().path());
            let behavior = sandbox.respond(request);
            self.act(behavior, slot).await?;
        }
    }

    /// The slot is given back before the last byte goes out, since the caller may then call again.
    ///
    /// Where the caller hangs up instead, it may call again before that is seen here, so silence
    /// and a flood give the slot back as they begin. A late or dripping answer keeps it: one that
    /// outlasts the caller's patience may count one too many.
    async fn act(&mut self, behavior: FaultResult, slot: InFlight) -> Result<()> {
        match behavior {
            FaultResult::Response(answer) => {
                let pace = self.manner.pace;
                if !pace.is_zero() {
                    self.wait(pace).await?;
                }
                drop(slot);
                self.answer(answer).await
            }
            FaultResult::Delayed(time, answer) => {
                self.wait(time).await?;
                drop(slot);
                self.answer(answer).await
            }
            FaultResult::SlowBody(time, answer) => self.drip(time, answer, slot).await,
            FaultResult::NoResponse => {
                drop(slot);
                self.wait(Duration::MAX).await
            }
            FaultResult::Disconnect | FaultResult::ConnectionRefused => {
                Err(ErrorKind::ConnectionAborted.into())
            }
            FaultResult::Oversized(answer, size) => {
                drop(slot);
                self.flood(answer, size).await
            }
        }
    }

    async fn answer(&mut self, answer: Response<Bytes>) -> Result<()> {
        let answer = self.readdressed(answer);
        let whole = [&head(&answer), answer.body().as_ref()].concat();
        self.write(&whole).await?;
        let has = HeaderValue::from(answer.body().len());
        match answer.headers().get(CONTENT_LENGTH) {
            Some(promised) if *promised != has => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    async fn drip(
        &mut self,
        time: Duration,
        answer: Response<Bytes>,
        slot: InFlight,
    ) -> Result<()> {
        let answer = self.readdressed(answer);
        let mut slot = Some(slot).filter(|_| !answer.body().is_empty());
        self.write(&head(&answer)).await?;
        let size = answer.body().len().div_ceil(MAX_CHUNKS).max(1);
        let mut pieces = answer.body().chunks(size).peekable();
        while let Some(piece) = pieces.next() {
            self.wait(time).await?;
            slot = slot.filter(|_| pieces.peek().is_some());
            self.write(piece).await?;
        }
        Ok(())
    }

    /// The size is not announced, so that only the reader's own limit can stop it.
    async fn flood(&mut self, mut answer: Response<Bytes>, size: u64) -> Result<()> {
        let chunked = HeaderValue::from_static("chunked");
        answer.headers_mut().insert(TRANSFER_ENCODING, chunked);
        self.write(&head(&answer)).await?;
        let mut left = size;
        while left > 0 {
            let chunk = answer.body();
            let length = usize::try_from(left).map_or(chunk.len(), |left| left.min(chunk.len()));
            self.write(format!("{length:x}\r\n").as_bytes()).await?;
            self.write(&chunk[..length]).await?;
            self.write(b"\r\n").await?;
            left -= length as u64;
        }
        self.write(b"0\r\n\r\n").await
    }

    /// Waits, unless the caller hangs up.
    async fn wait(&mut self, time: Duration) -> Result<()> {
        match tokio::time::timeout(time, self.stream.fill_buf()).await {
            Ok(_) => Err(ErrorKind::ConnectionReset.into()),
            Err(_) => Ok(()),
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.get_mut().write_all(bytes).await
    }

    fn readdressed(&self, answer: Response<Bytes>) -> Response<Bytes> {
        answer.map(|body| match std::str::from_utf8(&body) {
            Ok(text) if text.contains(BASE_URL) => text.replace(BASE_URL, &self.manner.base).into(),
            _ => body,
        })
    }

    async fn read(&mut self) -> Result<Request<Bytes>> {
        let first = self.line().await?;
        let mut words = first.split(' ');
        let (method, target) = (words.next(), words.next());
        let mut request =
            Request::builder().method(method.unwrap_or_default()).uri(target.unwrap_or_default());
        loop {
            let line = self.line().await?;
            match line.split_once(':') {
                Some((name, value)) => request = request.header(name, value.trim()),
                None => break,
            }
        }
        let mut body = vec![0; length(&request)];
        self.stream.read_exact(&mut body).await?;
        request.body(body.into()).map_err(Error::other)
    }

    async fn line(&mut self) -> Result<String> {
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

fn head(answer: &Response<Bytes>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", answer.status()).into_bytes();
    for (name, value) in answer.headers() {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let headers = answer.headers();
    if !headers.contains_key(CONTENT_LENGTH) && !headers.contains_key(TRANSFER_ENCODING) {
        head.extend(format!("content-length: {}\r\n", answer.body().len()).into_bytes());
    }
    head.extend(b"\r\n");
    head
}
