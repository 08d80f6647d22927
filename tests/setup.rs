//! `setup`: the entries that it adds for six clients, and the files that it does not change.
#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[cfg(target_os = "linux")]
use crate::support::pty;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CLIENTS: [(&str, &str); 6] = [
    ("claude-desktop", ".config/Claude/claude_desktop_config.json"),
    ("claude-code", ".claude.json"),
    ("vscode", ".config/Code/User/mcp.json"),
    ("cursor", ".cursor/mcp.json"),
    ("codex", ".codex/config.toml"),
    ("gemini", ".gemini/settings.json"),
];

const CREDENTIALS: [(&str, &str); 3] = [
    ("AUTOTASK_USERNAME", "key@marrow.test"),
    ("AUTOTASK_SECRET", r#"q"uo\te' {x}"#),
    ("AUTOTASK_INTEGRATION_CODE", "tracking-1"),
];

/// An empty home folder, deleted when dropped.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("setup-{name}"));
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    fn write(&self, file: &str, text: &str) -> PathBuf {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", &self.0).arg("setup").args(arguments);
        command.stdin(Stdio::null());
        command
    }

    /// Exit code, standard output and standard error, with `~` for the home folder.
    fn run(&self, arguments: &[&str], settings: &[(&str, &str)]) -> (i32, String, String) {
        let program = Path::new(env!("CARGO_BIN_EXE_autotask-mcp"));
        self.run_as(program, arguments, settings)
    }

    fn run_as(
        &self,
        program: &Path,
        arguments: &[&str],
        settings: &[(&str, &str)],
    ) -> (i32, String, String) {
        let output = self.command(program, arguments).envs(settings.iter().copied()).output();
        let output = output.expect("the program runs");
        let text = |bytes: &[u8]| readable(&String::from_utf8_lossy(bytes), &self.0);
        (output.status.code().expect("a code"), text(&output.stdout), text(&output.stderr))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// The text without the paths of this machine.
fn readable(text: &str, home: &Path) -> String {
    let text = text.replace(&home.display().to_string(), "~");
    text.replace(env!("CARGO_BIN_EXE_autotask-mcp"), "/path/to/autotask-mcp")
}

#[test]
fn six_clients_are_configured_in_an_empty_home() {
    let home = Home::new("empty");
    let mut output = String::new();
    for (client, file) in CLIENTS {
        for (arguments, settings) in [
            (&[client, "--sandbox"] as &[_], &[] as &[_]),
            (&[client, "--sandbox"], &[]),
            (&[client], &CREDENTIALS),
            (&[client, "--remove"], &[]),
            (&[client, "--remove"], &[]),
            (&[client], &CREDENTIALS),
            (&[client, "--allow-writes"], &CREDENTIALS),
        ] {
            let (code, out, err) = home.run(arguments, settings);
            output += &format!("$ setup {}\n{out}{err}", arguments.join(" "));
            output += if code == 0 { "" } else { "(exit code 1)\n" };
            if out.starts_with("Added") {
                let path = home.path(file);
                let text = fs::read_to_string(&path).expect("the file");
                output += &readable(&text, &home.0);
                let mode = fs::metadata(path).expect("the file").permissions().mode();
                assert_eq!(mode & 0o777, 0o600, "{client}");
            }
        }
        output += "\n";
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("setup", output);
    });
}

#[test]
fn the_rest_of_a_file_is_unchanged() {
    let json = "{\n\t\"big\": 12345678901234567890123, \"cost\": 1.10,\r\n\t\"mcpServers\": {\n\t\t\"other\": {\"command\":\"x\"}\n\t},\n\t\"z\": [1,2, 3]\n}";
    let toml = "# mine\nmodel = 'o3'   # why\n\n[mcp_servers.other]\ncommand = \"x\"\n\n[tui]\ntheme = \"dark\"\n";
    let inline = "{\"a\":1,\"mcpServers\":{}}";
    let none = "{\n    \"a\": 1\n}\n";
    for (client, file, text) in [
        ("cursor", ".cursor/mcp.json", json),
        ("cursor", ".cursor/mcp.json", inline),
        ("gemini", ".gemini/settings.json", none),
        ("codex", ".codex/config.toml", toml),
        ("codex", ".codex/config.toml", "model = 'o3'\r\n\r\n[tui]\r\nx = 1\r\n"),
        ("cursor", ".cursor/mcp.json", "{\r\n  \"mcpServers\": {\r\n    \"o\": {}\r\n  }\r\n}\r\n"),
    ] {
        let home = Home::new("rest");
        let path = home.write(file, text);
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("a mode");
        let (code, out, err) = home.run(&[client, "--sandbox"], &[]);
        let added = fs::read_to_string(&path).expect("the file");
        assert_eq!(code, 0, "{out}{err}");
        let mut lines =
            text.lines().map(str::trim_end).filter(|line| !line.is_empty() && *line != "}");
        assert!(client == "cursor" || lines.all(|line| added.contains(line)), "{added}");
        assert_eq!(added.matches("--sandbox").count(), 1, "{added}");
        let mode = fs::metadata(&path).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        home.run(&[client, "--remove"], &[]);
        let removed = fs::read_to_string(&path).expect("the file");
        let without_space = |text: &str| text.split_whitespace().collect::<String>();
        let expected = if text == none { "{\"a\":1,\"mcpServers\":{}}" } else { text };
        assert_eq!(without_space(&removed), without_space(expected));
        let is_windows = text.contains("\r\n") && text != json;
        assert!(!is_windows || removed == text, "{removed:?}");
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("it lists").count(), 1);
    }
}

#[test]
fn a_file_in_an_unexpected_form_is_unchanged() {
    for (client, text, reason) in [
        ("cursor", "{\n  // mine\n  \"mcpServers\": {}\n}", "comments"),
        ("cursor", "{\"mcpServers\": {},}", "not strict JSON"),
        ("cursor", "not JSON", "not JSON"),
        ("cursor", "{\"mcpServers\": ", "not JSON"),
        ("cursor", "[]", "not a JSON object"),
        ("cursor", "{\"mcpServers\": []}", "not in the usual form"),
        (
            "cursor",
            "{\"mcpServers\": {\"autotask\": {\"command\": \"x\"}}}",
            "a different entry \"autotask\"",
        ),
        ("cursor", "{\"mcpServers\": {}, \"mcpServers\": {}}", "not in the usual form"),
        ("codex", "model = ", "not TOML"),
        ("codex", "mcp_servers = 1", "not in the usual form"),
    ] {
        let home = Home::new("unchanged");
        let file = if client == "codex" { ".codex/config.toml" } else { ".cursor/mcp.json" };
        let path = home.write(file, text);
        let (code, out, err) = home.run(&[client, "--sandbox"], &[]);
        assert_eq!((code, out.as_str()), (1, ""), "{text}: {err}");
        assert!(err.contains(reason) && err.contains("is not changed"), "{text}: {err}");
        assert_eq!(fs::read_to_string(&path).expect("the file"), text);
    }
}

#[test]
fn links_and_permissions_of_files_are_kept() {
    let home = Home::new("links");
    let target = home.write("dotfiles/mcp.json", "{}");
    fs::create_dir_all(home.path(".cursor")).expect("a folder");
    let link = home.path(".cursor/mcp.json");
    symlink("../dotfiles/mcp.json", &link).expect("a link");
    assert_eq!(home.run(&["cursor", "--sandbox"], &[]).0, 0);
    assert!(link.is_symlink());
    let text = fs::read_to_string(&target).expect("the file");
    assert!(text.contains("--sandbox"), "{text}");

    fs::set_permissions(&target, Permissions::from_mode(0o444)).expect("a mode");
    let (code, _, err) = home.run(&["cursor", "--remove"], &[]);
    assert_eq!((code, err.contains("is read-only")), (1, true), "{err}");
    assert_eq!(home.run(&["cursor", "--sandbox"], &[]).0, 0, "an equal entry needs no change");
    assert_eq!(fs::read_to_string(&target).expect("the file"), text);

    fs::remove_file(&target).expect("the file");
    let (code, _, err) = home.run(&["cursor", "--sandbox"], &[]);
    assert_eq!((code, err.contains("cannot be read")), (1, true), "{err}");
    assert!(link.is_symlink() && !target.exists());
}

#[test]
fn the_path_of_the_program_may_have_quotes_and_spaces() {
    let home = Home::new("path");
    let folder = home.path(r#"it's "here" \ ü"#);
    fs::create_dir_all(&folder).expect("a folder");
    let program = folder.join("autotask-mcp");
    fs::hard_link(env!("CARGO_BIN_EXE_autotask-mcp"), &program).expect("a link");
    for (client, file) in CLIENTS {
        let (code, _, err) = home.run_as(&program, &[client, "--sandbox"], &[]);
        assert_eq!(code, 0, "{err}");
        let text = fs::read_to_string(home.path(file)).expect("the file");
        let command = if client == "codex" {
            let config: toml::Value = toml::from_str(&text).expect("TOML");
            config["mcp_servers"]["autotask"]["command"].as_str().map(str::to_owned)
        } else {
            let config: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let servers = config.get("servers").or_else(|| config.get("mcpServers"));
            servers.and_then(|servers| servers["autotask"]["command"].as_str().map(str::to_owned))
        };
        assert_eq!(command.as_deref(), program.to_str(), "{text}");
    }
}

#[test]
fn printing_changes_no_file_and_prints_no_secret() {
    let home = Home::new("print");
    for (client, _) in CLIENTS {
        for (arguments, part) in [
            (&[client, "--print"] as &[_], "<AUTOTASK_SECRET>"),
            (&[client, "--print", "--sandbox"], "--sandbox"),
        ] {
            let (code, out, err) = home.run(arguments, &CREDENTIALS);
            assert_eq!(code, 0, "{err}");
            assert!(out.contains(part) && out.contains("autotask"), "{out}");
            assert!(!out.contains("tracking-1") && !out.contains("q\"uo"), "{out}");
        }
    }
    assert_eq!(fs::read_dir(&home.0).expect("it lists").count(), 0);
}

#[test]
fn client_variables_and_secret_files_are_supported() {
    let home = Home::new("variables");
    let secret = home.write("secret", "s3cret\n");
    let secret = secret.to_str().expect("a path");
    let folder = home.path("elsewhere");
    let folder = folder.to_str().expect("a path");
    let settings = [
        CREDENTIALS[0],
        CREDENTIALS[2],
        ("AUTOTASK_SECRET_FILE", secret),
        ("CODEX_HOME", folder),
        ("CLAUDE_CONFIG_DIR", folder),
    ];
    for (client, file) in
        [("codex", "elsewhere/config.toml"), ("claude-code", "elsewhere/.claude.json")]
    {
        let (code, _, err) = home.run(&[client], &settings);
        assert_eq!(code, 0, "{err}");
        let text = fs::read_to_string(home.path(file)).expect("the file");
        assert!(text.contains("AUTOTASK_SECRET_FILE") && !text.contains("s3cret"), "{text}");
    }
    let invalid = [CREDENTIALS[0], CREDENTIALS[2], ("AUTOTASK_SECRET", "${secret}")];
    let (code, _, err) = home.run(&["cursor"], &invalid);
    assert!(code == 2 && err.starts_with("AUTOTASK_SECRET accepts"), "{err}");
    let (code, _, err) = home.run(&["cursor"], &[CREDENTIALS[0]]);
    assert!(
        code == 1 && err.starts_with("Not set: AUTOTASK_SECRET, AUTOTASK_INTEGRATION_CODE."),
        "{err}"
    );
    assert!(!home.path(".cursor").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn secrets_are_entered_without_echo() {
    use std::io::Write;

    let home = Home::new("typed");
    let (mut person, program) = pty::open(100);
    let mut command = Command::new("setsid");
    command.env_clear().env("HOME", &home.0).env("PATH", "/usr/bin:/bin").arg("--ctty");
    command.args([env!("CARGO_BIN_EXE_autotask-mcp"), "setup", "cursor"]);
    command
        .stdin(program.try_clone().expect("the same"))
        .stdout(program.try_clone().expect("the same"));
    let mut process = command.stderr(program).spawn().expect("it starts");
    drop(command);
    let mut output = String::new();
    for (name, value) in CREDENTIALS {
        output += &pty::read_until(&mut person, &format!("({name}; not shown while typing): "));
        pty::wait_for_no_echo(&person);
        writeln!(person, "{value}").expect("typed");
    }
    output += &pty::read_until(&mut person, "Restart Cursor");
    assert_eq!(process.wait().expect("it ends").code(), Some(0));
    let text = fs::read_to_string(home.path(".cursor/mcp.json")).expect("the file");
    for (name, value) in CREDENTIALS {
        let written = serde_json::to_string(value).expect("JSON");
        assert!(
            !output.contains(value) && text.contains(&format!("\"{name}\": {written}")),
            "{output}"
        );
    }
}
