//! Every setting, good and bad.

use std::fs;
use std::time::Duration;

use super::{Config, ConfirmMode, Invalid, SETTINGS, Transport};
use crate::catalog::Entity;

fn read(pairs: &[(&str, &str)]) -> Result<Config, Invalid> {
    Config::read(&|name| {
        let pair = pairs.iter().find(|(key, _)| *key == name);
        pair.map(|(_, value)| (*value).to_owned())
    })
}

fn good(name: &str, value: &str) -> Config {
    read(&[(name, value)]).unwrap_or_else(|error| panic!("{name}={value}: {error}"))
}

#[test]
fn nothing_set() {
    for blank in ["", "  ", "\n"] {
        let guards = ["AUTOTASK_READ_ONLY", "AUTOTASK_WRITE_ENTITIES"];
        let others = SETTINGS.iter().filter(|s| !guards.contains(&s.name));
        let pairs: Vec<_> = others.map(|s| (s.name, blank)).collect();
        for guard in guards {
            assert!(
                read(&[(guard, blank)]).is_err(),
                "{guard}: never opened by an unset variable of a script"
            );
        }
        let config = read(&pairs).unwrap();
        assert!(config.username.is_none() && config.secrets().next().is_none());
        assert!(config.api_url.is_none() && config.impersonation.is_none());
        assert!(!config.read_only && config.tools.is_empty() && config.write_entities.is_none());
        assert_eq!(config.closed_status_ids, [5, 16]);
        assert_eq!(config.max_answer_chars, 40_000);
        assert_eq!(config.timeout, Duration::from_secs(60));
        assert_eq!(config.log, "info");
        let zone = "https://webservices.autotask.net/atservicesrest/";
        assert_eq!(config.zone_url.as_str(), zone);
    }
}

#[test]
fn values_taken() {
    for word in ["true", "1", "yes", "on", "TRUE", "Yes", " On "] {
        assert!(good("AUTOTASK_READ_ONLY", word).read_only, "{word}");
    }
    for word in ["false", "0", "no", "off", "OFF"] {
        assert!(!good("AUTOTASK_READ_ONLY", word).read_only, "{word}");
    }
    let ids = good("AUTOTASK_CLOSED_STATUS_IDS", " 5, 20,").closed_status_ids;
    assert_eq!(ids, [5, 20]);
    let tools = good("AUTOTASK_TOOLS", "tickets, -delete-entity").tools;
    assert_eq!(tools, ["tickets", "-delete-entity"]);
    let entities = good("AUTOTASK_WRITE_ENTITIES", "tickets,Company").write_entities;
    assert_eq!(entities, Some(vec![Entity::Tickets, Entity::Companies]));
    let person = good("AUTOTASK_IMPERSONATION_RESOURCE_ID", "29682885").impersonation;
    assert_eq!(person, Some(29_682_885));
    assert_eq!(good("AUTOTASK_MAX_ANSWER_CHARS", "1000").max_answer_chars, 1000);
    let timeout = good("AUTOTASK_TIMEOUT_SECONDS", "300").timeout;
    assert_eq!(timeout, Duration::from_secs(300));
    assert_eq!(good("AUTOTASK_LOG", "autotask_mcp=debug,warn").log, "autotask_mcp=debug,warn");
    good("AUTOTASK_TRANSPORT", "STDIO");
    let door = [("AUTOTASK_TRANSPORT", "HTTP"), ("PORT", "8080")];
    let config = read(&door).unwrap();
    assert_eq!((config.transport, config.http.port), (Transport::Http, 8080));
    assert_eq!(good("PORT", "tcp://10.0.0.1:80").http.port, 3000);
    let own = read(&[door[0], door[1], ("AUTOTASK_HTTP_PORT", "0")]).unwrap();
    assert_eq!(own.http.port, 0, "our own name goes first");
    let pair = [("AUTOTASK_HTTP_TLS_CERT", "c"), ("AUTOTASK_HTTP_TLS_KEY", "k")];
    assert!(read(&pair).unwrap().http.tls.is_some());
    let mode = good("AUTOTASK_CONFIRM_MODE", "Bound").confirm_mode;
    assert_eq!(mode, ConfirmMode::Bound);
    let mode = good("AUTOTASK_CONFIRM_MODE", "elicit").confirm_mode;
    assert_eq!(mode, ConfirmMode::Elicit);
    let base = good("AUTOTASK_API_URL", "http://localhost:1/V1.0").api_url;
    assert_eq!(base.unwrap().as_str(), "http://localhost:1/");
}

#[test]
fn values_refused() {
    for (name, value) in [
        ("AUTOTASK_USERNAME", "two\nlines"),
        ("AUTOTASK_SECRET", "hush\u{7}bell"),
        ("AUTOTASK_INTEGRATION_CODE", "two\nlines"),
        ("AUTOTASK_API_URL", "http://webservices2.autotask.net/"),
        ("AUTOTASK_ZONE_URL", "webservices2.autotask.net"),
        ("AUTOTASK_READ_ONLY", "ture"),
        ("AUTOTASK_CLOSED_STATUS_IDS", "5,x"),
        ("AUTOTASK_CLOSED_STATUS_IDS", ","),
        ("AUTOTASK_TRANSPORT", "sse"),
        ("AUTOTASK_HTTP_TOKEN", "fifteen-letters"),
        ("AUTOTASK_HTTP_TOKEN", "sixteen letters and spaces"),
        ("AUTOTASK_HTTP_PORT", "65536"),
        ("AUTOTASK_HTTP_STATE_KEY", "thirty-one-letters-are-too-few"),
        ("AUTOTASK_REDIS_URL", "127.0.0.1:6379"),
        ("AUTOTASK_HTTP_MAX_CALLS", "0"),
        ("AUTOTASK_HTTP_MAX_CALLS", "100001"),
        ("AUTOTASK_HTTP_MAX_CALLS_PER_TOKEN", "many"),
        ("AUTOTASK_HTTP_BEHIND_PROXY", "nginx"),
        ("AUTOTASK_METRICS", "prometheus"),
        ("AUTOTASK_WRITE_ENTITIES", "Tickts"),
        ("AUTOTASK_WRITE_ENTITIES", ","),
        ("AUTOTASK_CONFIRM_MODE", "open"),
        ("AUTOTASK_IMPERSONATION_RESOURCE_ID", "0"),
        ("AUTOTASK_IMPERSONATION_RESOURCE_ID", "5.0"),
        ("AUTOTASK_MAX_ANSWER_CHARS", "999"),
        ("AUTOTASK_MAX_ANSWER_CHARS", "-1"),
        ("AUTOTASK_TIMEOUT_SECONDS", "0"),
        ("AUTOTASK_TIMEOUT_SECONDS", "301"),
        ("AUTOTASK_LOG", "a=b=c"),
        ("AUTOTASK_SECRET_FILE", "/no/such/file"),
    ] {
        let error = read(&[(name, value)]).unwrap_err();
        assert_eq!(error.name(), name, "{value}");
        let line = error.to_string();
        assert!(line.starts_with(&format!("{name} takes ")), "{line}");
        assert!(line.ends_with('.') && !line.contains('\n'), "{line}");
    }
    let line = read(&[("AUTOTASK_WRITE_ENTITIES", "Tickts")]).unwrap_err();
    assert!(line.to_string().contains("Tickets"), "{line}");
    for (set, lacks) in [
        ("AUTOTASK_HTTP_TLS_CERT", "AUTOTASK_HTTP_TLS_KEY"),
        ("AUTOTASK_HTTP_TLS_KEY", "AUTOTASK_HTTP_TLS_CERT"),
    ] {
        let error = read(&[(set, "/etc/pem")]).unwrap_err();
        assert_eq!(error.name(), lacks);
    }
}

#[test]
fn credentials_from_files() {
    let path = std::env::temp_dir().join(format!("autotask-mcp-config-{}", std::process::id()));
    fs::write(&path, "redis://from-the-file-of-secrets-1\r\n").unwrap();
    let file = path.to_str().unwrap();
    for setting in SETTINGS.iter().filter(|setting| setting.secret) {
        let name = format!("{}_FILE", setting.name);
        let config = read(&[(&name, file)]).unwrap();
        let set = config.username.is_some() || config.secrets().next().is_some();
        assert!(set, "{name}");
        let twice = read(&[(&name, file), (setting.name, "hush-hush")]).unwrap_err();
        assert_eq!(twice.name(), setting.name);
        assert!(!twice.to_string().contains("hush"), "{twice}");
    }
    fs::write(&path, "\u{feff}from file #1 \r\n").unwrap();
    let config = read(&[("AUTOTASK_USERNAME_FILE", file)]).unwrap();
    assert_eq!(config.username.as_deref(), Some("from file #1 "));
    fs::remove_file(path).unwrap();
}

/// As the README says.
#[test]
fn a_blank_counts_as_unset_but_where_it_would_open_what_is_shut() {
    for setting in SETTINGS {
        let read = read(&[(setting.name, " ")]);
        let is_strict = ["AUTOTASK_READ_ONLY", "AUTOTASK_WRITE_ENTITIES"].contains(&setting.name);
        assert_eq!(read.is_err(), is_strict, "{}", setting.name);
    }
}

#[test]
fn printing_shows_no_secret() {
    let pairs = [("AUTOTASK_SECRET", "hush-hush"), ("AUTOTASK_INTEGRATION_CODE", "HUSHCODE")];
    let printed = format!("{:?}", read(&pairs).unwrap()).to_lowercase();
    assert!(!printed.contains("hush"), "{printed}");
}

#[test]
fn names_that_are_no_setting() {
    for (name, hint) in [
        ("AUTOTASK_READONLY", Some("AUTOTASK_READ_ONLY")),
        ("autotask_read_only", Some("AUTOTASK_READ_ONLY")),
        ("AUTOTASK_API_URL_FILE", Some("AUTOTASK_API_URL")),
        ("AUTOTASK_QQ", None),
    ] {
        let warnings = Config::unknown([name]);
        assert_eq!(warnings.len(), 1, "{name}");
        assert!(warnings[0].starts_with(name));
        assert_eq!(warnings[0].contains("nearest"), hint.is_some(), "{warnings:?}");
        assert!(warnings[0].contains(hint.unwrap_or(name)), "{warnings:?}");
    }
    let known = SETTINGS.iter().map(|setting| setting.name);
    assert_eq!(Config::unknown(known), [""; 0]);
    let others = ["PATH", "AUTOTASK_SECRET_FILE", "AUTO", "ÄUTOTASKÜ_X"];
    assert_eq!(Config::unknown(others), [""; 0]);
}

#[test]
fn every_setting_is_explained() {
    for setting in SETTINGS {
        assert!(setting.help.ends_with('.') && !setting.takes.ends_with('.'), "{}", setting.name);
        assert!(setting.name.starts_with(super::PREFIX), "{}", setting.name);
    }
}
