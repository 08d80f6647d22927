//! Everyday requests as data: each must get a correct and short response at the first reasonable attempt.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod checks;
mod facts;
mod server;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use facts::Facts;
use server::{Response, Server};

/// A file: the requests of one role, with the settings of its server.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Role {
    #[serde(default)]
    env: BTreeMap<String, String>,
    request: Vec<Request>,
}

/// What a user asks, the calls that a reasonable model makes, and the expected result.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    ask: String,
    /// The kind of failure that it guards against; see README.md.
    kind: u8,
    calls: Vec<String>,
    expect: Vec<String>,
    /// The limit for all responses together, as characters / 4.
    max_tokens: usize,
    /// The limit for calls, including those that `Next:` lines suggest; by default the number of written calls.
    max_calls: Option<usize>,
    /// The limit for requests to Autotask.
    max_requests: Option<u64>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Why it fails now; a request that passes must not have this.
    known_failing: Option<String>,
}

struct Outcome {
    calls: usize,
    tokens: usize,
    problems: Vec<String>,
}

#[test]
fn everyday_requests_succeed_at_the_first_reasonable_attempt() {
    let facts = Facts::default();
    let roles = roles();
    let outcomes: Vec<(&str, &Request, Outcome)> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            roles.iter().map(|(name, role)| scope.spawn(|| run_role(name, role, &facts))).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a role runs to its end"))
            .collect()
    });
    let mut unexpected = Vec::new();
    for (role, request, outcome) in &outcomes {
        let line = describe(role, request, outcome);
        println!("{line}");
        if outcome.problems.is_empty() == request.known_failing.is_some() {
            unexpected.push(line);
        }
    }
    let passed = outcomes.iter().filter(|(_, _, outcome)| outcome.problems.is_empty()).count();
    println!("{passed} of {} pass; median {} tokens a request", outcomes.len(), median(&outcomes));
    assert!(outcomes.len() >= 80, "at least 80 requests");
    assert!(median(&outcomes) <= 150, "the median request takes at most 150 tokens");
    assert!(unexpected.is_empty(), "not as expected:\n{}", unexpected.join("\n"));
}

/// The roles by file name.
fn roles() -> Vec<(String, Role)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/everyday");
    let files = std::fs::read_dir(folder).expect("the folder of roles");
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths.iter().map(|path| (name_of(path), read_role(path))).collect()
}

fn name_of(path: &std::path::Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().replace('-', " ")
}

fn read_role(path: &std::path::Path) -> Role {
    let text = std::fs::read_to_string(path).expect("a readable file");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn run_role<'a>(
    name: &'a str,
    role: &'a Role,
    facts: &Facts,
) -> Vec<(&'a str, &'a Request, Outcome)> {
    role.request.iter().map(|request| (name, request, run(role, request, facts))).collect()
}

/// Runs one request against its own server, so that no write reaches another request.
fn run(role: &Role, request: &Request, facts: &Facts) -> Outcome {
    let mut server = Server::start(role.env.iter().chain(&request.env));
    let before = request.max_requests.map(|_| server.upstream_requests());
    let (responses, calls) = make_calls(request, &mut server);
    let mut problems = Vec::new();
    if let (Some(limit), Some(before)) = (request.max_requests, before) {
        // The second reading of the count is a request, too.
        let sent = server.upstream_requests() - before - 1;
        if sent > limit {
            problems.push(format!("{sent} requests sent, {limit} allowed"));
        }
    }
    problems.extend(checks::problems(&request.expect, &responses, &mut server, facts));
    let limit = request.max_calls.unwrap_or(request.calls.len());
    if calls > limit {
        problems.push(format!("{calls} calls, {limit} allowed"));
    }
    let tokens = responses.iter().map(|response| response.tokens).sum();
    if tokens > request.max_tokens {
        problems.push(format!("{tokens} tokens, {} allowed", request.max_tokens));
    }
    Outcome { calls, tokens, problems }
}

/// Makes the calls in order; after an unexpected error, makes the call that it suggests, as a model would.
fn make_calls(request: &Request, server: &mut Server) -> (Vec<Response>, usize) {
    let mut responses: Vec<Response> = Vec::new();
    let mut calls = 0;
    for (index, call) in request.calls.iter().enumerate() {
        let mut response = server.call(&checks::fill(call, &responses));
        calls += 1;
        while calls < request.max_calls.unwrap_or(request.calls.len())
            && !checks::is_as_expected(&request.expect, index, request.calls.len(), &response)
        {
            let Some(next) = response.next_call() else { break };
            response = server.call(&next);
            calls += 1;
        }
        responses.push(response);
    }
    (responses, calls)
}

fn describe(role: &str, request: &Request, outcome: &Outcome) -> String {
    let state = match (outcome.problems.is_empty(), &request.known_failing) {
        (true, None) => "ok",
        (true, Some(_)) => "NOW PASSES, remove the reason",
        (false, None) => "FAILS",
        (false, Some(_)) => "known failing",
    };
    let Outcome { calls, tokens, problems } = outcome;
    let head = format!(
        "{state} | {role} | kind {} | {calls} calls | {tokens} tokens | {}",
        request.kind, request.ask
    );
    problems.iter().fold(head, |text, problem| text + "\n    " + problem)
}

fn median(outcomes: &[(&str, &Request, Outcome)]) -> usize {
    let mut tokens: Vec<usize> = outcomes.iter().map(|(_, _, outcome)| outcome.tokens).collect();
    tokens.sort_unstable();
    tokens.get(tokens.len() / 2).copied().unwrap_or_default()
}
