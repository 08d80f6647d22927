//! Advice after a failed request: the likely cause, the host, and the settings and proxies involved.

use std::env;

use autotask_mcp::config::Config;
use autotask_mcp::error::Error;

use super::report::Finding;

/// How to get credentials.
pub const CREATE_API_USER: &str = "In Autotask, open Admin > Organization Settings & Users > Resources/Users (HR) > \
    Resources/Users and choose New > New API User. Generate the key (AUTOTASK_USERNAME) and the secret \
    (AUTOTASK_SECRET), and choose a custom API tracking identifier (AUTOTASK_INTEGRATION_CODE). Set these variables, \
    or let `autotask-mcp setup CLIENT` ask for them. --sandbox needs none.";

/// Variables that name a proxy, in the order of their precedence.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The causes of failed connections: words of their messages, and advice.
const CAUSES: [(&[&str], &str); 4] = [
    (
        &["lookup address", "no such host", "dns error", "not known"],
        "The name of the host cannot be resolved: check the network and its DNS; behind a proxy, set HTTPS_PROXY.",
    ),
    (
        &["certificate", "tls"],
        "The certificate is not trusted: if a proxy inspects TLS, set SSL_CERT_FILE to a PEM file with its CA.",
    ),
    (&["tunnel", "proxy"], "The proxy rejected the connection: check HTTPS_PROXY and NO_PROXY."),
    (
        &["refused"],
        "Nothing accepts connections there: check the address, the firewall and the proxy.",
    ),
];

/// The finding that this GET request failed.
pub fn failed_request(name: &'static str, config: &Config, url: &str, error: &Error) -> Finding {
    let detail = format!("{}: {} Requested: GET {url}", error.code().name(), error.message());
    let cause = error.message().to_lowercase();
    let is_cause = |words: &&[&str]| words.iter().any(|word| cause.contains(word));
    let matching_cause =
        CAUSES.iter().find(|(words, _)| cause.contains("reached") && is_cause(words));
    let Some((_, advice)) = matching_cause else {
        return Finding::problem(name, detail, next(error));
    };
    let notes = [Some((*advice).to_owned()), settings_note(config), proxy_note(url)];
    Finding::problem(name, detail, notes.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// The advice of the error itself.
pub fn next(error: &Error) -> String {
    let text = error.to_string();
    let advice: Vec<_> =
        text.lines().skip(1).map(|line| line.trim_start_matches("Next: ")).collect();
    match advice.is_empty() {
        true => "Try again, with AUTOTASK_LOG=debug to see each request.".to_owned(),
        false => advice.join(" "),
    }
}

fn settings_note(config: &Config) -> Option<String> {
    let name = config.api_url.as_ref().map(|_| "AUTOTASK_API_URL");
    name.map(|name| format!("The host comes from {name}."))
}

/// The proxy without its credentials.
fn proxy_note(url: &str) -> Option<String> {
    let is_used = url.starts_with("https://");
    let proxy = |name: &&str| env::var(name).ok().filter(|value| !value.is_empty());
    let (name, proxy) = PROXIES.iter().find_map(|name| Some((name, proxy(name)?)))?;
    let host = proxy.rsplit('@').next().unwrap_or_default();
    is_used.then(|| {
        format!("{name} sends requests through {host}, unless NO_PROXY excludes the host.")
    })
}
