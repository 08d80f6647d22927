//! Responses of the sandbox, computed once: what is measured is the server in front of them.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Error, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use autotask_sandbox::{Sandbox, SchemaOverride};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

/// The records of a large page; the sandbox has fewer tickets.
pub const PAGE_SIZE: usize = 500;

/// The stand-in for Autotask; clones share its responses.
#[derive(Clone)]
pub struct StandIn {
    sandbox: Arc<Sandbox>,
    known: Arc<Mutex<HashMap<String, Response<Bytes>>>>,
}

impl StandIn {
    pub fn new() -> Self {
        let sandbox = Arc::new(Sandbox::new());
        sandbox.set_threshold(u32::MAX);
        Self { sandbox, known: Arc::default() }
    }

    /// The same with more fields of tickets than the built-in schema has.
    #[allow(dead_code, reason = "only one program needs it")]
    pub fn with_extra_fields(count: usize) -> Self {
        let stand_in = Self::new();
        for number in 0..count {
            let field = json!({ "name": format!("extra{number}"), "dataType": "integer", "isQueryable": true });
            stand_in.sandbox.override_schema(SchemaOverride::add_field("Tickets", field));
        }
        stand_in
    }

    pub fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        let body = String::from_utf8_lossy(request.body());
        let key = format!("{} {} {body}", request.method(), request.uri().path());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(response) = known.get(&key) {
            return response.clone();
        }
        let is_large = body.contains(&format!("\"MaxRecords\":{PAGE_SIZE}"));
        let is_large = is_large && request.uri().path().ends_with("/Tickets/query");
        let response = self.sandbox.handle(request);
        let response = if is_large { response.map(|body| filled(&body)) } else { response };
        known.insert(key, response.clone());
        response
    }

    /// Responds on a port of this machine, each connection on a thread of its own; returns the base of all addresses.
    pub fn listen(&self) -> Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let base = format!("http://{}/ATServicesRest/", listener.local_addr()?);
        let stand_in = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let stand_in = stand_in.clone();
                std::thread::spawn(move || stand_in.serve(stream));
            }
        });
        Ok(base)
    }

    fn serve(&self, stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let (mut input, mut output) = (BufReader::new(stream.try_clone()?), stream);
        while let Some(request) = read_request(&mut input)? {
            let response = self.respond(request);
            let (status, length) = (response.status(), response.body().len());
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
            );
            output.write_all(&[head.as_bytes(), response.body()].concat())?;
        }
        Ok(())
    }
}

fn read_request(input: &mut impl BufRead) -> Result<Option<Request<Bytes>>> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut request = Request::builder().method(method).uri(path);
    let mut length = 0;
    loop {
        let mut line = String::new();
        input.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().map_err(Error::other)?;
        }
        request = request.header(name, value);
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    request.body(body.into()).map(Some).map_err(Error::other)
}

/// A page with its records repeated until it is full, each with an id of its own.
fn filled(body: &Bytes) -> Bytes {
    let mut page: Value = serde_json::from_slice(body).unwrap_or_default();
    if let Some(Value::Array(items)) = page.get_mut("items") {
        let records: Vec<_> = items.iter().cycle().take(PAGE_SIZE).cloned().collect();
        *items = records;
        for (id, record) in (8001..).zip(items) {
            record["id"] = Value::from(id);
        }
    }
    page.to_string().into()
}
