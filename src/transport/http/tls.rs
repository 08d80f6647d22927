//! The TLS configuration: a certificate and its key, read from PEM files.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::ConfigError;

/// Reads a certificate chain and its private key.
///
/// # Errors
/// Files that do not hold a matching pair.
pub fn load((cert, key): &(PathBuf, PathBuf)) -> Result<Arc<ServerConfig>, ConfigError> {
    let bad_cert = || {
        ConfigError::new(
            "AUTOTASK_HTTP_TLS_CERT",
            "the path of a PEM file with a certificate chain",
        )
    };
    let bad_key = || {
        ConfigError::new(
            "AUTOTASK_HTTP_TLS_KEY",
            "the path of a PEM file with the private key of AUTOTASK_HTTP_TLS_CERT",
        )
    };
    let chain: Vec<_> =
        CertificateDer::pem_file_iter(cert).and_then(Iterator::collect).map_err(|_| bad_cert())?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|_| bad_key())?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| bad_cert())?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|_| bad_key())?;
    Ok(Arc::new(config))
}
