//! Runs the calls of `conversations/*.txt` against a sandbox; the transcript is the snapshot.
//! It shows each call, its response, and every request to the tenant.

use crate::support;

use support::Harness;

#[test]
fn every_conversation_matches_its_snapshot() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::glob!("conversations/*.txt", |path| {
            let script = std::fs::read_to_string(path).expect("a conversation");
            insta::assert_snapshot!(play(&script));
        });
    });
}

/// Runs a script: lines of `NAME=value` settings, then `# remarks`, calls as `tool {…}`, `read uri`,
/// `prompt name {…}`, and `complete` with a prompt or template, an argument and its prefix.
fn play(script: &str) -> String {
    let settings = script
        .lines()
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| name.starts_with("AUTOTASK_"));
    let mut harness = Harness::with(settings);
    let mut transcript = String::new();
    for line in
        script.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("AUTOTASK_"))
    {
        if line.starts_with('#') {
            transcript += &format!("{line}\n");
            continue;
        }
        let (name, rest) = line.split_once(' ').unwrap_or((line, "{}"));
        let response = match name {
            "read" => harness.read(rest),
            "prompt" => harness.prompt(rest),
            "complete" => harness.complete(rest),
            tool => harness.call(tool, rest),
        };
        transcript += &format!("> {line}\n");
        for request in harness.requests() {
            transcript += &format!("  [{request}]\n");
        }
        transcript += &format!("{response}\n\n");
    }
    transcript
}
