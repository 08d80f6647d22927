//! One fault done to one request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Behavior, Fault};
use crate::sandbox::State;
use crate::sandbox::door::no_permission;
use crate::sandbox::reply::{self, JSON, Refusal};

const THREADS: &str = "Itgenatr005: The thread threshold of 3 for this object has been exceeded.";
const HOURLY: &str =
    "You have exceeded your request threshold of 10000 external requests per 60 minutes.";
const VERDICT: &str = "Picklist value [99] does not exist for status.";
const ELSEWHERE: &str = "https://evil.example.test/";
const LIE: usize = 1_000;
const BLANKS: &[u8] = &[b' '; 1 << 16];

/// What becomes of a request that a fault befalls.
pub(super) fn strike(fault: &Fault, state: &mut State, request: &Request<Bytes>) -> Behavior {
    if !matches!(fault, Fault::Refused | Fault::Cut { handled: false }) {
        state.note(request);
    }
    Behavior::Answer(match fault {
        Fault::Refused => return Behavior::Refused,
        Fault::Cut { handled } => {
            do_if(*handled, state, request);
            return Behavior::Cut;
        }
        Fault::Silence { handled } => {
            do_if(*handled, state, request);
            return Behavior::Silence;
        }
        Fault::Late(time) => return Behavior::Late(*time, state.answer(request)),
        Fault::Drip(time) => return Behavior::Drip(*time, state.answer(request)),
        Fault::Huge(size) => return Behavior::Huge(blanks(), *size),
        Fault::Nameless => state.answer(request).map(|_| Bytes::from_static(b"{}")),
        Fault::Truncated => truncated(state.answer(request)),
        Fault::InvalidUtf8 => garbled(&state.answer(request)),
        Fault::WrongType => mislabeled(state.answer(request)),
        Fault::LiesAboutLength => overstated(state.answer(request)),
        Fault::TooMany { retry_after } => too_many(retry_after.as_deref()),
        Fault::ThreadLimit => reply::of(Err(Refusal::because(THREADS))),
        Fault::OverThreshold => reply::of(Err(Refusal::because(HOURLY))),
        Fault::Verdict => reply::of(Err(Refusal::of_record(VERDICT))),
        Fault::NoRight => reply::of(Err(no_permission("query"))),
        Fault::EchoSecret => reply::of(Err(Refusal::because(echo(request)))),
        Fault::Unauthorized => reply::of(Err(Refusal::Unauthorized)),
        Fault::Fault500 => reply::response(StatusCode::INTERNAL_SERVER_ERROR, JSON, Vec::new()),
        Fault::Html500 => page(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::BadGateway => page(StatusCode::BAD_GATEWAY),
        Fault::Unavailable => page(StatusCode::SERVICE_UNAVAILABLE),
        Fault::GatewayTimeout => page(StatusCode::GATEWAY_TIMEOUT),
        Fault::NotJson => page(StatusCode::OK),
        Fault::Redirect => redirect(),
    })
}

fn do_if(handled: bool, state: &mut State, request: &Request<Bytes>) {
    if handled {
        state.answer(request);
    }
}

fn blanks() -> Response<Bytes> {
    let empty = reply::response(StatusCode::OK, JSON, Vec::new());
    empty.map(|_| Bytes::from_static(BLANKS))
}

fn truncated(answer: Response<Bytes>) -> Response<Bytes> {
    answer.map(|body| body.slice(..body.len() / 2))
}

/// A stray byte goes into the first name of the body.
fn garbled(answer: &Response<Bytes>) -> Response<Bytes> {
    let mut body = answer.body().to_vec();
    let at = body.iter().position(|byte| *byte == b'"');
    body.insert(at.map_or(0, |at| at + 1), 0xC3);
    let mut garbled = answer.clone();
    *garbled.body_mut() = body.into();
    garbled
}

fn mislabeled(mut answer: Response<Bytes>) -> Response<Bytes> {
    let kind = HeaderValue::from_static("application/octet-stream");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

fn overstated(mut answer: Response<Bytes>) -> Response<Bytes> {
    let length = answer.body().len() + LIE;
    answer.headers_mut().insert(CONTENT_LENGTH, length.into());
    answer
}

fn too_many(retry_after: Option<&str>) -> Response<Bytes> {
    let mut answer = reply::response(StatusCode::TOO_MANY_REQUESTS, JSON, Vec::new());
    if let Some(value) = retry_after.and_then(|value| value.parse().ok()) {
        answer.headers_mut().insert(RETRY_AFTER, value);
    }
    answer
}

fn echo(request: &Request<Bytes>) -> String {
    let values = request.headers().iter().map(|(name, value)| {
        let plain = String::from_utf8_lossy(value.as_bytes());
        let encoded = utf8_percent_encode(&plain, NON_ALPHANUMERIC);
        format!("{name}: {plain} {encoded} {}", STANDARD.encode(value))
    });
    let values = values.collect::<Vec<_>>().join("; ");
    format!("No handler for a call with {values}.")
}

fn page(status: StatusCode) -> Response<Bytes> {
    let title = status.canonical_reason().unwrap_or_default();
    let html = format!(
        "<!DOCTYPE html><html><head><title>{title}</title></head>\
         <body><h1>{} - {title}</h1></body></html>",
        status.as_u16()
    );
    reply::response(status, "text/html", html.into_bytes())
}

fn redirect() -> Response<Bytes> {
    let mut answer = reply::response(StatusCode::FOUND, "text/html", Vec::new());
    let to = HeaderValue::from_static(ELSEWHERE);
    answer.headers_mut().insert(LOCATION, to);
    answer
}
