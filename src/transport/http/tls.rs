//! TLS, where the settings name a certificate: read at the start, and again when asked.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::config::{ConfigError, Http};

/// Who connects greets within this time.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A certificate and its key.
pub struct Tls {
    files: (PathBuf, PathBuf),
    acceptor: RwLock<TlsAcceptor>,
}

impl Tls {
    /// The certificate that the settings name, if any.
    ///
    /// # Errors
    /// Files that hold no certificate and key that go together.
    pub fn read(http: &Http) -> Result<Option<Self>, ConfigError> {
        let Some(files) = http.tls() else {
            return Ok(None);
        };
        let acceptor = RwLock::new(acceptor(&files)?);
        Ok(Some(Self { files, acceptor }))
    }

    /// Reads the files again; connections that stand keep what they have.
    ///
    /// # Errors
    /// As at the start; then the old certificate stays.
    pub fn reload(&self) -> Result<(), ConfigError> {
        let fresh = acceptor(&self.files)?;
        *self.acceptor.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Shakes hands.
    ///
    /// # Errors
    /// A client that does not speak TLS, or not in time.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let acceptor = self.acceptor.read().unwrap_or_else(PoisonError::into_inner).clone();
        timeout(HANDSHAKE, acceptor.accept(stream)).await?
    }
}

fn acceptor((cert, key): &(PathBuf, PathBuf)) -> Result<TlsAcceptor, ConfigError> {
    let no_cert = || {
        ConfigError::new(
            "AUTOTASK_HTTP_TLS_CERT",
            "the path of a PEM file with a certificate chain",
        )
    };
    let no_key = || {
        ConfigError::new(
            "AUTOTASK_HTTP_TLS_KEY",
            "the path of a PEM file with the private key of AUTOTASK_HTTP_TLS_CERT",
        )
    };
    let chain: Vec<_> =
        CertificateDer::pem_file_iter(cert).and_then(Iterator::collect).map_err(|_| no_cert())?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|_| no_key())?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| no_cert())?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|_| no_key())?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
