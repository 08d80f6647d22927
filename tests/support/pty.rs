//! Runs the program in a pseudo-terminal.
#![allow(dead_code, clippy::expect_used, reason = "each test uses a part of it")]

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// The two ends of a terminal of this width: the user's and the program's.
pub fn open(columns: u16) -> (File, File) {
    let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&user).expect("granted");
    unlockpt(&user).expect("unlocked");
    let name = ptsname(&user, Vec::new()).expect("its name");
    let name = name.to_str().expect("a path");
    let program = OpenOptions::new().read(true).write(true).open(name).expect("the other end");
    let size = Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&program, size).expect("a size");
    (File::from(user), program)
}

/// Runs a command in a terminal; returns its output and exit code.
pub fn run(mut command: Command, columns: u16) -> (String, Option<i32>) {
    let (mut user, program) = open(columns);
    command.stdin(Stdio::null()).stdout(program.try_clone().expect("the same")).stderr(program);
    let mut process = command.spawn().expect("the program starts");
    drop(command);
    let mut output = Vec::new();
    // The end of a terminal's output is reported as an error.
    user.read_to_end(&mut output).ok();
    let code = process.wait().expect("the program exits").code();
    (String::from_utf8(output).expect("text").replace("\r\n", "\n"), code)
}

/// Reads until the program has printed this text.
pub fn read_until(user: &mut File, text: &str) -> String {
    let mut output = String::new();
    while !output.contains(text) {
        let mut bytes = [0; 512];
        let length = user.read(&mut bytes).expect("more output");
        output.push_str(&String::from_utf8_lossy(&bytes[..length]));
    }
    output
}

/// Waits until the program has turned the echo off.
pub fn wait_for_no_echo(user: &File) {
    while tcgetattr(user).expect("a terminal").local_modes.contains(LocalModes::ECHO) {
        std::thread::yield_now();
    }
}
