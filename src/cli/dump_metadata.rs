//! The hidden command `schema dump`: saves a tenant's metadata to a folder, for `cargo xtask refresh-schema`.

use std::io::{self, Write};
use std::path::Path;

use autotask_mcp::client::Client;
use autotask_mcp::client::fetch_metadata::fetch_into;
use autotask_mcp::config::Config;
use autotask_schema::SchemaError;
use autotask_schema::metadata_folder::MetadataFolder;
use sha2::{Digest, Sha256};

/// Enough bytes of a hash to tell API users apart without naming them.
const USER_HASH_BYTES: usize = 6;

/// Saves the metadata in a folder below `parent`, prints its path, and returns the exit code: 1 after a failure.
pub async fn dump(config: &Config, client: &Client, parent: &Path) -> io::Result<u8> {
    match save(config, client, parent).await {
        Ok(folder) => writeln!(io::stdout(), "{}", folder.path().display()).map(|()| 0),
        Err(error) => {
            eprintln!("{error}");
            Ok(1)
        }
    }
}

async fn save(
    config: &Config,
    client: &Client,
    parent: &Path,
) -> Result<MetadataFolder, SchemaError> {
    let zone = client.zone().await.map_err(|e| SchemaError::new(e.to_string()))?;
    let name = match &config.username {
        Some(username) if !config.sandbox => folder_name(&zone.to_string(), username),
        _ => "sandbox".to_owned(),
    };
    let folder = MetadataFolder::new(parent.join(name));
    fetch_into(client, &folder, &mut |message| eprintln!("{message}")).await?;
    Ok(folder)
}

/// Host, port and a hash of the API user: tenants share zones, and a user belongs to one tenant.
fn folder_name(zone: &str, username: &str) -> String {
    let host = zone.split("://").nth(1).and_then(|rest| rest.split('/').next());
    let host = host.unwrap_or_default().replace(':', "-");
    let digest = Sha256::digest(username.to_lowercase());
    let hash = digest.iter().take(USER_HASH_BYTES).map(|byte| format!("{byte:02x}"));
    format!("{host}-{}", hash.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::folder_name;

    #[test]
    fn users_of_one_zone_have_separate_folders() {
        let zone = "https://webservices5.autotask.net/ATServicesRest/";
        let name = folder_name(zone, "api@one.example");
        assert!(name.starts_with("webservices5.autotask.net-") && !name.contains("api"), "{name}");
        assert_eq!(name, folder_name(zone, "API@one.example"));
        assert_ne!(name, folder_name(zone, "api@two.example"));
        assert!(folder_name("http://127.0.0.1:80/", "a").starts_with("127.0.0.1-80-"));
    }
}
