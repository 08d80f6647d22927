//! The network to Autotask: compressed responses, proxies, and untrusted certificates.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support::stub_upstream;

use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderValue;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use stub_upstream::{CODE, Reply, SECRET, Upstream, ok_reply, threshold};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// The standard output of `call get-version`.
fn version(upstream: &Upstream, settings: &[(&str, &str)]) -> String {
    let output = upstream.program(&["call", "get-version"], settings).output();
    let output = output.expect("the program runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn zipped(pieces: impl Iterator<Item = Vec<u8>>) -> Reply {
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    for piece in pieces {
        zip.write_all(&piece).expect("the buffer is writable");
    }
    let mut reply = ok_reply(zip.finish().expect("the buffer is writable"));
    let gzip = HeaderValue::from_static("gzip");
    reply.headers_mut().insert(CONTENT_ENCODING, gzip);
    reply
}

#[test]
fn compressed_responses_count_by_their_decompressed_size() {
    const VERSION: &[u8] = br#"{"version":"7.7"}"#;
    let bomb = || std::iter::repeat_n(vec![b' '; 1 << 20], 200);
    for (expected, is_bomb) in [("{\"version\":\"7.7\"}\n", false), ("larger than 16 MiB", true)] {
        let upstream = Upstream::open(move |request| async move {
            assert_eq!(request.headers()[ACCEPT_ENCODING], "gzip");
            match request.uri().path() {
                "/ATServicesRest/V1.0/ThresholdInformation" => threshold(),
                _ if is_bomb => zipped(bomb()),
                _ => zipped(std::iter::once(VERSION.to_vec())),
            }
        });
        let output = version(&upstream, &[]);
        assert!(output.contains(expected), "{output}");
    }
}

/// A proxy that reports what it receives, and opens tunnels or rejects them.
fn proxy(opens: bool) -> (Upstream, Receiver<String>) {
    let (sender, received) = channel();
    let proxy = Upstream::listen(move |mut stream: TcpStream| {
        let sender = sender.clone();
        async move {
            let mut bytes = vec![0; 1 << 16];
            let mut text = String::new();
            while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                text += &String::from_utf8_lossy(&bytes[..count]);
                let reply = if opens { "200 OK" } else { "403 Forbidden" };
                let reply = format!("HTTP/1.1 {reply}\r\n\r\n");
                let is_connect =
                    text.matches("\r\n\r\n").count() == 1 && text.ends_with("\r\n\r\n");
                if !is_connect || stream.write_all(reply.as_bytes()).await.is_err() || !opens {
                    break;
                }
            }
            let _ = sender.send(text);
        }
    });
    (proxy, received)
}

/// A zone whose host name does not resolve, so that only a proxy can reach it.
const ZONE: (&str, &str) = ("AUTOTASK_API_URL", "https://zone.invalid/ATServicesRest/");

#[test]
fn proxies_get_a_connect_request_and_never_a_secret() {
    thread::scope(|rows| {
        for opens in [false, true] {
            rows.spawn(move || tunnel(opens));
            rows.spawn(move || no_tunnel(opens));
        }
    });
}

fn tunnel(opens: bool) {
    let (proxy, received) = proxy(opens);
    let address = format!("http://{}", proxy.address());
    let output = version(&proxy, &[ZONE, ("HTTPS_PROXY", &address)]);
    assert!(output.starts_with("upstream-unavailable: "), "{output}");
    let requests: Vec<_> = received.try_iter().collect();
    assert!(!requests.is_empty());
    for request in requests {
        let connects = request.starts_with("CONNECT zone.invalid:443 HTTP/1.1\r\n");
        let has_secret = request.contains(SECRET) || request.contains(CODE);
        assert!(connects && !has_secret, "{request}");
    }
}

fn no_tunnel(opens: bool) {
    let (proxy, received) = proxy(opens);
    let address = format!("http://{}", proxy.address());
    let settings = [ZONE, ("HTTPS_PROXY", &address), ("NO_PROXY", "zone.invalid")];
    let output = version(&proxy, &settings);
    assert!(output.contains("Nothing was sent"), "{output}");
    assert_eq!(received.try_iter().count(), 0, "the proxy was not used");
}

#[test]
fn certificates_must_be_trusted() {
    let generated = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
    let rcgen::CertifiedKey { cert, signing_key } = generated.expect("a certificate");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a certificate with its key");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (sender, received) = channel();
    let upstream = Upstream::open_tls(acceptor, move |request| {
        sender.send(request.uri().path().to_owned()).expect("a listening test");
        async { threshold() }
    });
    let zone = format!("https://{}/ATServicesRest/", upstream.address());
    let output = version(&upstream, &[("AUTOTASK_API_URL", &zone)]);
    assert!(output.starts_with("upstream-unavailable: "), "{output}");
    assert!(output.contains("certificate") && output.contains("Nothing was sent"), "{output}");
    assert_eq!(received.try_iter().count(), 0, "nothing was sent");
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/trusted.pem");
    let pem = STANDARD.encode(cert.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n");
    std::fs::write(file, pem).expect("a folder to write to");
    version(&upstream, &[("AUTOTASK_API_URL", &zone), ("SSL_CERT_FILE", file)]);
    assert_ne!(received.try_iter().count(), 0, "a trusted certificate");
}
