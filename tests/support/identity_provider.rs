//! An identity provider on a port of this machine, whose keys and behavior a test sets.
#![allow(dead_code, clippy::expect_used, reason = "each test uses a part of it")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};

use super::stub_upstream::{Reply, Upstream, ok_reply, repeated_body};

/// A key for tests only, in PKCS #8; `ring` cannot make one.
const RSA_KEY: &str = "\
    MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQC2PcMociqx7gFMOyJzSN5ntt6p7RSIb4WIqe1U52+Wkng3mklp\
    kTQBzrPXq/qCQ0+QeL0FydHGfz0Nlzm2ghyZEjpIFDRXPb6p6YkzVelhiiSNe7b1nWXf1Y/A1BQbeGXFNhMkrUZ4L2AU26XUkNOY\
    YgSP3WSbwD+jphtrze9wC2J7kZ84/unwYjcQrLU63Z4LmL2AvtoxcMpBmCrRWKsF3/jXiUJ7YD9WxMLVaCPAYs9SpNdfIxUG0Vog\
    0TY6RWyNXjCLdli/ZiGNlHNUyw85lCL7D+1g/PCzrfKiTprjvLMaLuqnUmg1l6Umz6PjY12iBT0V1OuA0h0wXmg7QLEPAgMBAAEC\
    ggEADJ4bGH5LEXWqllYTzQqTB3hEU1yMSuP5yVwGiBXcBn9Onn7qrUn14Vgn4HtSRVmWtSh+4ds20Hj3x6ycPNQmWbzG1z263/1w\
    6X+3VZwRpAS2Aiu6H6hNqOE26kFkwQAlf7F+QtBSbDjPfLI2eZCrbcX/jdxkvlnhrhlulZi1BrtNIZ3AuJZaG9Af+D2v/lV4vytP\
    9yfsczyZqqg/fpSY9eDkzXU63L/7RrVDi59eUHvt2qXeqsdJTujrbGoWCegiPyQlNt9g6hyotfVgA+qiG2JkbyvcNB3QJQKDVtcP\
    k+FbhRAqB6pUGR25kOlRn0YvNDJV+I7zIdNh9oMXgrAf3QKBgQDfW5ZPPEa+Z0/0ETANCjQpFsXM+RXUP6sryAEn6MAqJsWaKnh3\
    V0O52MrDIbS28RH/mtSpCA3vyeXEAIlOWX4h8BxQp15MuxkDS28oDgfsKceWcqLS3af0t/uIfBanY2iesKxr5EdGnvWmBAxKpKmk\
    JDTERfXRvOioIVZyu4wGFQKBgQDQ3+WECuBbe2eisRWRFd1xMlErPENLVJYl6/vStVzA77LGWpRfRQMo5fQ61c+U4B1d3FTqoRtK\
    S0QWr3/RwyYfaQUI/bPqa4Ph8KwUcvx1Aklp8dP2Q+qXkV3vpPDP0dtvFN8LetXioNOM2hos1pZhJX0TWU/e9h+wBbDRqDwnkwKB\
    gHtC6O1rP0M+cnInthPMKMLwLVKTt4c9Z7IumuyyVrIsWWpdu8NoZhi+2g7boAZBfYRIpslth3toOSN0hFG3s5L5FjcwVisUKZaW\
    344ESDz9RYbyVob2CgVULzy/9iSECK1ipJSaEveXK8tlen8K5g+OZ4xVa3ZGwUJfu3xvobONAoGARKXBRfNZJ1fYiLTQlL1t6P0T\
    hjUpHMHxEweK3QZ0NIjS5bPxXZpN3owtB4Ur0w8RN77pPa+zS2iPOTF2vdb4WYxndjwDfIDXeFNkCth7tm0I+cPb2O0bVbMV/2Pj\
    LToYd1qRr7EwSGp4/KrVvXTNOaJbiBdrU6jqYyyLn2w+UPcCgYAT9AOXMYocirFWnwUOtBLk57kS5okbDle9pV9+j9dhveHtr7mY\
    5pw3ESjPf/CUMm0pQSP7WroDCQe4k47cHENuf/kiKn35SPn8+Spiv8RQyOnhu0RaWatMj/mUqe1yP1M6RHSwD/PCT2FpsvDDNPgu\
    seTlnNMf5YQ0dblm8Dd/VQ==";

/// The audience of the tokens.
pub const AUDIENCE: &str = "api://autotask-mcp";

/// A provider; closed when dropped.
pub struct IdentityProvider {
    upstream: Upstream,
    state: Arc<Mutex<State>>,
}

struct State {
    keys: Vec<Value>,
    behavior: Behavior,
    fetches: usize,
}

/// How the provider answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behavior {
    Normal,
    Unavailable,
    Silent,
    Huge,
    NotJson,
    OtherIssuer,
}

/// A private key and the `kid` of its public one.
pub struct SigningKey {
    pub id: String,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl IdentityProvider {
    /// A provider that publishes these keys.
    pub fn open(keys: &[&SigningKey]) -> Self {
        let (keys, behavior) = (keys.iter().map(|key| key.jwk()).collect(), Behavior::Normal);
        let state = Arc::new(Mutex::new(State { keys, behavior, fetches: 0 }));
        let shared = state.clone();
        let upstream = Upstream::open(move |request: Request<Incoming>| {
            let (path, host) = (request.uri().path().to_owned(), request.headers()["host"].clone());
            let issuer = format!("http://{}", host.to_str().expect("a host"));
            let (behavior, keys) = {
                let mut state = shared.lock().expect("the state");
                state.fetches += usize::from(path == "/jwks");
                (state.behavior, state.keys.clone())
            };
            async move { answer(behavior, &path, &issuer, keys).await }
        });
        Self { upstream, state }
    }

    /// The issuer of the tokens.
    pub fn issuer(&self) -> String {
        format!("http://{}", self.upstream.address())
    }

    /// Publishes these keys from now on.
    pub fn publish(&self, keys: &[&SigningKey]) {
        self.state.lock().expect("the state").keys = keys.iter().map(|key| key.jwk()).collect();
    }

    /// Answers this way from now on.
    pub fn behave(&self, behavior: Behavior) {
        self.state.lock().expect("the state").behavior = behavior;
    }

    /// How often the keys were fetched.
    pub fn fetches(&self) -> usize {
        self.state.lock().expect("the state").fetches
    }

    /// Valid claims of this person, with these instead or in addition; `null` removes one.
    pub fn claims(&self, email: &str, others: &Value) -> Value {
        let now = now();
        let mut claims = json!({
            "iss": self.issuer(), "aud": AUDIENCE, "sub": format!("id-of-{email}"), "email": email,
            "iat": now, "exp": now + 300, "roles": ["full"],
        });
        for (name, value) in others.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        claims
    }

    /// A valid token of this person.
    pub fn token(&self, key: &SigningKey, email: &str) -> String {
        key.sign(&self.claims(email, &json!({})))
    }

    /// The settings that make a server accept the tokens.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let audience = ("AUTOTASK_OAUTH_AUDIENCE", AUDIENCE.to_owned());
        vec![("AUTOTASK_OAUTH_ISSUER", self.issuer()), audience]
    }
}

async fn answer(behavior: Behavior, path: &str, issuer: &str, keys: Vec<Value>) -> Reply {
    let document = match path {
        "/.well-known/openid-configuration" => {
            let other = if behavior == Behavior::OtherIssuer { "/other" } else { "" };
            json!({ "issuer": format!("{issuer}{other}"), "jwks_uri": format!("{issuer}/jwks") })
        }
        "/jwks" => json!({ "keys": keys }),
        _ => return status(StatusCode::NOT_FOUND),
    };
    match behavior {
        Behavior::Normal | Behavior::OtherIssuer => ok_reply(document.to_string()),
        Behavior::Unavailable => status(StatusCode::SERVICE_UNAVAILABLE),
        Behavior::NotJson => ok_reply("<html>"),
        Behavior::Huge => repeated_body(Bytes::from_static(&[b' '; 16384]), 1000),
        Behavior::Silent => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            ok_reply("")
        }
    }
}

fn status(status: StatusCode) -> Reply {
    let mut reply = ok_reply("");
    *reply.status_mut() = status;
    reply
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl SigningKey {
    /// The one RSA key.
    pub fn rsa(id: &str) -> Self {
        let key = STANDARD.decode(RSA_KEY).expect("base64");
        let pair = Pair::Rsa(RsaKeyPair::from_pkcs8(&key).expect("a key"));
        Self { id: id.to_owned(), pair }
    }

    /// A new key on the curve P-256.
    pub fn ec(id: &str) -> Self {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).expect("a key");
        Self { id: id.to_owned(), pair: Pair::Ec(pair) }
    }

    /// A new Ed25519 key.
    pub fn ed(id: &str) -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8(key.as_ref()).expect("a key");
        Self { id: id.to_owned(), pair: Pair::Ed(pair) }
    }

    /// The public key as a provider publishes it.
    pub fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "kid": self.id, "n": encode(public.n), "e": encode(public.e) })
            }
            Pair::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "kid": self.id, "x": encode(x), "y": encode(y) })
            }
            Pair::Ed(pair) => {
                let x = encode(pair.public_key());
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": self.id, "x": x })
            }
        }
    }

    /// A token with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        let algorithm = match &self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
            Pair::Ed(_) => "EdDSA",
        };
        self.sign_as(&json!({ "alg": algorithm, "typ": "JWT", "kid": self.id }), claims)
    }

    /// A token with this header and these claims.
    pub fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let (bytes, random) = (message.as_bytes(), SystemRandom::new());
        let signature = match &self.pair {
            Pair::Ec(pair) => pair.sign(&random, bytes).expect("a signature").as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(bytes).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let signed = match header["alg"] == "PS256" {
                    true => pair.sign(&RSA_PSS_SHA256, &random, bytes, &mut signature),
                    false => pair.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature),
                };
                signed.expect("a signature");
                signature
            }
        };
        format!("{message}.{}", encode(signature))
    }
}

/// The first two parts of a token.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encode(header.to_string()), encode(claims.to_string()))
}
