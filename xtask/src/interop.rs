//! Other people's programs against ours: MCP clients, the conformance suite, readers of what deploys us, installers.

use std::env;
use std::fmt::Display;
use std::path::PathBuf;

use autotask_schema::SchemaError;

use crate::command::repository;
use crate::command::run;

const BUILD: &str = "cargo build --workspace --bins --examples";

const NPM: Registry = Registry {
    name: "npm",
    fetch: &["npm install --prefix tests", "npm ci --prefix tests/oauth"],
    ask: "npm ping --prefix tests",
};
const NPM_CLIENTS: [&str; 6] = [
    "node tests/conformance/run.mjs autotask-mcp fixtures",
    "node tests/clients/typescript.mjs autotask-mcp --sandbox",
    "node tests/clients/over-http.mjs autotask-mcp node tests/clients/typescript.mjs",
    "tests/clients/inspector.sh autotask-mcp --sandbox",
    "node tests/clients/over-http.mjs autotask-mcp tests/clients/inspector.sh",
    "node tests/oauth/run.mjs autotask-mcp node tests/oauth/typescript.mjs",
];

const PYPI: Registry = Registry {
    name: "PyPI",
    fetch: &[
        "python3 -m venv target/python",
        "target/python/bin/pip install --quiet -r tests/requirements.txt -r deploy/requirements.txt",
    ],
    ask: "target/python/bin/pip download --quiet --no-deps --dest target/python pip",
};
const PYPI_CLIENTS: [&str; 3] = [
    "python tests/clients/python.py autotask-mcp --sandbox",
    "python tests/clients/elicit.py autotask-mcp",
    "node tests/clients/over-http.mjs autotask-mcp python tests/clients/python.py",
];

/// They need the provider from npm too.
const PYPI_SIGN_INS: [&str; 2] = [
    "node tests/oauth/run.mjs autotask-mcp python tests/oauth/python.py",
    "node tests/oauth/run.mjs autotask-mcp python tests/oauth/checker.py",
];

/// It says itself for which files the tool is not here.
const DEPLOY: &str = "deploy/check";

/// Where programs come from.
struct Registry {
    name: &'static str,
    fetch: &'static [&'static str],
    /// Succeeds where the registry answers.
    ask: &'static str,
}

/// Packages of the program as it was built here, installed by what installs them.
const PACKAGES: [&str; 2] = [
    "cargo xtask dist --program target/debug/autotask-mcp --out target/packages",
    "tests/packages/check target/packages",
];
const NPM_INSTALLERS: Registry = Registry {
    name: "npm",
    fetch: &[
        "npm ci --prefix tests/packages",
        "node tests/packages/node_modules/@anthropic-ai/claude-code/install.cjs",
    ],
    ask: "npm ping --prefix tests",
};
const PYPI_INSTALLERS: Registry = Registry {
    name: "PyPI",
    fetch: &["target/python/bin/pip install --quiet -r tests/packages/requirements.txt"],
    ask: PYPI.ask,
};

/// Packs the program, and installs the packages; a tool that cannot be fetched is skipped by name.
///
/// # Errors
/// A package that does not work as it is published.
pub fn install_packages() -> Result<(), SchemaError> {
    for registry in [NPM_INSTALLERS, PYPI_INSTALLERS] {
        registry.gives()?;
    }
    PACKAGES.iter().try_for_each(|line| run(line, &[]))
}

/// Lets them meet; where a registry cannot be reached, its programs stay away and the reason is printed.
///
/// # Errors
/// The first of them that finds a fault, or that its registry answers without giving it.
pub fn meet() -> Result<(), SchemaError> {
    run(BUILD, &[])?;
    let path = path()?;
    let within = [("PATH", path.as_str()), ("INSPECTOR", "mcp-inspector")];
    let mut is_complete = true;
    for (registry, lines) in [(NPM, &NPM_CLIENTS[..]), (PYPI, &PYPI_CLIENTS[..])] {
        if registry.gives()? {
            lines.iter().try_for_each(|line| run(line, &within))?;
        } else {
            is_complete = false;
        }
    }
    if is_complete {
        PYPI_SIGN_INS.iter().try_for_each(|line| run(line, &within))?;
    }
    run(DEPLOY, &within)
}

impl Registry {
    fn gives(&self) -> Result<bool, SchemaError> {
        let fetched = self.fetch.iter().try_for_each(|line| run(line, &[]));
        let Err(problem) = fetched else {
            return Ok(true);
        };
        if run(self.ask, &[]).is_ok() {
            return Err(problem);
        }
        println!("skipped: what comes from {}, because it cannot be reached", self.name);
        Ok(false)
    }
}

/// What was built and fetched comes before what is installed.
fn path() -> Result<String, SchemaError> {
    let unknown = |e: &dyn Display| SchemaError::new(e.to_string()).context("PATH");
    let built = env::current_exe().map_err(|e| unknown(&e))?;
    let built = built.parent().map(PathBuf::from).unwrap_or_default();
    let fetched = ["tests/node_modules/.bin", "target/python/bin"].map(|at| repository().join(at));
    let installed = env::var_os("PATH").unwrap_or_default();
    let all = [built.join("examples"), built].into_iter();
    let all = all.chain(fetched).chain(env::split_paths(&installed));
    let joined = env::join_paths(all).map_err(|e| unknown(&e))?;
    joined.into_string().map_err(|_| unknown(&"it is no text"))
}
