//! Bodies of requests to `/mcp` over a socket; a first line of `name: value` pairs may add headers.

use std::sync::OnceLock;

use autotask_mcp::app::App;
use autotask_mcp::client::backend::http_client;
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_mcp::transport::http::HttpServer;
use autotask_sandbox::{FaultResult, SECRET, Sandbox};
use http::StatusCode;
use reqwest::{Client, Response};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::tenant::config;

const TOKEN: &str = "correct-horse-battery";

struct Server {
    runtime: Runtime,
    client: Client,
    url: String,
}

/// Every response is JSON or an event stream, contains no secret, and is not a server failure.
pub fn run(data: &[u8]) {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let server = SERVER.get_or_init(start);
    server.runtime.block_on(async {
        let request = server.client.post(&server.url).bearer_auth(TOKEN).body(data.to_vec());
        let request = request.header("Content-Type", "application/json");
        let request = request.header("Accept", "application/json, text/event-stream");
        check(request.send().await.expect("a response")).await;
    });
}

async fn check(response: Response) {
    let status = response.status();
    let text = response.text().await.expect("text");
    assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{text}");
    assert!(!text.contains(SECRET) && !text.contains(TOKEN), "{text}");
    let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let streamed: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    let messages =
        if streamed.is_empty() && !text.is_empty() { vec![text.as_str()] } else { streamed };
    for message in messages {
        let message: Value =
            serde_json::from_str(message).unwrap_or_else(|_| panic!("{status}: {text}"));
        assert!(message.is_object(), "{message}");
    }
}

fn start() -> Server {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    drop(listener);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.spawn(serve(port));
    let client = http_client().no_proxy().build().expect("a client");
    let url = format!("http://127.0.0.1:{port}/mcp");
    let health = format!("http://127.0.0.1:{port}/health");
    runtime.block_on(async {
        while client.get(&health).send().await.is_err() {
            tokio::task::yield_now().await;
        }
    });
    Server { runtime, client, url }
}

async fn serve(port: u16) {
    let port = port.to_string();
    let config = config(&[
        ("AUTOTASK_TRANSPORT", "http"),
        ("AUTOTASK_HTTP_TOKEN", TOKEN),
        ("AUTOTASK_HTTP_PORT", &port),
    ]);
    let sandbox = Sandbox::new();
    let backend = Backend::local(&config, move |request| match sandbox.respond(request) {
        FaultResult::Response(response) => InProcessReply::Reply(response),
        _ => InProcessReply::NoResponse,
    });
    let app = App::new(&config, backend).expect("an app");
    let server = HttpServer::new(&config.http, app.into()).expect("a server");
    server.serve(Box::pin(std::future::pending())).await.expect("it serves");
}
