//! Runs third-party programs against ours: MCP clients, the conformance suite, deployment linters, package installers.

use std::env;
use std::fmt::Display;
use std::path::PathBuf;

use autotask_schema::SchemaError;

use crate::command::repository;
use crate::command::run;

const BUILD_COMMAND: &str = "cargo build --workspace --bins --examples";

const NPM: Registry = Registry {
    name: "npm",
    install: &["npm install --prefix tests"],
    ping: "npm ping --prefix tests",
};
const NPM_CLIENTS: [&str; 6] = [
    "node --test apps/tests/pure.test.mjs",
    "node tests/conformance/run.mjs autotask-mcp fixtures",
    "node tests/clients/typescript.mjs autotask-mcp --sandbox",
    "node tests/clients/over-http.mjs autotask-mcp node tests/clients/typescript.mjs",
    "tests/clients/inspector.sh autotask-mcp --sandbox",
    "node tests/clients/over-http.mjs autotask-mcp tests/clients/inspector.sh",
];

const PYPI: Registry = Registry {
    name: "PyPI",
    install: &[
        "python3 -m venv target/python",
        "target/python/bin/pip install --quiet -r tests/requirements.txt -r deploy/requirements.txt",
    ],
    ping: "target/python/bin/pip download --quiet --no-deps --dest target/python pip",
};
const PYPI_CLIENTS: [&str; 3] = [
    "python tests/clients/python.py autotask-mcp --sandbox",
    "python tests/clients/elicit.py autotask-mcp",
    "node tests/clients/over-http.mjs autotask-mcp python tests/clients/python.py",
];

/// Sign-in at an `OpenID` provider through the SDKs, and an authorization checker; needs both registries.
const SIGN_INS: [&str; 4] = [
    "npm ci --prefix tests/oauth",
    "node tests/oauth/run.mjs autotask-mcp node tests/oauth/typescript.mjs",
    "node tests/oauth/run.mjs autotask-mcp python tests/oauth/python.py",
    "node tests/oauth/run.mjs autotask-mcp python tests/oauth/checker.py",
];

/// Checks the deployment files; reports those whose linter is not installed.
const CHECK_DEPLOYMENT: &str = "deploy/check";

/// A package registry, and what is installed from it.
struct Registry {
    name: &'static str,
    install: &'static [&'static str],
    /// A command that succeeds if the registry can be reached.
    ping: &'static str,
}

/// Packs the debug build, and installs each package.
const CHECK_PACKAGES: [&str; 2] = [
    "cargo xtask dist --program target/debug/autotask-mcp --out target/packages",
    "tests/packages/check target/packages",
];
const NPM_INSTALLERS: Registry = Registry {
    name: "npm",
    install: &[
        "npm ci --prefix tests/packages",
        "node tests/packages/node_modules/@anthropic-ai/claude-code/install.cjs",
    ],
    ping: "npm ping --prefix tests",
};
const PYPI_INSTALLERS: Registry = Registry {
    name: "PyPI",
    install: &["target/python/bin/pip install --quiet -r tests/packages/requirements.txt"],
    ping: PYPI.ping,
};

/// Packs the program and installs the packages; if a registry cannot be reached, its tools are skipped and named.
///
/// # Errors
/// A package does not install or start.
pub fn install_packages() -> Result<(), SchemaError> {
    for registry in [NPM_INSTALLERS, PYPI_INSTALLERS] {
        registry.install()?;
    }
    CHECK_PACKAGES.iter().try_for_each(|line| run(line, &[]))
}

/// Tests the traces, for which the whole program is built with another feature.
///
/// # Errors
/// A test that fails.
pub fn test_traces() -> Result<(), SchemaError> {
    run("cargo test --workspace --features otel --test traces", &[])
}

/// Signs in at a real `OpenID` provider; skipped if a registry cannot be reached.
///
/// # Errors
/// The first client or check that fails.
pub fn sign_in() -> Result<(), SchemaError> {
    if !(NPM.install()? && PYPI.install()?) {
        return Ok(());
    }
    let path = path()?;
    SIGN_INS.iter().try_for_each(|line| run(line, &[("PATH", path.as_str())]))
}

/// The views in a real browser, in hosts of the tests and the reference implementation of one.
const VIEWS_IN_BROWSER: [&str; 2] = ["npm ci --prefix tests/apps", "npm test --prefix tests/apps"];

/// Tests the views of MCP Apps in Chromium; without it they are skipped and named.
///
/// # Errors
/// A view that fails.
pub fn test_views() -> Result<(), SchemaError> {
    if run("chromium --version", &[]).is_err() {
        println!("skipped: the views in a browser; Chromium is not installed");
        return Ok(());
    }
    let path = path()?;
    VIEWS_IN_BROWSER.iter().try_for_each(|line| run(line, &[("PATH", path.as_str())]))
}

/// Runs all clients and linters; if a registry cannot be reached, its clients are skipped and the reason is printed.
///
/// # Errors
/// The first program that fails, or that cannot be installed although its registry can be reached.
pub fn run_clients() -> Result<(), SchemaError> {
    run(BUILD_COMMAND, &[])?;
    let path = path()?;
    let environment = [("PATH", path.as_str()), ("INSPECTOR", "mcp-inspector")];
    for (registry, lines) in [(NPM, &NPM_CLIENTS[..]), (PYPI, &PYPI_CLIENTS[..])] {
        if registry.install()? {
            lines.iter().try_for_each(|line| run(line, &environment))?;
        }
    }
    run(CHECK_DEPLOYMENT, &environment)
}

impl Registry {
    /// Installs the programs; returns false if the registry cannot be reached.
    fn install(&self) -> Result<bool, SchemaError> {
        let installed = self.install.iter().try_for_each(|line| run(line, &[]));
        let Err(error) = installed else {
            return Ok(true);
        };
        if run(self.ping, &[]).is_ok() {
            return Err(error);
        }
        println!("skipped: programs from {}, because it cannot be reached", self.name);
        Ok(false)
    }
}

/// `PATH` with the folders of this build and of the installed clients in front.
fn path() -> Result<String, SchemaError> {
    let invalid = |e: &dyn Display| SchemaError::new(e.to_string()).context("PATH");
    let built = env::current_exe().map_err(|e| invalid(&e))?;
    let built = built.parent().map(PathBuf::from).unwrap_or_default();
    let clients = ["tests/node_modules/.bin", "target/python/bin"].map(|at| repository().join(at));
    let system = env::var_os("PATH").unwrap_or_default();
    let all = [built.join("examples"), built].into_iter();
    let all = all.chain(clients).chain(env::split_paths(&system));
    let joined = env::join_paths(all).map_err(|e| invalid(&e))?;
    joined.into_string().map_err(|_| invalid(&"not valid UTF-8"))
}
