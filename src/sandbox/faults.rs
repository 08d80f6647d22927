//! Trouble on demand: what can go wrong with a request, and which request it befalls.

mod strike;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use super::tenant::Chance;
use super::{Sandbox, path};

/// Into how many pieces, at most, a dripping body is cut.
pub const PIECES: usize = 8;

/// What the tenant does with a request, transport included.
#[derive(Debug)]
pub enum Behavior {
    /// The answer, at once.
    Answer(Response<Bytes>),
    /// The answer after this time.
    Late(Duration, Response<Bytes>),
    /// Nothing, over an open connection.
    Silence,
    /// The end of the connection, without an answer.
    Cut,
    /// The head at once, then the body in up to `PIECES` pieces, each after this time.
    Drip(Duration, Response<Bytes>),
    /// Nobody listens; a port that took the connection already ends it.
    Refused,
    /// The body again and again, until this many bytes are sent.
    Huge(Response<Bytes>, u64),
}

/// One piece of trouble; where the request is done nevertheless, that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// 429, with `Retry-After` where given.
    TooMany {
        /// The value of `Retry-After`, sent as it stands.
        retry_after: Option<String>,
    },
    /// 500 that names the limit of concurrent requests.
    ThreadLimit,
    /// 500 with `errors[]` that judge the request.
    Verdict,
    /// 500 with `errors[]` that deny the right to query.
    NoRight,
    /// 500 without a body.
    Fault500,
    /// 500 with a web page.
    Html500,
    /// 502 with a web page.
    BadGateway,
    /// 503 with a web page.
    Unavailable,
    /// 504 with a web page.
    GatewayTimeout,
    /// The request is done; its answer ends in the middle, as if whole.
    Truncated,
    /// 200 with a web page.
    NotJson,
    /// The request is done; its answer is not UTF-8.
    InvalidUtf8,
    /// The request is done; its answer is an empty object.
    Nameless,
    /// The request is done; its answer claims to be no JSON.
    WrongType,
    /// 302 to a foreign host.
    Redirect,
    /// The request is done; its answer comes after this time.
    Late(Duration),
    /// The request is read, and no answer comes.
    Silence {
        /// Whether the request is done.
        handled: bool,
    },
    /// The connection ends without an answer.
    Cut {
        /// Whether the request is read and done.
        handled: bool,
    },
    /// The request is done; its answer comes in pieces, each after this time.
    Drip(Duration),
    /// 401, whatever the credentials.
    Unauthorized,
    /// 500 with `errors[]` that quote the request's headers, plain, URL-encoded and in base64.
    EchoSecret,
    /// 200 with a body of so many bytes.
    Huge(u64),
    /// The request is done; its answer promises more bytes than it has.
    LiesAboutLength,
    /// 500 that names the hourly threshold.
    OverThreshold,
    /// Nobody listens.
    Refused,
}

/// The trouble to come: the script first, then the storm.
#[derive(Default)]
pub(super) struct Trouble {
    script: VecDeque<Option<Fault>>,
    storm: Option<Storm>,
}

struct Storm {
    chance: Chance,
    percent: u8,
    faults: Vec<Fault>,
}

impl Sandbox {
    /// What the tenant does with a request, trouble included.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "A request is spent by its answer.")]
    pub fn respond(&self, request: Request<Bytes>) -> Behavior {
        let mut state = self.state();
        let fault = match path::route(request.uri().path()) {
            Ok(path::Route::Zone) => None,
            _ => state.trouble.next(),
        };
        match fault {
            Some(fault) => strike::strike(&fault, &mut state, &request),
            None => Behavior::Answer(state.handle(&request)),
        }
    }

    /// Adds turns to the script: each request takes one, zone look-ups excepted; `None` is a good one.
    pub fn script(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.state().trouble.script.extend(faults);
    }

    /// From now on, once the script is over, so many percent of the requests get one of these faults.
    ///
    /// The same seed strikes the same requests, counted from here.
    pub fn storm(&self, seed: u64, percent: u8, faults: Vec<Fault>) {
        let chance = Chance::seeded(seed);
        self.state().trouble.storm = Some(Storm { chance, percent, faults });
    }

    /// Ends script and storm.
    pub fn calm(&self) {
        self.state().trouble = Trouble::default();
    }
}

impl Trouble {
    fn next(&mut self) -> Option<Fault> {
        match self.script.pop_front() {
            Some(turn) => turn,
            None => self.storm.as_mut()?.next(),
        }
    }
}

impl Storm {
    fn next(&mut self) -> Option<Fault> {
        let strikes = self.chance.percent(self.percent.into());
        let fault = self.chance.pick(&self.faults);
        fault.filter(|_| strikes).cloned()
    }
}
