//! The command line of the shipped binary: commands, arguments, exit codes, what goes to which stream.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// What a command prints and how it ends.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(arguments: &[&str], settings: &[(&str, &str)], input: &str) -> Ran {
    let mut process = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"))
        .env_clear()
        .envs(settings.iter().copied())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that does not read its input may have ended already.
    process.stdin.take().expect("its input").write_all(input.as_bytes()).ok();
    let Output { status, stdout, stderr } = process.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Ran { code: status.code(), out: text(stdout), err: text(stderr) }
}

#[test]
fn arguments_of_a_call_have_four_forms() {
    let file = std::env::temp_dir().join(format!("autotask-call-{}.json", std::process::id()));
    fs::write(&file, r#"{"id":8107}"#).expect("a file");
    let file_argument = format!("@{}", file.display());
    let fields = "fields=id,title";
    for (arguments, input) in [
        (vec!["id=8107", fields], ""),
        (vec![r#"{"id":8107,"fields":"id,title"}"#], ""),
        (vec![r#"{"id":8107}"#, fields], ""),
        (vec![file_argument.as_str(), fields], ""),
        (vec!["-", fields], "{\"id\":8107}\n"),
    ] {
        let line = [&["call", "get-ticket", "--sandbox"], arguments.as_slice()].concat();
        let ran = run(&line, &[], input);
        assert!(ran.out.starts_with("{\"item\":{\"id\":8107,\"title\":"), "{line:?} {}", ran.out);
        assert_eq!((ran.code, ran.err.as_str(), ran.out.lines().count()), (Some(0), "", 1));
    }
    fs::remove_file(file).expect("the file");
}

#[test]
fn errors_and_exit_codes() {
    for (arguments, settings, code, out, err) in [
        (&["call", "get-ticket", "id=999999"] as &[_], &[] as &[_], 1, "not-found: ", ""),
        (&["call", "get-ticket", "8107"], &[], 1, "", "bad-argument: "),
        (&["call", "get-ticket", "@/no/file"], &[], 1, "", "The file /no/file cannot be read"),
        (&["call", "get-ticket", "id=1", "id=2"], &[], 1, "", "id is given twice"),
        (&["call", "get-tickt"], &[], 1, "", "get-ticket"),
        (&["tools", "get-tickt"], &[], 1, "", "get-ticket"),
        (&["tools"], &[("AUTOTASK_LOG_FORMAT", "xml")], 2, "", "AUTOTASK_LOG_FORMAT accepts text"),
        (&["health"], &[("PORT", "abc")], 2, "", "PORT accepts a port"),
        (&["health"], &[("PORT", "9")], 1, "", "unhealthy: GET http://127.0.0.1:9/health: "),
        (&["serve", "--http", "127.0.0.1:x"], &[], 2, "", "the port is not from 0 to 65535"),
        (&["serve", "--http"], &[], 2, "", "AUTOTASK_HTTP_TOKEN accepts"),
        (&["nothing"], &[], 2, "", "unrecognized subcommand"),
        (
            &["tools"],
            &[("AUTOTASK_TIMEZONE", "x")],
            0,
            "get-ticket",
            "nearest is AUTOTASK_TIME_ZONE",
        ),
    ] {
        let line = [arguments, &["--sandbox"]].concat();
        let ran = run(&line, settings, "");
        let what = format!("{line:?} {settings:?}: {} {}", ran.out, ran.err);
        assert_eq!(ran.code, Some(code), "{what}");
        assert!(ran.out.contains(out) && ran.err.contains(err), "{what}");
    }
}

#[test]
fn a_placeholder_is_an_error_that_does_not_print_it() {
    let ran = run(&["doctor"], &[("AUTOTASK_SECRET", "${hush-hush}")], "");
    assert_eq!((ran.code, ran.err.lines().count()), (Some(2), 1));
    assert!(ran.err.starts_with("AUTOTASK_SECRET accepts "), "{}", ran.err);
    assert!(!ran.err.contains("hush"), "{}", ran.err);
}

#[test]
fn the_sandbox_can_be_a_setting() {
    let settings = [("AUTOTASK_SANDBOX", "true"), ("AUTOTASK_SECRET", "${secret}")];
    let ran = run(&["call", "get-ticket", "id=8107", "fields=id"], &settings, "");
    assert_eq!(ran.out, "{\"item\":{\"id\":8107}}\n", "{}", ran.err);
}

#[test]
fn one_tool_is_shown_with_its_arguments() {
    let ran = run(&["tools", "create-ticket"], &[], "");
    for part in ["Confirm token: CREATE_TICKET", "* title", "  description", "Group: tickets"] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let ran = run(&["tools", "create-ticket", "--json"], &[], "");
    let tool: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(tool["name"], "create-ticket");
    assert!(tool["inputSchema"]["properties"]["title"].is_object());
}

#[test]
fn doctor_prints_json() {
    let ran = run(&["doctor", "--json", "--sandbox"], &[], "");
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((&report["ok"], ran.code), (&Value::Bool(true), Some(0)));
    assert_eq!(report["credentials"], "present");
}

#[test]
fn completions_manual_and_help_need_no_valid_settings() {
    let invalid = [("AUTOTASK_READ_ONLY", "ture")];
    for (arguments, part) in [
        (&["completions", "bash"] as &[_], "complete -F _autotask__mcp"),
        (&["completions", "zsh"], "#compdef autotask-mcp"),
        (&["man"], ".TH autotask-mcp"),
        (&["man"], "AUTOTASK_TIME_ZONE"),
        (&["--help"], "AUTOTASK_HTTP_TOKEN or AUTOTASK_HTTP_TOKEN_FILE"),
        (&["--version"], env!("CARGO_PKG_VERSION")),
    ] {
        let ran = run(arguments, &invalid, "");
        let text = ran.out.replace("\\-", "-");
        assert!(text.contains(part), "{arguments:?}: {text} {}", ran.err);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    }
}

#[test]
fn serve_is_the_default_command() {
    let ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
    for arguments in [&["--sandbox"] as &[_], &["serve", "--sandbox"]] {
        let ran = run(arguments, &[], ping);
        assert!(ran.out.contains("\"id\":1"), "{arguments:?} {} {}", ran.out, ran.err);
        assert_eq!(ran.code, Some(0));
        assert!(!ran.err.contains("waiting for"), "{}", ran.err);
    }
}

/// The log of a command has errors alone, that of a server more; the log's format is a setting.
#[test]
fn servers_log_more_than_commands() {
    let odd = [("AUTOTASK_TIMEZONE", "x"), ("AUTOTASK_LOG_FORMAT", "json")];
    let server = run(&["--sandbox"], &odd, "");
    let line = server.err.lines().next().expect("a line");
    let line: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(line["level"], "WARN");
    let command = run(&["tools"], &odd, "");
    assert!(command.err.starts_with("warning: AUTOTASK_TIMEZONE"), "{}", command.err);
}

#[cfg(target_os = "linux")]
#[test]
fn in_a_terminal_the_server_says_what_it_waits_for() {
    use std::fs::{File, OpenOptions};
    use std::io::Read;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&terminal).expect("granted");
    unlockpt(&terminal).expect("unlocked");
    let name = ptsname(&terminal, Vec::new()).expect("its name");
    let name = name.to_str().expect("a path");
    let other_end = OpenOptions::new().read(true).write(true).open(name).expect("its other end");
    let mut command = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"));
    command.env_clear().arg("--sandbox").stdin(other_end.try_clone().expect("the same"));
    let mut process = command.stderr(other_end).stdout(Stdio::null()).spawn().expect("it starts");
    drop(command);
    let mut terminal = File::from(terminal);
    let mut said = String::new();
    while said.matches('\n').count() < 2 {
        let mut bytes = [0; 512];
        let length = terminal.read(&mut bytes).expect("it writes");
        said.push_str(&String::from_utf8_lossy(&bytes[..length]));
    }
    terminal.write_all(b"\x04").expect("end of input");
    assert_eq!(process.wait().expect("it ends").code(), Some(0));
    assert!(said.contains("waiting for an MCP client") && said.contains("doctor"), "{said}");
}
