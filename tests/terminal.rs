//! `autotask-mcp call` where a write needs more than a word: asked at a terminal, refused with the reason elsewhere.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::process::{Command, Output, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

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

/// What the program says to somebody at a terminal who types this.
fn typed(mode: &str, arguments: &str, text: &str) -> Output {
    let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&keyboard).expect("ours");
    unlockpt(&keyboard).expect("open");
    let name = ptsname(&keyboard, Vec::new()).expect("its name");
    let name = name.to_str().expect("a path");
    let screen = OpenOptions::new().read(true).write(true).open(name);
    let screen = screen.expect("its other end");
    let mut command = command(mode, arguments);
    command.stdin(screen.try_clone().expect("the same")).stderr(screen);
    let running = command.spawn().expect("the program starts");
    let mut keyboard = File::from(keyboard);
    keyboard.write_all(text.as_bytes()).expect("typed");
    running.wait_with_output().expect("the program ends")
}

#[test]
fn at_a_terminal_the_person_decides() {
    let told = NOTE.replace('}', r#","confirm":"CREATE_TICKET_NOTE"}"#);
    for (mode, arguments, text, expected) in [
        ("elicit", NOTE, "yes\n", "{\"itemId\":"),
        ("bound", NOTE, " yes \n", "{\"itemId\":"),
        ("bound", told.as_str(), "yes\n", "{\"itemId\":"),
        ("bound", told.as_str(), "no\n", "confirm-required"),
        ("elicit", NOTE, "y\n", "confirm-required"),
        ("bound", NOTE, "\n", "confirm-required"),
        ("bound", NOTE, "\u{4}", "confirm-required"),
        ("token", NOTE, "yes\n", "confirm-required"),
        ("token", told.as_str(), "no\n", "{\"itemId\":"),
    ] {
        let said = typed(mode, arguments, text);
        let answer = String::from_utf8_lossy(&said.stdout);
        assert!(answer.starts_with(expected), "{mode} {text:?}: {answer}");
    }
}

/// The code that another process would show is good for nothing, and none is shown.
#[test]
fn without_a_terminal_it_says_what_to_do() {
    for mode in ["bound", "elicit"] {
        let mut command = command(mode, NOTE);
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let said = command.output().expect("the program runs");
        let answer = String::from_utf8_lossy(&said.stdout);
        assert!(answer.starts_with("confirm-required"), "{answer}");
        assert!(answer.contains("\"path\":\"Tickets/8107/Notes\""), "{answer}");
        assert!(answer.contains("Next: Codes do not survive this process"), "{answer}");
        assert!(!answer.contains("CREATE_TICKET_NOTE"), "{answer}");
        assert_eq!(said.status.code(), Some(1));
    }
}
