//! All settings of the table with valid, invalid and empty values and from a file; then special cases of some.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;

use super::{Config, ConfigError, ConfirmMode, Kind, LogFormat, SETTINGS, Setting, Transport};
use crate::catalog::Entity;

/// Each setting with valid and invalid values; a path or a host can be any text.
const SAMPLES: &[(&str, &[&str], &[&str])] = &[
    ("AUTOTASK_USERNAME", &["api.user+1@example.test"], &["a\nb", "a\0b"]),
    ("AUTOTASK_SECRET", &["hush-hush", "a'b\"c", "$x"], &["a\tb"]),
    ("AUTOTASK_INTEGRATION_CODE", &["HUSHCODE"], &["a\r\nb"]),
    ("AUTOTASK_API_URL", &["http://localhost:1"], &["http://example.com/", "localhost"]),
    ("AUTOTASK_ZONE_URL", &["HTTPS://X.AUTOTASK.NET"], &["ftp://x.autotask.net/"]),
    ("AUTOTASK_READ_ONLY", &["TRUE", "Yes", " On ", "1", "false", "0", "no", "OFF"], &["ture", ""]),
    ("AUTOTASK_CLOSED_STATUS_IDS", &["5", " 5, 20,"], &[",", "5;6", "-1", "Complete"]),
    ("AUTOTASK_TIME_ZONE", &["America/New_York", "europe/berlin", "UTC"], &["New York", "EDT5"]),
    ("AUTOTASK_SANDBOX", &["true", "off"], &["maybe"]),
    ("AUTOTASK_SANDBOX_NOW", &["2026-05-01T12:00:00Z"], &["2026-05-02", "noon"]),
    ("AUTOTASK_TRANSPORT", &["STDIO", "Http"], &["sse"]),
    ("AUTOTASK_TOOLS", &["tickets, -delete-entity"], &[","]),
    ("AUTOTASK_WRITE_ENTITIES", &["tickets,Company"], &["Tickts", ",", ""]),
    ("AUTOTASK_CONFIRM_MODE", &["token", "Bound", "elicit"], &["open"]),
    ("AUTOTASK_IMPERSONATION_RESOURCE_ID", &["29682885"], &["0", "5.0", "Jonah"]),
    ("AUTOTASK_REQUIRE_PERSON", &["true", "no"], &["ture", ""]),
    ("AUTOTASK_AUDIT_LOG", &["/var/log/x"], &[]),
    ("AUTOTASK_MAX_ANSWER_CHARS", &["1000"], &["999", "-1"]),
    ("AUTOTASK_TIMEOUT_SECONDS", &["1", "300"], &["0", "301", "1s"]),
    ("AUTOTASK_THRESHOLD_STOP_PERCENT", &["1", "100"], &["0", "101", "95%"]),
    ("AUTOTASK_REDIS_URL", &["redis://127.0.0.1:6379", "rediss://u:p@r"], &["10.0.0.1:6379"]),
    ("AUTOTASK_LOG", &["autotask_mcp=debug,warn"], &["a=b=c"]),
    ("AUTOTASK_LOG_FORMAT", &["JSON", "text"], &["xml"]),
    ("AUTOTASK_HTTP_TOKEN", &["0123456789abcdef"], &["short", "with spaces in it all"]),
    ("AUTOTASK_HTTP_TOKENS_FILE", &["tokens"], &[]),
    ("AUTOTASK_OAUTH_ISSUER", &[], &["http://login.example.com/", "login.example.com"]),
    ("AUTOTASK_OAUTH_AUDIENCE", &[], &[]),
    ("AUTOTASK_OAUTH_SCOPES", &[], &["", "a\"b"]),
    ("AUTOTASK_OAUTH_ROLE_CLAIM", &["realm_access.roles"], &[]),
    ("AUTOTASK_OAUTH_PERSON_CLAIM", &["preferred_username"], &[]),
    ("AUTOTASK_HTTP_HOST", &["0.0.0.0"], &[]),
    ("AUTOTASK_HTTP_PORT", &["0", "65535"], &["65536", "abc"]),
    ("AUTOTASK_ALLOWED_ORIGINS", &["https://app.example.com"], &[","]),
    ("AUTOTASK_ALLOWED_HOSTS", &["a, b:80"], &[" , "]),
    ("AUTOTASK_HTTP_TLS_CERT", &[], &["cert.pem"]),
    ("AUTOTASK_HTTP_TLS_KEY", &[], &["key.pem"]),
    ("AUTOTASK_HTTP_BEHIND_PROXY", &["yes"], &["nginx"]),
    ("AUTOTASK_HTTP_MAX_CALLS", &["1", "100000"], &["0", "100001"]),
    ("AUTOTASK_HTTP_MAX_CALLS_PER_TOKEN", &["7"], &["all"]),
    ("AUTOTASK_APPS", &["true", "off"], &["ture"]),
    ("AUTOTASK_METRICS", &["on"], &["prometheus"]),
    ("AUTOTASK_HTTP_STATE_KEY", &["0123456789abcdef0123456789abcdef"], &["short"]),
];

fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(&|name| {
        let pair = pairs.iter().find(|(key, _)| *key == name);
        pair.map(|(_, value)| (*value).to_owned())
    })
}

fn valid(name: &str, value: &str) -> Config {
    read(&[(name, value)]).unwrap_or_else(|error| panic!("{name}={value}: {error}"))
}

/// The valid and invalid values of a setting.
fn samples(setting: &Setting) -> (&'static [&'static str], &'static [&'static str]) {
    let row = SAMPLES.iter().find(|(name, _, _)| *name == setting.name);
    let (_, valid, invalid) = row.unwrap_or_else(|| panic!("no samples of {}", setting.name));
    (valid, invalid)
}

fn check_error(error: &ConfigError, value: &str) {
    let line = error.to_string();
    assert!(line.starts_with(&format!("{} accepts ", error.name())), "{line}");
    assert!(line.ends_with('.') && !line.contains('\n'), "{line}");
    assert!(value.len() < 8 || !line.contains(value), "{line}");
}

#[test]
fn every_setting_has_valid_values() {
    for setting in SETTINGS {
        let unset = format!("{:?}", read(&[]).unwrap());
        for value in samples(setting).0 {
            let config = valid(setting.name, value);
            let is_default = config.time_zone.is_none() && format!("{config:?}") == unset;
            let may_be = setting.kind == Kind::Secret || !setting.default.is_empty();
            assert!(!is_default || may_be, "{}={value} has no effect", setting.name);
        }
    }
}

#[test]
fn every_invalid_value_is_an_error_that_names_the_variable() {
    for setting in SETTINGS {
        for value in samples(setting).1 {
            let error = read(&[(setting.name, value)]).unwrap_err();
            if !setting.name.starts_with("AUTOTASK_HTTP_TLS") {
                assert_eq!(error.name(), setting.name, "{value}");
                assert!(error.to_string().contains(setting.accepts), "{error}");
            }
            check_error(&error, value);
        }
    }
    let error = read(&[("AUTOTASK_WRITE_ENTITIES", "Tickts")]).unwrap_err();
    assert!(error.to_string().contains("nearest is Tickets"), "{error}");
}

const GUARDS: [&str; 4] = [
    "AUTOTASK_READ_ONLY",
    "AUTOTASK_WRITE_ENTITIES",
    "AUTOTASK_REQUIRE_PERSON",
    "AUTOTASK_OAUTH_SCOPES",
];

#[test]
fn an_empty_value_counts_as_unset_except_for_guards() {
    for setting in SETTINGS {
        for empty in ["", " ", "\n"] {
            let is_guard = GUARDS.contains(&setting.name);
            assert_eq!(read(&[(setting.name, empty)]).is_err(), is_guard, "{}", setting.name);
        }
    }
}

/// A temporary file, deleted on drop.
struct File(PathBuf);

impl File {
    fn new(name: &str, content: &str) -> Self {
        let path = std::env::temp_dir().join(format!("autotask-{name}-{}", std::process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

#[test]
fn every_secret_can_be_in_a_file_and_no_other_setting() {
    for setting in SETTINGS {
        let Some(variable) = setting.file_variable() else {
            let name = format!("{}_FILE", setting.name);
            assert!(super::is_unknown(&name), "{name}");
            continue;
        };
        let (values, invalid) = samples(setting);
        let file = File::new(setting.name, &format!("\u{feff}{}\r\n", values[0]));
        let from_file = read(&[(&variable, file.path())]).unwrap();
        let expected = valid(setting.name, values[0]);
        let exposed = |config: &Config| {
            let secrets = config.credentials();
            secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(exposed(&from_file), exposed(&expected), "{variable}");
        let both = read(&[(&variable, file.path()), (setting.name, values[0])]).unwrap_err();
        assert_eq!(both.name(), setting.name);
        check_error(&both, values[0]);
        let file = File::new(&variable, invalid[0]);
        assert_eq!(read(&[(&variable, file.path())]).unwrap_err().name(), variable);
        assert_eq!(read(&[(&variable, "/no/such/file")]).unwrap_err().name(), variable);
        let empty = File::new(&format!("{variable}-empty"), " \n");
        assert!(read(&[(&variable, empty.path())]).unwrap().credentials().is_empty());
    }
}

#[test]
fn defaults() {
    let config = read(&[]).unwrap();
    assert!(config.credentials().is_empty() && config.api_url.is_none());
    assert!(!config.read_only && config.tools.is_empty() && config.write_entities.is_none());
    assert!(config.time_zone.is_none() && config.sandbox_now.is_none() && !config.sandbox);
    assert_eq!(config.closed_status_ids, [5, 16]);
    assert_eq!((config.max_answer_chars, config.timeout), (40_000, Duration::from_secs(60)));
    assert_eq!((config.log, config.log_format), (None, LogFormat::Text));
    assert_eq!(config.transport, Transport::Stdio);
    assert_eq!((config.http.host.as_str(), config.http.port), ("127.0.0.1", 3000));
    assert_eq!(config.zone_url.as_str(), "https://webservices.autotask.net/atservicesrest/");
    assert!(config.warnings.is_empty());
}

#[test]
fn parsed_values() {
    assert!(valid("AUTOTASK_READ_ONLY", " On ").read_only);
    assert_eq!(valid("AUTOTASK_CLOSED_STATUS_IDS", " 5, 20,").closed_status_ids, [5, 20]);
    let tools = valid("AUTOTASK_TOOLS", "tickets, -delete-entity").tools;
    assert_eq!(tools, ["tickets", "-delete-entity"]);
    let entities = valid("AUTOTASK_WRITE_ENTITIES", "tickets,Company").write_entities;
    assert_eq!(entities, Some(vec![Entity::Tickets, Entity::Companies]));
    assert_eq!(valid("AUTOTASK_CONFIRM_MODE", "Bound").confirm_mode, ConfirmMode::Bound);
    assert_eq!(valid("AUTOTASK_LOG_FORMAT", "JSON").log_format, LogFormat::Json);
    assert_eq!(valid("AUTOTASK_TIMEOUT_SECONDS", "300").timeout, Duration::from_secs(300));
    let zone = valid("AUTOTASK_TIME_ZONE", "america/new_york").time_zone.unwrap();
    assert_eq!(zone.iana_name(), Some("America/New_York"));
    let now = valid("AUTOTASK_SANDBOX_NOW", "2026-05-01T12:00:00+02:00").sandbox_now.unwrap();
    assert_eq!(now.to_string(), "2026-05-01T10:00:00Z");
}

#[test]
fn a_certificate_needs_its_key() {
    let pair = [("AUTOTASK_HTTP_TLS_CERT", "c"), ("AUTOTASK_HTTP_TLS_KEY", "k")];
    assert_eq!(read(&pair).unwrap().http.tls(), Some(("c".into(), "k".into())));
    for ([set, missing], value) in [([0, 1], "c"), ([1, 0], "k")] {
        let error = read(&[(pair[set].0, value)]).unwrap_err();
        assert_eq!(error.name(), pair[missing].0);
    }
}

#[test]
fn an_issuer_needs_an_audience() {
    let issuer = ("AUTOTASK_OAUTH_ISSUER", "https://login.example.com/tenant/v2.0");
    let audience = ("AUTOTASK_OAUTH_AUDIENCE", "api://autotask");
    let scopes = ("AUTOTASK_OAUTH_SCOPES", "openid  mcp");
    let http = read(&[issuer, audience, scopes]).unwrap().http;
    assert_eq!(http.oauth_issuer.as_deref(), Some(issuer.1));
    assert_eq!(http.oauth_scopes, ["openid", "mcp"]);
    for (pairs, missing) in [
        (&[issuer][..], audience.0),
        (&[issuer, scopes], audience.0),
        (&[audience], issuer.0),
        (&[scopes], issuer.0),
    ] {
        assert_eq!(read(pairs).unwrap_err().name(), missing);
    }
}

#[test]
fn the_port_variable_is_read_for_http_only() {
    let http = ("AUTOTASK_TRANSPORT", "http");
    let port = |pairs: &[_]| read(pairs).map(|config| config.http.port);
    assert_eq!(port(&[http, ("PORT", "8080")]), Ok(8080));
    assert_eq!(port(&[http, ("PORT", "8080"), ("AUTOTASK_HTTP_PORT", "0")]), Ok(0));
    assert_eq!(port(&[("PORT", "tcp://10.0.0.1:80")]), Ok(3000));
    assert_eq!(port(&[http, ("PORT", "abc")]).unwrap_err().name(), "PORT");
}

#[test]
fn placeholders_are_rejected() {
    for setting in SETTINGS.iter().filter(|setting| setting.kind == Kind::Secret) {
        for value in
            ["${env:X}", "<your secret here>", "\"0123456789abcdef\"", "'x'", "your-token-of-16"]
        {
            let error = read(&[(setting.name, value)]).unwrap_err();
            assert_eq!(error.name(), setting.name, "{value}");
            assert!(error.to_string().contains("placeholder"), "{error}");
            check_error(&error, value);
        }
    }
    assert!(read(&[("AUTOTASK_USERNAME", "You@Example.com")]).is_err());
}

/// Copying an example of the documentation unchanged is an error.
#[test]
fn the_examples_of_the_documentation_are_placeholders() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = 0;
    for file in ["README.md", ".env.example"] {
        let text = fs::read_to_string(root.join(file)).unwrap();
        for (line, name) in
            text.lines().flat_map(|line| super::CREDENTIALS.map(|name| (line, name)))
        {
            let Some((_, rest)) = line.split_once(name) else { continue };
            let value = match rest.strip_prefix("\": \"") {
                Some(rest) => rest.split('"').next().unwrap(),
                None => match rest.strip_prefix('=') {
                    Some(rest) => rest.trim_end_matches('\\').trim().trim_matches('\''),
                    None => continue,
                },
            };
            assert!(read(&[(name, value)]).is_err(), "{file}: {line}");
            found += 1;
        }
    }
    assert!(found >= 6, "{found}");
}

#[test]
fn the_sandbox_needs_no_credentials() {
    let sandbox = ("AUTOTASK_SANDBOX", "true");
    let config = read(&[sandbox, ("AUTOTASK_SECRET", "${SECRET}")]).unwrap();
    assert!(config.sandbox && config.secret.is_none());
    assert!(read(&[sandbox, ("AUTOTASK_HTTP_TOKEN", "${0123456789abcdef}")]).is_err());
}

#[test]
fn spaces_around_a_secret_are_a_warning() {
    let config = valid("AUTOTASK_USERNAME", " api@example.test ");
    assert_eq!(config.username.as_deref(), Some("api@example.test"));
    assert_eq!(config.warnings.len(), 1);
    assert!(config.warnings[0].starts_with("AUTOTASK_USERNAME has spaces"));
    assert!(valid("AUTOTASK_SECRET", "hush-hush\n").warnings.is_empty());
}

#[test]
fn debug_output_contains_no_secret() {
    let pairs = [("AUTOTASK_SECRET", "hush-hush"), ("AUTOTASK_INTEGRATION_CODE", "HUSHCODE")];
    let printed = format!("{:?}", read(&pairs).unwrap()).to_lowercase();
    assert!(!printed.contains("hush"), "{printed}");
}

#[test]
fn unknown_variables() {
    for (name, nearest) in [
        ("AUTOTASK_READONLY", Some("AUTOTASK_READ_ONLY")),
        ("autotask_read_only", Some("AUTOTASK_READ_ONLY")),
        ("AUTOTASK_API_URL_FILE", Some("AUTOTASK_API_URL")),
        ("AUTOTASK_QQ", None),
    ] {
        assert!(super::is_unknown(name), "{name}");
        let warning = super::unknown(name);
        assert!(warning.starts_with(name));
        assert_eq!(warning.contains("nearest"), nearest.is_some(), "{warning}");
        assert!(warning.contains(nearest.unwrap_or(name)), "{warning}");
    }
    let others = ["PATH", "AUTOTASK_SECRET_FILE", "AUTO", "ÄUTOTASKÜ_X"];
    let names = SETTINGS.iter().map(|setting| setting.name).chain(others);
    assert_eq!(names.filter(|name| super::is_unknown(name)).count(), 0);
}

#[test]
fn every_setting_is_documented() {
    for setting in SETTINGS {
        assert!(setting.help.ends_with('.') && !setting.accepts.ends_with('.'), "{}", setting.name);
        assert!(setting.name.starts_with(super::PREFIX), "{}", setting.name);
    }
    assert_eq!(SETTINGS.len(), SAMPLES.len());
}
