//! Runs a target on mutated inputs for a limited time; the input of a failure is printed and stored.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::mutator::Mutator;

/// How long a target runs in the gate.
const DEFAULT_SECONDS: u64 = 4;
const DEFAULT_SEED: u64 = 2026;
/// An input that takes longer is reported as a hang.
const MAX_INPUT_TIME: Duration = Duration::from_secs(60);

/// The input that is being processed, and since when.
type Current = Arc<Mutex<Option<(Instant, Vec<u8>)>>>;

/// Runs a target on its corpus, then on mutations of it.
pub fn run(name: &'static str, target: fn(&[u8])) {
    if let Ok(file) = std::env::var("FUZZ_INPUT") {
        return target(&fs::read(file).expect("the input"));
    }
    let seed = number("FUZZ_SEED").unwrap_or(DEFAULT_SEED);
    let end =
        Instant::now() + Duration::from_secs(number("FUZZ_SECONDS").unwrap_or(DEFAULT_SECONDS));
    let corpus = corpus(name);
    let current = Current::default();
    std::thread::spawn({
        let current = current.clone();
        move || watch(name, &current)
    });
    for input in &corpus {
        check(name, target, input, &current);
    }
    let mut mutator = Mutator::new(seed, corpus);
    let mut count = 0_u64;
    while Instant::now() < end {
        check(name, target, &mutator.next_input(), &current);
        count += 1;
    }
    println!("{name}: {count} inputs from seed {seed}");
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a number"))
}

/// The corpus files of a target, in a deterministic order.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proof/corpus").join(name);
    let files = fs::read_dir(folder).expect("a corpus");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a file")).collect()
}

fn check(name: &str, target: fn(&[u8]), input: &[u8], current: &Current) {
    let set = |value| *current.lock().expect("the current input") = value;
    set(Some((Instant::now(), input.to_vec())));
    let result = catch_unwind(AssertUnwindSafe(|| target(input)));
    set(None);
    if result.is_err() {
        report(name, input);
        panic!("the target {name} failed");
    }
}

/// Ends the process if an input hangs.
fn watch(name: &str, current: &Current) {
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let current = current.lock().expect("the current input");
        let hanging = current.as_ref().filter(|(since, _)| since.elapsed() > MAX_INPUT_TIME);
        if let Some((_, input)) = hanging {
            report(name, input);
            eprintln!("the target {name} hangs");
            std::process::exit(101);
        }
    }
}

fn report(name: &str, input: &[u8]) {
    let path = store(name, input);
    eprintln!("{name}: {}", input.escape_ascii());
    eprintln!("FUZZ_INPUT={} cargo test --test proof fuzz::{name}", path.display());
}

fn store(name: &str, input: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(format!("{name}-{}", std::process::id()));
    fs::write(&path, input).expect("a file");
    path
}
