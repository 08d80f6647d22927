//! A pseudo-terminal in which a test runs the program.
#![allow(dead_code, clippy::expect_used, reason = "each test uses a part of it")]

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// The two ends of a terminal of this width: the person's, and the program's.
pub fn open(columns: u16) -> (File, File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&person).expect("granted");
    unlockpt(&person).expect("unlocked");
    let name = ptsname(&person, Vec::new()).expect("its name");
    let name = name.to_str().expect("a path");
    let program = OpenOptions::new().read(true).write(true).open(name).expect("its other end");
    let size = Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&program, size).expect("a size");
    (File::from(person), program)
}

/// Runs a command in a terminal and returns what it shows and its exit code.
pub fn show(mut command: Command, columns: u16) -> (String, Option<i32>) {
    let (mut person, program) = open(columns);
    command.stdin(Stdio::null()).stdout(program.try_clone().expect("the same")).stderr(program);
    let mut process = command.spawn().expect("the program starts");
    drop(command);
    let mut shown = Vec::new();
    // The end of a terminal is an error.
    person.read_to_end(&mut shown).ok();
    let code = process.wait().expect("it ends").code();
    (String::from_utf8(shown).expect("text").replace("\r\n", "\n"), code)
}

/// Reads until the program has shown this text.
pub fn read_until(person: &mut File, text: &str) -> String {
    let mut shown = String::new();
    while !shown.contains(text) {
        let mut bytes = [0; 512];
        let length = person.read(&mut bytes).expect("the program shows it");
        shown.push_str(&String::from_utf8_lossy(&bytes[..length]));
    }
    shown
}

/// Waits until the program has turned the echo off.
pub fn wait_for_no_echo(person: &File) {
    while tcgetattr(person).expect("a terminal").local_modes.contains(LocalModes::ECHO) {
        std::thread::yield_now();
    }
}
