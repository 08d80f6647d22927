//! The manifests of the folder `plugin/`: a plugin of Claude Code and Cursor, and an extension of Gemini CLI.

use serde_json::{Value, json};

use super::product::{NAME, Product, SERVER_KEY, TITLE};
use super::user_option::{self, OptionKind, USER_OPTIONS, UserOption};

const ICON: &str = "icon.png";
/// The hosts of all zones.
const HOSTS: &str = "*.autotask.net";
const FOLDER: &str = "./plugin";

/// The generated files of the repository, with their paths.
pub fn manifests(product: &Product) -> [(&'static str, Value); 5] {
    [
        (".claude-plugin/marketplace.json", marketplace(product)),
        (".cursor-plugin/marketplace.json", marketplace(product)),
        ("plugin/.claude-plugin/plugin.json", claude(product)),
        ("plugin/.cursor-plugin/plugin.json", cursor(product)),
        ("plugin/gemini-extension.json", gemini(product)),
    ]
}

fn marketplace(product: &Product) -> Value {
    json!({
        "name": NAME,
        "owner": {"name": product.owner},
        "metadata": {"description": format!("{TITLE} for AI assistants"), "version": product.version},
        "plugins": [{
            "name": SERVER_KEY,
            "source": FOLDER,
            "description": product.description,
            "version": product.version,
            "license": product.license,
            "category": "productivity",
        }],
    })
}

fn claude(product: &Product) -> Value {
    let mut manifest = manifest(product);
    manifest["network"] = json!({"hosts": [HOSTS]});
    manifest["userConfig"] = user_option::declarations();
    manifest["mcpServers"] = servers(product, &user_option::user_config);
    manifest
}

/// Cursor does not ask for credentials; the manifest reads them from Cursor's environment.
fn cursor(product: &Product) -> Value {
    let mut manifest = manifest(product);
    manifest["displayName"] = json!(TITLE);
    manifest["logo"] = json!(ICON);
    manifest["skills"] = json!("./skills/");
    manifest["mcpServers"] =
        servers(product, &|option| credential_or_default(option, "${env:", "}"));
    manifest
}

/// Gemini CLI asks for the credentials and keeps the secret ones in the system's key store.
fn gemini(product: &Product) -> Value {
    let credentials = USER_OPTIONS.iter().filter(|option| option.is_credential());
    let settings = credentials.map(|option| {
        json!({
            "name": option.title,
            "description": option.help(),
            "envVar": option.variable,
            "sensitive": option.is_secret(),
        })
    });
    json!({
        "name": SERVER_KEY,
        "version": product.version,
        "description": product.description,
        "mcpServers": servers(product, &|option| credential_or_default(option, "${", "}")),
        "settings": settings.collect::<Vec<_>>(),
    })
}

fn credential_or_default(option: &UserOption, open: &str, close: &str) -> String {
    match option.kind {
        OptionKind::Flag(_) => option.default_text(),
        OptionKind::Text | OptionKind::Secret => format!("{open}{}{close}", option.variable),
    }
}

fn manifest(product: &Product) -> Value {
    json!({
        "name": SERVER_KEY,
        "version": product.version,
        "description": product.description,
        "author": {"name": product.owner},
        "homepage": product.url(),
        "repository": product.url(),
        "license": product.license,
        "keywords": ["autotask", "psa", "msp", "tickets"],
    })
}

/// Starts the server in this version with `npx`, so that the program need not be installed.
fn servers(product: &Product, value: &dyn Fn(&UserOption) -> String) -> Value {
    json!({SERVER_KEY: {
        "command": "npx",
        "args": ["-y", format!("{}@{}", product.npm_name(), product.version)],
        "env": user_option::environment(value),
    }})
}
