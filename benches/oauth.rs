//! What it costs to verify an access token with a key that is known, printed beside its target.

#[path = "../tests/support/identity_provider.rs"]
mod identity_provider;
#[path = "../tests/support/stub_upstream.rs"]
mod stub_upstream;

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use autotask_mcp::transport::http::oauth::jwt::{self, KeySet, TokenVerifier};
use identity_provider::{AUDIENCE, SigningKey, now};
use serde_json::json;

const TOKENS: u32 = 20_000;
const ISSUER: &str = "https://login.example.com/tenant/v2.0";

fn main() -> Result<(), Box<dyn Error>> {
    let verifier = TokenVerifier::new(ISSUER, AUDIENCE);
    for (key, target) in [
        (SigningKey::rsa("RS256, 2048 bits"), "< 50 µs"),
        (SigningKey::ec("ES256"), "none"),
        (SigningKey::ed("EdDSA"), "none"),
    ] {
        let keys = KeySet::parse(&json!({ "keys": [key.jwk()] }));
        let token = key.sign(&json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "7c1", "exp": now() + 300,
            "email": "jonah@example.test", "roles": ["full"], "groups": vec!["a".repeat(36); 20],
        }));
        let started = Instant::now();
        for _ in 0..TOKENS {
            let header = jwt::read_header(&token).map_err(|problem| problem.to_string())?;
            let key = keys.find(&header).ok_or("a known key")?;
            black_box(verifier.verify(&token, key).map_err(|problem| problem.to_string())?);
        }
        let value = format!("{:.1?}", started.elapsed() / TOKENS);
        println!("{:<52}{value:>14}   target {target}", format!("access token, {}", key.id));
    }
    Ok(())
}
