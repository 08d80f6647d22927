//! Between here and Autotask: compressed replies, proxies, and certificates that nobody vouches for.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[path = "support/stub_upstream.rs"]
mod stub_upstream;

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
use stub_upstream::{CODE, Reply, SECRET, Upstream, threshold, whole};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What `call get-version` says, or what it says on standard error where it says nothing.
fn version(upstream: &Upstream, settings: &[(&str, &str)]) -> String {
    let ran = upstream.program(&["call", "get-version"], settings).output();
    let ran = ran.expect("the program runs");
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

fn zipped(pieces: impl Iterator<Item = Vec<u8>>) -> Reply {
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    for piece in pieces {
        zip.write_all(&piece).expect("writable");
    }
    let mut reply = whole(zip.finish().expect("writable"));
    let gzip = HeaderValue::from_static("gzip");
    reply.headers_mut().insert(CONTENT_ENCODING, gzip);
    reply
}

#[test]
fn compressed_replies_are_read_and_count_by_their_whole_size() {
    const VERSION: &[u8] = br#"{"version":"7.7"}"#;
    let bomb = || std::iter::repeat_n(vec![b' '; 1 << 20], 200);
    for (told, is_bomb) in [("{\"version\":\"7.7\"}\n", false), ("larger than 16 MiB", true)] {
        let upstream = Upstream::open(move |request| async move {
            assert_eq!(request.headers()[ACCEPT_ENCODING], "gzip");
            match request.uri().path() {
                "/ATServicesRest/V1.0/ThresholdInformation" => threshold(),
                _ if is_bomb => zipped(bomb()),
                _ => zipped(std::iter::once(VERSION.to_vec())),
            }
        });
        let said = version(&upstream, &[]);
        assert!(said.contains(told), "{said}");
    }
}

/// A proxy that tells what it hears, opens no tunnel where it is mute, and otherwise listens to what comes through.
fn proxy(opens: bool) -> (Upstream, Receiver<String>) {
    let (heard, tells) = channel();
    let proxy = Upstream::listen(move |mut stream: TcpStream| {
        let heard = heard.clone();
        async move {
            let mut bytes = vec![0; 1 << 16];
            let mut said = String::new();
            while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                said += &String::from_utf8_lossy(&bytes[..count]);
                let reply = if opens { "200 OK" } else { "403 Forbidden" };
                let reply = format!("HTTP/1.1 {reply}\r\n\r\n");
                let is_hello = said.matches("\r\n\r\n").count() == 1 && said.ends_with("\r\n\r\n");
                if !is_hello || stream.write_all(reply.as_bytes()).await.is_err() || !opens {
                    break;
                }
            }
            let _ = heard.send(said);
        }
    });
    (proxy, tells)
}

/// A name that no network knows, so only a proxy could reach it.
const ZONE: (&str, &str) = ("AUTOTASK_API_URL", "https://zone.invalid/ATServicesRest/");

#[test]
fn proxies_are_asked_for_a_tunnel_and_never_see_a_secret() {
    thread::scope(|rows| {
        for opens in [false, true] {
            rows.spawn(move || tunnel(opens));
            rows.spawn(move || no_tunnel(opens));
        }
    });
}

fn tunnel(opens: bool) {
    let (proxy, tells) = proxy(opens);
    let address = format!("http://{}", proxy.address());
    let said = version(&proxy, &[ZONE, ("HTTPS_PROXY", &address)]);
    assert!(said.starts_with("upstream-unavailable: "), "{said}");
    let heard: Vec<_> = tells.try_iter().collect();
    assert!(!heard.is_empty());
    for heard in heard {
        let connects = heard.starts_with("CONNECT zone.invalid:443 HTTP/1.1\r\n");
        let has_secret = heard.contains(SECRET) || heard.contains(CODE);
        assert!(connects && !has_secret, "{heard}");
    }
}

fn no_tunnel(opens: bool) {
    let (proxy, tells) = proxy(opens);
    let address = format!("http://{}", proxy.address());
    let settings = [ZONE, ("HTTPS_PROXY", &address), ("NO_PROXY", "zone.invalid")];
    let said = version(&proxy, &settings);
    assert!(said.contains("Nothing was sent"), "{said}");
    assert_eq!(tells.try_iter().count(), 0, "the proxy was passed by");
}

#[test]
fn a_certificate_must_be_vouched_for() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
    let rcgen::CertifiedKey { cert, signing_key } = made.expect("a certificate");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a certificate with its key");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (heard, tells) = channel();
    let upstream = Upstream::open_tls(acceptor, move |request| {
        heard.send(request.uri().path().to_owned()).expect("a listening test");
        async { threshold() }
    });
    let zone = format!("https://{}/ATServicesRest/", upstream.address());
    let said = version(&upstream, &[("AUTOTASK_API_URL", &zone)]);
    assert!(said.starts_with("upstream-unavailable: "), "{said}");
    assert!(said.contains("certificate") && said.contains("Nothing was sent"), "{said}");
    assert_eq!(tells.try_iter().count(), 0, "nothing was sent");
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/vouched.pem");
    let pem = STANDARD.encode(cert.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n");
    std::fs::write(file, pem).expect("a folder to write to");
    version(&upstream, &[("AUTOTASK_API_URL", &zone), ("SSL_CERT_FILE", file)]);
    assert_ne!(tells.try_iter().count(), 0, "a certificate that is vouched for");
}
