//! Settings that replicas must have in common: each announces its own, and compares those of the others.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::ReplicaCoordinator;
use super::lease::millis;
use crate::config::{Config, ConfirmMode, Transport};

/// How long a replica counts that announces nothing any more.
const ANNOUNCEMENT_TTL: Duration = Duration::from_secs(30);

/// What must be equal for the confirmation codes of one replica to be valid on another; none over stdio, where a
/// client always reaches the same process. Without a common key no other replica has the same text.
pub(super) fn common_settings(config: &Config, replica: u64) -> Option<String> {
    let key = match (&config.http.state_key, config.confirm_mode) {
        _ if config.transport == Transport::Stdio => return None,
        (_, ConfirmMode::Token) => String::new(),
        (None, _) => format!(" without AUTOTASK_HTTP_STATE_KEY (replica {replica:x})"),
        (Some(key), _) => {
            let digest = Sha256::digest(format!("autotask-mcp state key {}", key.expose_secret()));
            let digest = URL_SAFE_NO_PAD.encode(digest.get(..6).unwrap_or_default());
            format!(" with the AUTOTASK_HTTP_STATE_KEY of digest {digest}")
        }
    };
    Some(format!("AUTOTASK_CONFIRM_MODE={}{key}", config.confirm_mode.name()))
}

impl ReplicaCoordinator {
    /// Announces the settings of this replica; a warning for each replica with which they cannot work together, and
    /// if Redis is unavailable.
    pub async fn setting_conflicts(&self) -> Vec<String> {
        let Some(own) = &self.0.settings else { return Vec::new() };
        let mut call = self.0.announce.key(self.key("settings"));
        call.arg(own).arg(millis(ANNOUNCEMENT_TTL));
        let all: Option<Vec<String>> =
            self.run(async |mut redis| call.invoke_async(&mut redis).await).await;
        let Some(all) = all else {
            return vec![
                "Redis is unavailable: each replica enforces the limits alone.".to_owned(),
            ];
        };
        let others = all.iter().filter(|settings| *settings != own);
        let warning = |other| {
            format!(
                "Another replica has {other}, and this one {own}: they reject each other's confirmation codes."
            )
        };
        others.map(warning).collect()
    }
}
