//! `autotask-mcp call` in a terminal: tables and records within its width, and confirmation of writes.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support::pty;
use crate::support::stub_upstream;

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use stub_upstream::{Upstream, threshold};
use tokio::sync::Semaphore;

const NOTE: &str = r#"{"ticketID":8107,"description":"x","noteType":3,"publish":2}"#;

fn command(mode: &str, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"));
    command
        .env_clear()
        .env("AUTOTASK_CONFIRM_MODE", mode)
        .args(["--sandbox", "call", "create-ticket-note", arguments])
        .stdout(Stdio::piped());
    command
}

/// Runs the program in a terminal in which the user types this text.
fn run_with_input(mode: &str, arguments: &str, text: &str) -> Output {
    let (mut keyboard, screen) = pty::open(80);
    let mut command = command(mode, arguments);
    command.stdin(screen.try_clone().expect("the same")).stderr(screen);
    let running = command.spawn().expect("the program starts");
    keyboard.write_all(text.as_bytes()).expect("typed");
    running.wait_with_output().expect("the program ends")
}

#[test]
fn in_a_terminal_the_user_confirms() {
    let with_confirm = NOTE.replace('}', r#","confirm":"CREATE_TICKET_NOTE"}"#);
    for (mode, arguments, text, expected) in [
        ("elicit", NOTE, "yes\n", "{\"itemId\":"),
        ("bound", NOTE, " yes \n", "{\"itemId\":"),
        ("bound", with_confirm.as_str(), "yes\n", "{\"itemId\":"),
        ("bound", with_confirm.as_str(), "no\n", "confirm-required"),
        ("elicit", NOTE, "y\n", "confirm-required"),
        ("bound", NOTE, "\n", "confirm-required"),
        ("bound", NOTE, "\u{4}", "confirm-required"),
        ("token", NOTE, "yes\n", "confirm-required"),
        ("token", with_confirm.as_str(), "no\n", "{\"itemId\":"),
    ] {
        let output = run_with_input(mode, arguments, text);
        let response = String::from_utf8_lossy(&output.stdout);
        assert!(response.starts_with(expected), "{mode} {text:?}: {response}");
    }
}

/// Without a terminal, the preview has no code, because another process could not accept it.
#[test]
fn without_a_terminal_the_preview_explains_how_to_confirm() {
    for mode in ["bound", "elicit"] {
        let mut command = command(mode, NOTE);
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let output = command.output().expect("the program runs");
        let response = String::from_utf8_lossy(&output.stdout);
        assert!(response.starts_with("confirm-required"), "{response}");
        assert!(response.contains("\"path\":\"Tickets/8107/Notes\""), "{response}");
        assert!(response.contains("Next: Codes do not survive this process"), "{response}");
        assert!(!response.contains("CREATE_TICKET_NOTE"), "{response}");
        assert_eq!(output.status.code(), Some(1));
    }
}

/// Runs `call` in a terminal with the sandbox's clock pinned; returns its output and exit code.
fn run_in_terminal(
    columns: u16,
    words: &[&str],
    settings: &[(&str, &str)],
) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"));
    command.env_clear().env("AUTOTASK_SANDBOX_NOW", "2026-06-30T15:00:00Z").env("TERM", "xterm");
    command.envs(settings.iter().copied()).args(["--sandbox", "call"]).args(words);
    pty::run(command, columns)
}

#[test]
fn people_get_tables_and_lines() {
    let tickets =
        &["search-tickets", "openOnly=true", "companyID=Marrow", "maxRecords=2"] as &[_];
    let preview = &["update-ticket", "id=8107", "priority=Critical"] as &[_];
    let many = &["update-ticket", "ids=[8107,8254]", "priority=Critical"] as &[_];
    let counts = &["count-entity", "entity=Tickets", "query=[]", "groupBy=status"] as &[_];
    let mut text = String::new();
    for (columns, words, code) in [
        (100, tickets, 0),
        (20, tickets, 0),
        (60, &["get-ticket", "id=8107", "include=notes"], 0),
        (60, counts, 0),
        (80, preview, 1),
        (80, many, 1),
        (80, &["search-tickets", "status=Nope"], 1),
        (80, &["search-tickets", "titleContains=nothing like it"], 0),
    ] {
        let (output, exit_code) = run_in_terminal(columns, words, &[("NO_COLOR", "1")]);
        assert_eq!(exit_code, Some(code), "{output}");
        assert!(!output.contains('\u{1b}'), "{output}");
        text += &format!("{columns} columns$ call {}\n{output}\n", words.join(" "));
    }
    let table = text.lines().skip(1).take(5).collect::<Vec<_>>().join("\n");
    let page = include_str!("../docs/command-line.md");
    assert!(page.contains(&table), "docs/command-line.md is stale: {table}");
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("terminal", text);
    });
}

#[test]
fn a_table_fits_the_width_of_the_terminal() {
    for columns in [1, 20, 39, 40, 41, 60, 80, 100, 132, 200] {
        let words = ["search-tickets", "fields=*", "maxRecords=20"];
        let (output, code) = run_in_terminal(columns, &words, &[("NO_COLOR", "1")]);
        assert_eq!(code, Some(0), "{output}");
        // The spinner's output is before the last erased line.
        let table = output.rsplit("\u{1b}[2K").next().unwrap_or_default();
        let table = table.lines().take_while(|line| !line.starts_with("Not shown"));
        let is_wide = |line: &&str| line.chars().count() > usize::from(columns);
        assert!(columns < 40 || !table.clone().any(|line| is_wide(&line)), "{columns}: {output}");
        assert!(table.count() >= 20, "{columns}: {output}");
    }
}

#[test]
fn color_and_json_can_be_chosen() {
    let words = &["get-ticket", "id=8107"] as &[_];
    let json = &["get-ticket", "id=8107", "--json"] as &[_];
    for (words, settings, has_color, is_json) in [
        (words, &[] as &[_], true, false),
        (words, &[("NO_COLOR", "1")], false, false),
        (words, &[("TERM", "dumb")], false, false),
        (json, &[], false, true),
    ] {
        let (output, _) = run_in_terminal(80, words, settings);
        assert_eq!(output.contains("\u{1b}[1m"), has_color, "{settings:?} {output}");
        assert_eq!(output.starts_with("{\"item\":"), is_json, "{output}");
    }
}

/// The upstream responds only after the progress is visible.
#[test]
fn a_slow_call_shows_progress_on_standard_error() {
    let permits = Arc::new(Semaphore::new(0));
    let is_visible = permits.clone();
    let upstream = Upstream::open(move |_| {
        let is_visible = is_visible.clone();
        async move {
            is_visible.acquire().await.expect("an open semaphore").forget();
            threshold()
        }
    });
    let (mut person, screen) = pty::open(80);
    let mut command = upstream.program(&["call", "get-threshold-information"], &[]);
    command.env("TERM", "xterm").stdout(Stdio::piped()).stderr(screen);
    let running = command.spawn().expect("the program starts");
    pty::read_until(&mut person, "Waiting for get-threshold-information");
    permits.add_permits(10);
    let output = running.wait_with_output().expect("the program ends");
    assert!(output.stdout.starts_with(b"{\"externalRequestThreshold\""), "{output:?}");
}
