//! Kills the program at every request of a write, during the write, and right after it: the audit log agrees with the
//! tenant, and the next start repeats nothing.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use autotask_sandbox::{INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use http::{Method, Request};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::support::http_server::{TOKEN, call, command};
use crate::support::stub_upstream::{Reply, Upstream, ok_reply};

/// More than the number of requests before the create.
const MAX_REQUESTS: usize = 20;
/// The time in which a restarted program would repeat a write.
const SETTLE_TIME: Duration = Duration::from_millis(300);

/// When the program is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Moment {
    /// During the request with this number, before the create.
    Before(usize),
    /// The create arrived, but is not handled.
    Arrived,
    /// The create is handled, but its response is not sent.
    Handled,
    /// This long after the response was sent.
    Released(Duration),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Transport {
    Stdio,
    Http,
}

/// A tenant that stops at the moment, and reports that it is reached.
struct Tenant {
    sandbox: Sandbox,
    moment: Moment,
    reached: Sender<()>,
    count: AtomicUsize,
}

/// The state after the kill.
struct Remains {
    created: usize,
    outcomes: Vec<String>,
}

#[test]
fn after_a_kill_over_stdio_the_log_agrees_with_the_tenant() {
    check_moments(Transport::Stdio);
}

#[test]
fn after_a_kill_over_http_the_log_agrees_with_the_tenant() {
    check_moments(Transport::Http);
}

fn check_moments(transport: Transport) {
    let before = (0..MAX_REQUESTS).take_while(|number| {
        let remains = kill_at(transport, Moment::Before(*number));
        remains.is_some_and(|remains| check(Moment::Before(*number), &remains))
    });
    assert!((1..MAX_REQUESTS).contains(&before.count()), "requests before the create");
    let released =
        [0, 1, 2, 5, 10, 30].map(|millis| Moment::Released(Duration::from_millis(millis)));
    for moment in [Moment::Arrived, Moment::Handled].into_iter().chain(released) {
        check(moment, &kill_at(transport, moment).expect("the moment is reached"));
    }
}

/// Asserts the state after a kill at this moment.
fn check(moment: Moment, remains: &Remains) -> bool {
    let outcomes: Vec<_> = remains.outcomes.iter().map(String::as_str).collect();
    let expected: (usize, &[&[&str]]) = match moment {
        Moment::Before(_) => (0, &[&[]]),
        Moment::Arrived => (0, &[&["sending"]]),
        Moment::Handled => (1, &[&["sending"]]),
        Moment::Released(_) => (1, &[&["sending"], &["sending", "written"]]),
    };
    assert_eq!(remains.created, expected.0, "{moment:?}");
    assert!(expected.1.contains(&outcomes.as_slice()), "{moment:?}: {outcomes:?}");
    true
}

/// Runs a create, kills the program at the moment, and restarts it; none if the moment is not reached.
fn kill_at(transport: Transport, moment: Moment) -> Option<Remains> {
    let (reached, wait) = channel();
    let tenant = Tenant { sandbox: Sandbox::new(), moment, reached, count: AtomicUsize::new(0) };
    let tenant = Arc::new(tenant);
    let upstream = Upstream::open({
        let tenant = tenant.clone();
        move |request| tenant.clone().respond(request)
    });
    let log = log_file();
    let is_reached = run_until(transport, moment, &settings(&upstream, &log), &wait);
    let remains = Remains { created: tenant.sandbox.created("Contacts"), outcomes: outcomes(&log) };
    let requests = tenant.sandbox.requests().len();
    let restarted = start(transport, &settings(&upstream, &log));
    std::thread::sleep(SETTLE_TIME);
    drop(restarted);
    assert!(tenant.sandbox.requests()[requests..].iter().all(|sent| !sent.ends_with("/Contacts")));
    assert_eq!(tenant.sandbox.created("Contacts"), remains.created, "repeated by the next start");
    assert_eq!(outcomes(&log), remains.outcomes, "the log is kept");
    fs::remove_file(&log).ok();
    is_reached.then_some(remains)
}

impl Tenant {
    async fn respond(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let is_create = parts.method == Method::POST && parts.uri.path().ends_with("/Contacts");
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        match self.moment {
            Moment::Before(stop) if !is_create && stop == number => self.hold().await,
            Moment::Arrived if is_create => self.hold().await,
            _ => {}
        }
        let response = self.sandbox.handle(Request::from_parts(parts, body));
        match self.moment {
            Moment::Handled if is_create => self.hold().await,
            Moment::Released(_) if is_create => self.reached.send(()).expect("the test waits"),
            _ => {}
        }
        let (parts, body) = response.into_parts();
        let mut reply = ok_reply(body);
        *reply.status_mut() = parts.status;
        reply
    }

    async fn hold(&self) {
        self.reached.send(()).expect("the test waits");
        std::future::pending::<()>().await;
    }
}

type Settings = Vec<(&'static str, String)>;

fn settings(upstream: &Upstream, log: &Path) -> Settings {
    vec![
        ("AUTOTASK_API_URL", format!("http://{}/ATServicesRest/", upstream.address())),
        ("AUTOTASK_USERNAME", USERNAME.into()),
        ("AUTOTASK_SECRET", SECRET.into()),
        ("AUTOTASK_INTEGRATION_CODE", INTEGRATION_CODE.into()),
        ("AUTOTASK_CONFIRM_MODE", "token".into()),
        ("AUTOTASK_AUDIT_LOG", log.to_string_lossy().into_owned()),
    ]
}

/// Makes the call and kills the program; false if the call ended before the moment.
fn run_until(
    transport: Transport,
    moment: Moment,
    settings: &Settings,
    wait: &Receiver<()>,
) -> bool {
    let mut program = start(transport, settings);
    let answered = program.call();
    let is_reached = loop {
        match (wait.recv_timeout(Duration::from_millis(20)), answered.try_recv()) {
            (Ok(()), _) => break true,
            (Err(_), Ok(())) => break false,
            (Err(_), Err(_)) => {}
        }
    };
    if let Moment::Released(after) = moment {
        std::thread::sleep(after);
    }
    program.process.kill().expect("a kill");
    program.process.wait().expect("its end");
    is_reached
}

/// A running program; killed when dropped.
struct Program {
    process: Child,
    /// The address of the HTTP server.
    address: Option<String>,
}

fn start(transport: Transport, settings: &Settings) -> Program {
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut command = command(&[], &settings);
    if transport == Transport::Stdio {
        command.env("AUTOTASK_TRANSPORT", "stdio").stdin(Stdio::piped()).stdout(Stdio::piped());
    }
    let mut process = command.spawn().expect("the program");
    let log = BufReader::new(process.stderr.take().expect("its log"));
    let mut lines = log.lines().map_while(Result::ok);
    let address = (transport == Transport::Http).then(|| {
        let line = lines.find(|line| line.contains("served at http://")).expect("its address");
        let (_, address) = line.split_once("http://").expect("its address");
        address.trim_end_matches("/mcp").to_owned()
    });
    std::thread::spawn(move || lines.for_each(drop));
    Program { process, address }
}

impl Program {
    /// Sends the create; the receiver is notified of its response.
    fn call(&mut self) -> Receiver<()> {
        let arguments = json!({ "companyID": 412, "firstName": "Ada", "lastName": "Ebb", "confirm": "CREATE_CONTACT" });
        let create = call("create-contact", &arguments).to_string();
        let (sender, receiver) = channel();
        match &self.address {
            Some(address) => over_http(address.clone(), create, sender),
            None => self.over_stdio(&create, sender),
        }
        receiver
    }

    fn over_stdio(&mut self, create: &str, sender: Sender<()>) {
        let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
        let input = self.process.stdin.as_mut().expect("its input");
        writeln!(input, "{hello}\n{create}").expect("it reads");
        let output = BufReader::new(self.process.stdout.take().expect("its output"));
        std::thread::spawn(move || {
            // The first line answers `initialize`.
            let response = output.lines().map_while(Result::ok).nth(1);
            response.and_then(|_| sender.send(()).ok());
        });
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn over_http(address: String, create: String, sender: Sender<()>) {
    std::thread::spawn(move || {
        let mut stream = TcpStream::connect(&address).expect("it listens");
        let length = create.len();
        write!(stream, "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: {length}\r\n\r\n{create}").expect("it reads");
        let is_answered = stream.read(&mut [0; 1]).is_ok_and(|read| read > 0);
        is_answered.then(|| sender.send(()).ok());
    });
}

fn log_file() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("crash-{}-{number}.jsonl", std::process::id());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The outcomes in the audit log; an incomplete last line would not be JSON.
fn outcomes(log: &Path) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.map(|line| line["outcome"].as_str().unwrap_or_default().to_owned()).collect()
}
