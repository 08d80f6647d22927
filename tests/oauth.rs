//! The program as a protected resource: which access tokens it accepts, and what it says to others.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up fails")]

use crate::support::{http_server, identity_provider};

use http_server::{HttpServer, TOKEN, call, json_of};
use identity_provider::{AUDIENCE, Behavior, IdentityProvider, SigningKey, now, unsigned};
use reqwest::Response;
use serde_json::{Value, json};

const METADATA: &str = "/.well-known/oauth-protected-resource";

fn serve(provider: &IdentityProvider, others: &[(&str, &str)]) -> HttpServer {
    let settings = provider.settings();
    let mut settings: Vec<_> =
        settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    settings.extend(others);
    HttpServer::sandbox(&settings)
}

async fn list_tools(server: &HttpServer, token: &str) -> Response {
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });
    server.post_as(token, &list).send().await.expect("a reply")
}

/// Status and `WWW-Authenticate` of a call with this token.
async fn challenge(server: &HttpServer, token: &str) -> (u16, String) {
    let reply = list_tools(server, token).await;
    let header = reply
        .headers()
        .get("www-authenticate")
        .map(|value| value.to_str().expect("text").to_owned());
    (reply.status().as_u16(), header.unwrap_or_default())
}

async fn tools(server: &HttpServer, token: &str) -> Vec<String> {
    let reply = json_of(list_tools(server, token).await).await;
    let tools = reply["result"]["tools"].as_array().unwrap_or_else(|| panic!("{reply}"));
    tools.iter().map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn only_valid_tokens_of_the_issuer_are_accepted() {
    let (rsa, ec, ed) = (SigningKey::rsa("rsa"), SigningKey::ec("ec"), SigningKey::ed("ed"));
    let provider = IdentityProvider::open(&[&rsa, &ec, &ed]);
    let server = serve(&provider, &[]);
    let now = now();
    let claims = |others: Value| provider.claims("jonah@example.test", &others);
    let header = |algorithm: &str, id: &str| json!({ "alg": algorithm, "kid": id });
    let valid = claims(json!({}));
    for token in [
        rsa.sign(&valid),
        rsa.sign_as(&header("PS256", "rsa"), &valid),
        ec.sign(&valid),
        ed.sign(&valid),
        ed.sign_as(&json!({ "alg": "EdDSA" }), &valid),
        ec.sign(&claims(json!({ "aud": ["other", AUDIENCE] }))),
        ec.sign(&claims(json!({ "exp": now - 30, "nbf": now + 30 }))),
        ec.sign(&claims(
            json!({ "exp": format!("{}.5", now + 300).parse::<f64>().expect("a number") }),
        )),
    ] {
        assert_eq!(challenge(&server, &token).await, (200, String::new()));
    }
}

/// Each reason is in the header, and nothing of the token is there or in the log.
#[tokio::test]
async fn every_other_token_is_rejected_with_its_reason() {
    let (rsa, ec) = (SigningKey::rsa("rsa"), SigningKey::ec("ec"));
    let provider = IdentityProvider::open(&[&rsa, &ec]);
    let server = serve(&provider, &[("AUTOTASK_LOG", "debug,autotask_mcp=trace")]);
    let (stranger, now) = (SigningKey::ec("ec"), now());
    let claims = |others: Value| provider.claims("jonah@example.test", &others);
    let header = |algorithm: &str, id: &str| json!({ "alg": algorithm, "kid": id });
    let valid = claims(json!({}));
    let public = serde_json::to_vec(&rsa.jwk()).expect("a key");
    let hmac = unsigned(&header("HS256", "rsa"), &valid);
    let mac =
        ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &public), hmac.as_bytes());
    let mac = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, mac);
    let changed = ec.sign(&valid).replacen(&unsigned(&header("ES256", "ec"), &valid), "", 1);
    for (token, reason) in [
        ("opaque-token-of-a-provider".to_owned(), "is not a JWT"),
        (format!("{}.", unsigned(&header("none", "ec"), &valid)), "is not a JWT"),
        (
            format!("{}.", unsigned(&header("ES256", "ec"), &valid)),
            "signature of the token is invalid",
        ),
        (format!("{hmac}.{mac}"), "is not a JWT"),
        (format!("{changed}A"), "signature of the token is invalid"),
        (stranger.sign(&valid), "signature of the token is invalid"),
        (ec.sign_as(&header("RS256", "rsa"), &valid), "signature of the token is invalid"),
        (ec.sign_as(&header("ES256", "rsa"), &valid), "current key"),
        (ec.sign_as(&header("ES384", "ec"), &valid), "current key"),
        (
            ec.sign_as(&json!({ "alg": "ES256", "kid": "ec", "crit": ["b64x"] }), &valid),
            "is not a JWT",
        ),
        (ec.sign(&claims(json!({ "iss": format!("{}/", provider.issuer()) }))), "another provider"),
        (ec.sign(&claims(json!({ "iss": [provider.issuer()] }))), "another provider"),
        (ec.sign(&claims(json!({ "iss": null }))), "claim iss"),
        (ec.sign(&claims(json!({ "aud": "api://other" }))), "another resource"),
        (ec.sign(&claims(json!({ "aud": ["api://other"] }))), "another resource"),
        (ec.sign(&claims(json!({ "aud": null }))), "claim aud"),
        (ec.sign(&claims(json!({ "aud": 7 }))), "claim aud"),
        (ec.sign(&claims(json!({ "exp": null }))), "claim exp"),
        (ec.sign(&claims(json!({ "exp": "never" }))), "claim exp"),
        (ec.sign(&claims(json!({ "exp": now - 90 }))), "has expired"),
        (ec.sign(&claims(json!({ "nbf": now + 90 }))), "is not valid yet"),
        (ec.sign(&claims(json!({ "nbf": "later" }))), "claim nbf"),
        (ec.sign(&claims(json!({ "sub": null }))), "claim sub"),
        (ec.sign(&claims(json!({ "padding": "x".repeat(20_000) }))), "too long"),
    ] {
        let (status, header) = challenge(&server, &token).await;
        let named = format!("{status} {header}");
        assert!(status == 401 && header.contains("error=\"invalid_token\""), "{reason}: {named}");
        assert!(header.contains(reason), "{reason}: {named}");
        let log = server.log();
        let parts = token.split('.').filter(|part| part.len() > 8);
        assert!(parts.clone().all(|part| !log.contains(part)), "a token was logged: {log}");
        assert!(parts.clone().all(|part| !header.contains(part)), "{header}");
    }
}

#[tokio::test]
async fn clients_learn_where_to_sign_in() {
    let key = SigningKey::ec("1");
    let provider = IdentityProvider::open(&[&key]);
    let scopes =
        [("AUTOTASK_OAUTH_SCOPES", "openid api://autotask/mcp"), ("AUTOTASK_HTTP_TOKEN", "")];
    let server = serve(&provider, &scopes);
    let resource = format!("{}/mcp", server.base);
    for path in [METADATA.to_owned(), format!("{METADATA}/mcp")] {
        let get = server.client.get(format!("{}{path}", server.base));
        let own = get.try_clone().expect("a request").header("Origin", &server.base).send().await;
        assert_eq!(own.expect("a reply").headers()["access-control-allow-origin"], server.base);
        let foreign =
            get.try_clone().expect("a request").header("Origin", "https://evil.example.com");
        assert_eq!(foreign.send().await.expect("a reply").status(), 403);
        let host = get.try_clone().expect("a request").header("Host", "evil.example.com");
        assert_eq!(host.send().await.expect("a reply").status(), 403);
        let document = json_of(get.send().await.expect("a reply")).await;
        assert_eq!(document["resource"], resource);
        assert_eq!(document["authorization_servers"], json!([provider.issuer()]));
        assert_eq!(document["scopes_supported"], json!(["openid", "api://autotask/mcp"]));
    }
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });
    let anonymous =
        server.client.post(&resource).body(list.to_string()).send().await.expect("a reply");
    let metadata = format!("resource_metadata=\"{}{METADATA}/mcp\"", server.base);
    let scope = "scope=\"openid api://autotask/mcp\"";
    assert_eq!(anonymous.status(), 401);
    let expected = format!("Bearer realm=\"autotask-mcp\", {metadata}, {scope}");
    assert_eq!(anonymous.headers()["www-authenticate"], expected);
    let claims = |scope: &str| provider.claims("jonah@example.test", &json!({ "scp": scope }));
    let (status, header) = challenge(&server, &key.sign(&claims("openid"))).await;
    assert_eq!(status, 403);
    for part in
        [&metadata, scope, "error=\"insufficient_scope\"", "lacks the scope api://autotask/mcp"]
    {
        assert!(header.contains(part), "{header}");
    }
    assert_eq!(challenge(&server, &key.sign(&claims("openid mcp"))).await.0, 200);
}

#[tokio::test]
async fn roles_and_headers_only_restrict() {
    let key = SigningKey::ec("1");
    let provider = IdentityProvider::open(&[&key]);
    let server = serve(
        &provider,
        &[("AUTOTASK_TOOLS", "-delete-entity"), ("AUTOTASK_OAUTH_ROLE_CLAIM", "app.role")],
    );
    let token = |role: Value| {
        key.sign(&provider.claims("jonah@example.test", &json!({ "app": { "role": role } })))
    };
    let all = tools(&server, TOKEN).await;
    let is_write = |tool: &String| tool.starts_with("create-") || tool.starts_with("update-");
    assert!(all.iter().any(is_write) && !all.contains(&"delete-entity".to_owned()));
    let reads: Vec<_> = all.iter().filter(|tool| !is_write(tool)).cloned().collect();
    let tickets = tools(&server, &token(json!(["tickets"]))).await;
    assert!(
        tickets.contains(&"create-ticket".to_owned()) && tickets.len() < reads.len(),
        "{tickets:?}"
    );
    for (role, expected) in [
        (json!("full"), &all),
        (json!("full,delete-entity"), &Vec::new()),
        (json!("read-only"), &reads),
        (json!(["full", "read-only"]), &reads),
        (json!("no role of ours"), &reads),
        (json!(null), &reads),
        (json!("tickets"), &tickets),
    ] {
        assert_eq!(tools(&server, &token(role.clone())).await, *expected, "{role}");
    }
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });
    let restricted =
        server.post_as(&token(json!("tickets")), &list).header("X-MCP-Readonly", "true");
    let restricted = json_of(
        restricted.header("X-MCP-Toolsets", "tickets,companies").send().await.expect("a reply"),
    )
    .await;
    let names = restricted["result"]["tools"].to_string();
    assert!(
        names.contains("get-ticket")
            && !names.contains("create-ticket")
            && !names.contains("get-company")
    );
    let arguments = json!({ "id": 8107, "title": "x", "confirm": "UPDATE_TICKET" });
    let write = server.post_as(&token(json!("read-only")), &call("update-ticket", &arguments));
    let write = json_of(write.send().await.expect("a reply")).await.to_string();
    assert!(write.contains("read-only"), "{write}");
}

/// Keys that were read stay valid, whatever the provider does; new ones are read as soon as it can be reached.
#[tokio::test]
async fn an_unavailable_provider_keeps_its_keys() {
    let [old, new, newest] = ["old", "new", "newest"].map(SigningKey::ec);
    let provider = IdentityProvider::open(&[&old]);
    let server = serve(&provider, &[]);
    let [old, new, newest] = [(&old, "old"), (&new, "new"), (&newest, "newest")]
        .map(|(key, _)| (key, provider.token(key, "jonah@example.test")));
    assert_eq!(challenge(&server, &old.1).await.0, 200);
    for behavior in [
        Behavior::Unavailable,
        Behavior::Silent,
        Behavior::Huge,
        Behavior::NotJson,
        Behavior::OtherIssuer,
    ] {
        provider.behave(behavior);
        let (status, header) = challenge(&server, &new.1).await;
        assert_eq!(status, 401, "{behavior:?}");
        assert!(header.contains("not signed with a current key"), "{behavior:?}: {header}");
        assert_eq!(challenge(&server, &old.1).await.0, 200, "{behavior:?}");
    }
    provider.behave(Behavior::Normal);
    provider.publish(&[old.0, new.0]);
    assert_eq!(challenge(&server, &new.1).await.0, 200);
    // Many requests with an unknown key cause one or two fetches, and none of them fails.
    provider.publish(&[new.0, newest.0]);
    let fetches = provider.fetches();
    let calls = (0..100).map(|_| challenge(&server, &newest.1));
    let statuses = futures_util::future::join_all(calls).await;
    assert!(statuses.iter().all(|(status, _)| *status == 200), "{statuses:?}");
    assert!(provider.fetches() - fetches <= 2, "{} fetches", provider.fetches() - fetches);
    let (status, header) = challenge(&server, &old.1).await;
    assert!(status == 401 && header.contains("not signed with a current key"), "{header}");
    // Known keys cause none.
    let fetches = provider.fetches();
    for _ in 0..20 {
        assert_eq!(challenge(&server, &newest.1).await.0, 200);
    }
    assert_eq!(provider.fetches(), fetches);
}

#[tokio::test]
async fn a_server_without_keys_rejects_access_tokens_only() {
    let key = SigningKey::ec("1");
    let provider = IdentityProvider::open(&[&key]);
    provider.behave(Behavior::Unavailable);
    let server = serve(&provider, &[]);
    let token = provider.token(&key, "jonah@example.test");
    let (status, header) = challenge(&server, &token).await;
    assert!(status == 401 && header.contains("could not be read"), "{header}");
    assert_eq!(challenge(&server, TOKEN).await.0, 200, "a static token beside it");
    let health = server.client.get(format!("{}/health", server.base)).send().await;
    assert_eq!(health.expect("a reply").status(), 200);
    assert!(server.log().contains("could not be read: "), "{}", server.log());
    provider.behave(Behavior::Normal);
    assert_eq!(challenge(&server, &token).await.0, 200);
}
