//! The tokens file of the HTTP server.

use std::fs;
use std::sync::{Arc, OnceLock};

use autotask_mcp::app::App;
use autotask_mcp::config::is_token;
use autotask_mcp::transport::http::HttpServer;

use super::tenant::{Tenant, config};

/// A file is accepted or rejected as a whole; messages contain no token, and tokens of accepted files are redacted.
pub fn run(data: &[u8]) {
    static APP: OnceLock<Arc<App>> = OnceLock::new();
    let app = APP.get_or_init(|| Tenant::sandbox(&[]).app);
    let name = format!("autotask-mcp-fuzz-tokens-{}", std::process::id());
    let path = std::env::temp_dir().join(name);
    fs::write(&path, data).expect("a file");
    let path = path.to_string_lossy();
    let settings = [("AUTOTASK_TRANSPORT", "http"), ("AUTOTASK_HTTP_TOKENS_FILE", &*path)];
    let server = HttpServer::new(&config(&settings).http, app.clone());
    let message = server.as_ref().err().map(ToString::to_string);
    let text = String::from_utf8_lossy(data);
    for token in tokens(&text) {
        if let Some(message) = &message {
            assert!(!message.contains(token), "{message}");
        } else {
            assert!(
                !app.redact(&format!("a {token} b")).contains(token),
                "{token} is not redacted"
            );
        }
    }
    fs::remove_file(&*path).ok();
}

/// The second words of all lines that can be tokens.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.trim_start_matches('\u{feff}').lines();
    let lines = lines.filter(|line| !line.trim_start().starts_with('#'));
    lines.filter_map(|line| line.split_whitespace().nth(1)).filter(|word| is_token(word))
}
