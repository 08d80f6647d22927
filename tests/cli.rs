//! The command line of the built program: commands, arguments, exit codes, output and errors.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[cfg(target_os = "linux")]
use crate::support::pty;

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;

/// The output of a command and its exit code.
struct CommandResult {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(arguments: &[&str], settings: &[(&str, &str)], input: &str) -> CommandResult {
    let mut process = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"))
        .env_clear()
        .envs(settings.iter().copied())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // The program may exit without reading its input.
    process.stdin.take().expect("its input").write_all(input.as_bytes()).ok();
    let Output { status, stdout, stderr } = process.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    CommandResult { code: status.code(), out: text(stdout), err: text(stderr) }
}

#[test]
fn arguments_of_a_call_are_accepted_in_four_forms() {
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
        (&["tools", "get-tickt"], &[], 2, "", "get-ticket"),
        (&["tools"], &[("AUTOTASK_LOG_FORMAT", "xml")], 2, "", "AUTOTASK_LOG_FORMAT accepts text"),
        (&["health"], &[("PORT", "abc")], 2, "", "PORT accepts a port"),
        (&["health"], &[("PORT", "9")], 1, "", "unhealthy: GET http://127.0.0.1:9/health"),
        (&["serve", "--http", "127.0.0.1:x"], &[], 2, "", "the port is not from 0 to 65535"),
        (&["serve", "--http"], &[], 2, "", "AUTOTASK_HTTP_TOKEN accepts"),
        (
            &["call", "get-ticket", "--id"],
            &[],
            2,
            "",
            "tip: arguments of a tool have the form name=value",
        ),
        (
            &["setup", "emacs"],
            &[],
            2,
            "",
            "claude-desktop, claude-code, vscode, cursor, codex, gemini",
        ),
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
fn a_placeholder_value_is_rejected_without_printing_it() {
    let ran = run(&["doctor"], &[("AUTOTASK_SECRET", "${hush-hush}")], "");
    assert_eq!((ran.code, ran.err.lines().count()), (Some(2), 1));
    assert!(ran.err.starts_with("AUTOTASK_SECRET accepts "), "{}", ran.err);
    assert!(!ran.err.contains("hush"), "{}", ran.err);
}

#[test]
fn the_sandbox_can_be_a_setting() {
    let settings = [("AUTOTASK_SANDBOX", "true"), ("AUTOTASK_SECRET", "${secret}")];
    let ran = run(&["call", "get-ticket", "id=8107", "fields=id"], &settings, "");
    assert_eq!(
        ran.out,
        "{\"item\":{\"id\":8107},\"link\":\"https://ww14.autotask.net/Mvc/ServiceDesk/TicketDetail.mvc?TicketId=8107\"}\n",
        "{}",
        ran.err
    );
}

#[test]
fn tools_prints_one_tool_with_its_arguments() {
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
    let names =
        ["credentials", "zone", "tools", "writes", "audit log", "threshold", "version", "rights"];
    let findings = report["findings"].as_array().expect("findings");
    for (finding, name) in findings.iter().zip(names) {
        assert_eq!((&finding["name"], &finding["ok"]), (&name.into(), &true.into()), "{finding}");
        assert!(finding["detail"].is_string() && finding["advice"].is_null(), "{finding}");
    }
    assert_eq!(findings.len(), names.len());
}

/// Arguments, settings, the finding that is a problem, and its advice.
type AdviceRow =
    (&'static [&'static str], Vec<(&'static str, &'static str)>, &'static str, &'static str);

/// Every problem has advice, in JSON and as text.
#[test]
fn doctor_gives_advice() {
    let user = [
        ("AUTOTASK_USERNAME", "u@x"),
        ("AUTOTASK_SECRET", "s1"),
        ("AUTOTASK_INTEGRATION_CODE", "c1"),
    ];
    let nowhere = ("AUTOTASK_API_URL", "http://127.0.0.1:9/");
    let unknown = ("AUTOTASK_API_URL", "https://zone.invalid/");
    let proxy = ("HTTPS_PROXY", "http://name:hush@127.0.0.1:9");
    let no_tools = [("AUTOTASK_TOOLS", "create-ticket"), ("AUTOTASK_READ_ONLY", "true")];
    let audit = [("AUTOTASK_AUDIT_LOG", "/no/folder/log")];
    let rows: [AdviceRow; 6] = [
        (&[], vec![], "credentials", "choose New > New API User"),
        (
            &[],
            [user.as_slice(), &[nowhere]].concat(),
            "threshold",
            "Nothing accepts connections there",
        ),
        (&[], [user.as_slice(), &[unknown]].concat(), "threshold", "cannot be resolved"),
        (
            &[],
            [user.as_slice(), &[unknown, proxy]].concat(),
            "threshold",
            "HTTPS_PROXY sends requests through 127.0.0.1:9",
        ),
        (&["--sandbox"], no_tools.to_vec(), "tools", "Correct AUTOTASK_TOOLS"),
        (&["--sandbox"], audit.to_vec(), "audit log", "writable"),
    ];
    thread::scope(|scope| {
        for (arguments, settings, problem, advice) in rows {
            scope.spawn(move || problem_has_advice(arguments, &settings, problem, advice));
        }
    });
}

fn problem_has_advice(arguments: &[&str], settings: &[(&str, &str)], problem: &str, advice: &str) {
    let ran = run(&[&["doctor", "--json"], arguments].concat(), settings, "");
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((&report["ok"], ran.code), (&Value::Bool(false), Some(1)), "{}", ran.out);
    let mut findings = report["findings"].as_array().into_iter().flatten();
    let found = findings.find(|finding| finding["ok"] == false).expect("a problem");
    assert_eq!(found["name"], problem, "{}", ran.out);
    assert!(found["advice"].as_str().expect("advice").contains(advice), "{found}");
    let has_url = settings.iter().all(|(name, url)| {
        *name != "AUTOTASK_API_URL"
            || found["detail"].as_str().is_some_and(|text| text.contains(url))
    });
    assert!(has_url && !ran.out.contains("hush"), "{found}");
    let text = run(&[&["doctor"], arguments].concat(), settings, "").out;
    assert!(text.contains("Advice: ") && text.contains(advice), "{text}");
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

/// Loads the completion script in Bash.
#[cfg(target_os = "linux")]
#[test]
fn bash_completes_commands_and_values() {
    let script = run(&["completions", "bash"], &[], "").out;
    for (words, expected) in [
        ("autotask-mcp se", "serve setup"),
        ("autotask-mcp setup cl", "claude-desktop claude-code"),
        ("autotask-mcp call --j", "--json"),
        ("autotask-mcp call get-ti", "get-ticket"),
    ] {
        let (before, current) = words.rsplit_once(' ').expect("two words");
        let count = before.split(' ').count();
        let ask = format!(
            "COMP_WORDS=({words}); COMP_CWORD={count}; _autotask__mcp autotask-mcp {current} x; echo ${{COMPREPLY[@]}}"
        );
        let output = Command::new("bash").args(["-c", &format!("{script}\n{ask}")]).output();
        let output = output.expect("bash runs");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected, "{words}");
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

/// A command logs only errors, a server more; the format is a setting.
#[test]
fn servers_log_more_than_commands() {
    let settings = [("AUTOTASK_TIMEZONE", "x"), ("AUTOTASK_LOG_FORMAT", "json")];
    let server = run(&["--sandbox"], &settings, "");
    let line = server.err.lines().next().expect("a line");
    let line: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(line["level"], "WARN");
    let command = run(&["tools"], &settings, "");
    assert!(command.err.starts_with("warning: AUTOTASK_TIMEZONE"), "{}", command.err);
}

#[cfg(target_os = "linux")]
#[test]
fn in_a_terminal_the_server_explains_what_it_waits_for() {
    let (mut terminal, program) = pty::open(80);
    let mut command = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"));
    command.env_clear().arg("--sandbox").stdin(program.try_clone().expect("the same"));
    let mut process = command.stderr(program).stdout(Stdio::null()).spawn().expect("it starts");
    drop(command);
    let printed = pty::read_until(&mut terminal, "`autotask-mcp --sandbox`.");
    terminal.write_all(b"\x04").expect("end of input");
    assert_eq!(process.wait().expect("it ends").code(), Some(0));
    assert!(
        printed.contains("waiting for an MCP client") && printed.contains("doctor"),
        "{printed}"
    );
}
