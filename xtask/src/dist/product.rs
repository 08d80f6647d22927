//! The product's metadata (version, description, owner), which every package repeats, from Cargo.toml.

use autotask_schema::SchemaError;
use serde_json::Value;

use crate::command::output;

/// The name of the package, the program and the MCP server.
pub const NAME: &str = "autotask-mcp";
/// The name under which clients list the server.
pub const SERVER_KEY: &str = "autotask";
/// The display name.
pub const TITLE: &str = "Autotask PSA";

const METADATA: &str = "cargo metadata --no-deps --offline --format-version 1";
/// The owner in Cargo.toml until one is chosen.
const OWNER_PLACEHOLDER: &str = "OWNER";

/// The metadata of one release.
pub struct Product {
    pub version: String,
    pub description: String,
    pub license: String,
    pub owner: String,
    pub repository: String,
}

impl Product {
    /// Reads the workspace's metadata.
    ///
    /// # Errors
    /// Names the missing value.
    pub fn load() -> Result<Self, SchemaError> {
        let metadata: Value = serde_json::from_str(&output(METADATA)?)
            .map_err(|e| SchemaError::new(e.to_string()).context(METADATA))?;
        let packages = metadata["packages"].as_array().into_iter().flatten();
        let package = packages.into_iter().find(|package| package["name"] == NAME);
        let package = package.unwrap_or(&Value::Null);
        let release = &metadata["metadata"]["release"];
        let product = Self {
            version: text(package, "version")?,
            description: text(package, "description")?,
            license: text(package, "license")?,
            owner: text(release, "owner")?,
            repository: text(release, "repository")?,
        };
        product.check_repository(&text(package, "repository")?)?;
        Ok(product)
    }

    /// Checks that `repository` in Cargo.toml agrees with the owner and repository of the release.
    fn check_repository(&self, url: &str) -> Result<(), SchemaError> {
        match url == self.url() {
            true => Ok(()),
            false => Err(SchemaError::new(format!(
                "Cargo.toml: `repository` is {url}, but [workspace.metadata.release] names {}",
                self.url()
            ))),
        }
    }

    /// Checks that the owner is not the placeholder.
    ///
    /// # Errors
    /// The owner is the placeholder.
    pub fn check_owner(&self) -> Result<(), SchemaError> {
        match self.owner.as_str() {
            OWNER_PLACEHOLDER => Err(SchemaError::new(format!(
                "a release needs an owner: replace {OWNER_PLACEHOLDER} in Cargo.toml \
                 ([workspace.metadata.release] and `repository`), then run `cargo xtask docs`"
            ))),
            _ => Ok(()),
        }
    }

    /// The repository's web address.
    pub fn url(&self) -> String {
        format!("https://github.com/{}/{}", self.owner, self.repository)
    }

    /// The name in the MCP registry.
    pub fn registry_name(&self) -> String {
        format!("io.github.{}/{NAME}", self.owner)
    }

    /// The main npm package; npm allows no capitals.
    pub fn npm_name(&self) -> String {
        format!("@{}/{NAME}", self.owner.to_lowercase())
    }

    /// The container image, tagged with this version.
    pub fn image(&self) -> String {
        format!("ghcr.io/{}/{NAME}:{}", self.owner.to_lowercase(), self.version)
    }

    /// `template` with each `{{name}}` replaced.
    pub fn fill(&self, template: &str) -> String {
        let values = [
            ("name", NAME.to_owned()),
            ("title", TITLE.to_owned()),
            ("version", self.version.clone()),
            ("description", self.description.clone()),
            ("license", self.license.clone()),
            ("url", self.url()),
            ("repo", format!("{}/{}", self.owner, self.repository)),
            ("npm", self.npm_name()),
            ("image", self.image()),
            ("registry_name", self.registry_name()),
        ];
        values.iter().fold(template.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{{{name}}}}}"), value)
        })
    }
}

fn text(object: &Value, key: &str) -> Result<String, SchemaError> {
    let value = object[key].as_str().map(str::to_owned);
    value.ok_or_else(|| SchemaError::new(format!("Cargo.toml has no `{key}` for {NAME}")))
}
