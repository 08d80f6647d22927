//! Tests of every manifest; `cargo xtask peers` installs the packages.

use std::fs;

use serde_json::Value;

use super::product::{Product, SERVER_KEY};
use super::registry::ReleasedBundle;
use super::target::TARGETS;
use super::user_option::USER_OPTIONS;
use super::{mcpb, npm, plugin, registry};
use crate::command::repository;
use crate::setting::SETTINGS;

/// The limit for tool names in Claude's API.
const MAX_TOOL_NAME_CHARS: usize = 64;
/// The limit for a description in the MCP registry.
const MAX_DESCRIPTION_CHARS: usize = 100;

fn product() -> Product {
    Product::load().expect("Cargo's metadata is complete")
}

/// Every manifest, with a name for failure messages.
fn manifests() -> Vec<(String, Value)> {
    let product = product();
    let bundle = ReleasedBundle { file: "a.mcpb".to_owned(), sha256: "00".to_owned() };
    let mut all = vec![
        ("package.json".to_owned(), npm::main_manifest(&product)),
        ("server.json".to_owned(), registry::server_json(&product, &[bundle])),
    ];
    for target in &TARGETS {
        let bundle = mcpb::manifest(&product, target).expect("the tools are declared");
        all.push((format!("mcpb {}", target.triple), bundle));
        all.push((format!("npm {}", target.triple), npm::platform_manifest(&product, target)));
    }
    all.extend(plugin::manifests(&product).map(|(path, value)| (path.to_owned(), value)));
    all
}

/// Calls `visit` with each key and value, at any depth.
fn walk(value: &Value, visit: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            visit(key, value);
            walk(value, visit);
        }),
        Value::Array(entries) => entries.iter().for_each(|entry| walk(entry, visit)),
        _ => {}
    }
}

#[test]
fn all_versions_are_equal() {
    let version = product().version;
    for (name, manifest) in manifests() {
        walk(&manifest, &mut |key, value| {
            if key == "version" {
                assert_eq!(value, version.as_str(), "{name}");
            }
        });
        assert!(manifest.to_string().contains(&version), "{name} states no version");
    }
    for path in [
        "Cargo.toml",
        "codegen/Cargo.toml",
        "crates/schema/Cargo.toml",
        "crates/sandbox/Cargo.toml",
    ] {
        let text = fs::read_to_string(repository().join(path)).expect("the manifest reads");
        let named = text.lines().filter(|line| {
            line.starts_with("version = ")
                || line.contains("path = \"") && line.contains("version = ")
        });
        for line in named {
            assert!(line.contains(&format!("version = \"{version}\"")), "{path}: {line}");
        }
    }
    for path in ["Dockerfile", "deploy/kubernetes/deployment.yaml"] {
        let text = fs::read_to_string(repository().join(path)).expect("the file reads");
        assert!(text.contains(&version), "{path} names another version");
    }
}

#[test]
fn every_variable_has_a_value_and_exists() {
    let known = |name: &str| SETTINGS.iter().any(|setting| setting.name == name);
    for option in USER_OPTIONS {
        assert!(known(option.variable) && !option.help().is_empty(), "{}", option.variable);
    }
    for (name, manifest) in manifests() {
        walk(&manifest, &mut |key, value| {
            if key != "env" {
                return;
            }
            for option in USER_OPTIONS {
                let value = value[option.variable].as_str().unwrap_or_default();
                assert!(!value.is_empty(), "{name}: {} has no value", option.variable);
                if let Some(reference) = value.strip_prefix("${user_config.") {
                    let key = reference.trim_end_matches('}');
                    let declared = ["user_config", "userConfig"].map(|at| &manifest[at][key]);
                    assert!(declared.iter().any(|d| d.get("default").is_some()), "{name}: {key}");
                }
            }
        });
    }
}

#[test]
fn packages_are_read_only_by_default() {
    for (name, manifest) in manifests() {
        for declared in [&manifest["user_config"], &manifest["userConfig"]] {
            if let Value::Object(options) = declared {
                assert_eq!(options["read_only"]["default"], true, "{name}");
                assert_eq!(options["secret"]["sensitive"], true, "{name}");
                assert_eq!(options["integration_code"]["sensitive"], true, "{name}");
            }
        }
    }
}

#[test]
fn names_and_descriptions_are_within_the_limits() {
    let product = product();
    assert!(product.description.chars().count() <= MAX_DESCRIPTION_CHARS);
    let bundle = mcpb::manifest(&product, &TARGETS[0]).expect("the tools are declared");
    for tool in bundle["tools"].as_array().expect("a list") {
        let name = tool["name"].as_str().expect("a name");
        let full_name = format!("mcp__plugin_{SERVER_KEY}_{SERVER_KEY}__{name}");
        assert!(full_name.len() <= MAX_TOOL_NAME_CHARS, "{full_name}");
    }
}

#[test]
fn the_main_npm_package_depends_on_every_platform() {
    let product = product();
    let main = npm::main_manifest(&product);
    for target in &TARGETS {
        let platform = npm::platform_manifest(&product, target);
        let name = platform["name"].as_str().expect("a name");
        assert_eq!(main["optionalDependencies"][name], platform["version"]);
        assert_eq!(name, name.to_lowercase(), "npm allows no capitals");
        assert!(platform.get("scripts").is_none() && main.get("scripts").is_none());
    }
}

#[test]
fn a_release_needs_an_owner() {
    let mut product = product();
    product.owner = "OWNER".to_owned();
    assert!(product.check_owner().is_err());
    product.owner = "someone".to_owned();
    assert_eq!(product.check_owner(), Ok(()));
    assert_eq!(product.npm_name(), "@someone/autotask-mcp");
}

#[test]
fn the_icon_is_a_square_png() {
    let icon = fs::read(repository().join("plugin/icon.png")).expect("the icon reads");
    let size = |at: usize| icon.get(at..at + 4).map(<[u8]>::to_vec);
    assert!(icon.starts_with(b"\x89PNG"));
    assert_eq!((size(16), size(20)), (Some(vec![0, 0, 2, 0]), Some(vec![0, 0, 2, 0])));
}
