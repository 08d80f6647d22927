//! What the claims of a verified token make of its holder: a role, a person, or a reason to reject it.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::access::caller::Person;
use crate::access::is_tool_or_group;
use crate::config::Http;

/// The claims of a token.
pub type Claims = Map<String, Value>;

/// The longest address that e-mail allows.
const MAX_EMAIL_CHARS: usize = 254;

/// Which claims say what, and which scopes a token must carry.
#[derive(Debug, Clone)]
pub struct ClaimPolicy {
    scopes: Vec<String>,
    role_claim: String,
    person_claim: String,
}

/// The holder of a token.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Holder {
    /// The provider's identifier of the holder.
    pub subject: String,
    /// The person that the holder acts for.
    pub person: Option<Person>,
    /// Whether the holder only reads.
    pub read_only: bool,
    /// The only tools and groups of the holder, if the role names some.
    pub tools: Option<Vec<String>>,
}

/// Why a token is rejected; the text contains nothing of the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenProblem {
    /// The request has no token.
    Missing,
    TooLong,
    /// Neither a static token nor a JWT with an allowed algorithm.
    NotSigned,
    UnknownKey,
    /// No keys could be read from the provider so far.
    NoKeys,
    BadSignature,
    Expired,
    NotYetValid,
    WrongIssuer,
    WrongAudience,
    /// A claim is missing or has another type than it should.
    InvalidClaim(&'static str),
    /// The token is valid and lacks this scope.
    MissingScope(String),
}

impl ClaimPolicy {
    /// The policy that the settings describe.
    #[must_use]
    pub fn new(http: &Http) -> Self {
        Self {
            scopes: http.oauth_scopes.clone(),
            role_claim: http.oauth_role_claim.clone(),
            person_claim: http.oauth_person_claim.clone(),
        }
    }

    /// The scopes that every token must carry, as clients request them.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// The holder of a token with these claims.
    ///
    /// # Errors
    /// `MissingScope`, or `InvalidClaim` for a token that identifies nobody.
    pub fn holder(&self, claims: &Claims) -> Result<Holder, TokenProblem> {
        let subject =
            claims.get("sub").and_then(Value::as_str).filter(|subject| !subject.is_empty());
        let subject = subject.ok_or(TokenProblem::InvalidClaim("sub"))?.to_owned();
        let carried = [words(claims.get("scope"), ' '), words(claims.get("scp"), ' ')].concat();
        let missing = self.scopes.iter().find(|scope| !is_carried(scope, &carried));
        if let Some(scope) = missing {
            return Err(TokenProblem::MissingScope(scope.clone()));
        }
        let role = words(find_claim(claims, &self.role_claim), ',');
        let (read_only, tools) = parse_role(&role);
        Ok(Holder { subject, person: self.person(claims), read_only, tools })
    }

    /// An address that the provider reports as not verified identifies nobody.
    fn person(&self, claims: &Claims) -> Option<Person> {
        let email = find_claim(claims, &self.person_claim)?.as_str()?.trim();
        let is_unverified = claims.get("email_verified") == Some(&Value::Bool(false));
        let is_email = email.contains('@')
            && email.chars().count() <= MAX_EMAIL_CHARS
            && !email.contains(|c: char| c.is_whitespace() || c.is_control());
        let is_valid = is_email && !(self.person_claim == "email" && is_unverified);
        is_valid.then(|| Person::Email(Arc::from(email.to_lowercase())))
    }
}

/// A token may carry a scope whole, or, as Entra ID does, the part after its last `/`.
fn is_carried(scope: &str, carried: &[&str]) -> bool {
    let short = scope.rsplit('/').next().unwrap_or(scope);
    carried.iter().any(|word| *word == scope || *word == short)
}

/// A claim by its name, or by its path of names between dots.
fn find_claim<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        rest.split('.').try_fold(claims.get(first)?, |value, name| value.get(name))
    })
}

/// The words of a claim that is a text or a list of texts.
fn words(claim: Option<&Value>, separator: char) -> Vec<&str> {
    let texts = match claim {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => vec![text.as_str()],
        _ => Vec::new(),
    };
    let words = texts.into_iter().flat_map(|text| text.split(separator)).map(str::trim);
    words.filter(|word| !word.is_empty()).collect()
}

/// Whether a role only reads, and its tools; each known word restricts, and without one nothing is written.
fn parse_role(words: &[&str]) -> (bool, Option<Vec<String>>) {
    let tools: Vec<_> =
        words.iter().filter(|word| is_tool_or_group(word)).map(|&w| w.to_owned()).collect();
    let is_known = !tools.is_empty() || words.contains(&"full");
    let read_only = !is_known || words.contains(&"read-only");
    (read_only, (!tools.is_empty()).then_some(tools))
}

impl fmt::Display for TokenProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "a bearer token is required",
            Self::TooLong => "the token is too long",
            Self::NotSigned => "the token is not a JWT that is signed with RS, PS, ES or EdDSA",
            Self::UnknownKey => "the token is not signed with a current key of the provider",
            Self::NoKeys => "the keys of the identity provider could not be read; try again later",
            Self::BadSignature => "the signature of the token is invalid",
            Self::Expired => "the token has expired",
            Self::NotYetValid => "the token is not valid yet",
            Self::WrongIssuer => "the token was issued by another provider",
            Self::WrongAudience => "the token was issued for another resource",
            Self::InvalidClaim(name) => {
                return write!(f, "the claim {name} of the token is missing or invalid");
            }
            Self::MissingScope(scope) => return write!(f, "the token lacks the scope {scope}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(scopes: &[&str], role_claim: &str, person_claim: &str) -> ClaimPolicy {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        ClaimPolicy { scopes, role_claim: role_claim.into(), person_claim: person_claim.into() }
    }

    fn holder(policy: &ClaimPolicy, claims: &Value) -> Result<Holder, TokenProblem> {
        let mut claims = claims.as_object().expect("an object").clone();
        claims.entry("sub").or_insert("7c1".into());
        policy.holder(&claims)
    }

    #[test]
    fn a_role_only_restricts() {
        for (role, read_only, tools) in [
            (json!(null), true, None),
            (json!("admin"), true, None),
            (json!(7), true, None),
            (json!("Full"), true, None),
            (json!("nearly full"), true, None),
            (json!("full"), false, None),
            (json!(["offline_access", "full"]), false, None),
            (json!(["full", "read-only"]), true, None),
            (json!("tickets, get-company"), false, Some(vec!["tickets", "get-company"])),
            (json!(["tickets"]), false, Some(vec!["tickets"])),
            (json!(["tickets", "full"]), false, Some(vec!["tickets"])),
            (json!(["tickets", "read-only"]), true, Some(vec!["tickets"])),
            (json!(["-delete-entity"]), false, Some(vec!["-delete-entity"])),
        ] {
            let found = holder(&policy(&[], "roles", "email"), &json!({ "roles": role }));
            let found = found.expect("a holder");
            let tools: Option<Vec<String>> = tools.map(|t| t.into_iter().map(Into::into).collect());
            assert_eq!((found.read_only, found.tools), (read_only, tools), "{role}");
        }
        for (name, claims) in [
            ("realm_access.roles", json!({ "realm_access": { "roles": ["full"] } })),
            ("https://example.com/roles", json!({ "https://example.com/roles": "full" })),
        ] {
            let found = holder(&policy(&[], name, "email"), &claims).expect("a holder");
            assert!(!found.read_only, "{name}");
        }
    }

    #[test]
    fn a_person_is_an_address_in_lower_case() {
        for (claim, claims, person) in [
            ("email", json!({ "email": "Jonah@Example.Test" }), Some("jonah@example.test")),
            (
                "email",
                json!({ "email": "jonah@example.test", "email_verified": true }),
                Some("jonah@example.test"),
            ),
            ("email", json!({ "email": "jonah@example.test", "email_verified": false }), None),
            ("email", json!({ "email": "jonah" }), None),
            ("email", json!({ "email": "a@b c" }), None),
            ("email", json!({ "email": ["jonah@example.test"] }), None),
            ("email", json!({ "preferred_username": "jonah@example.test" }), None),
            ("upn", json!({ "upn": "jonah@example.test" }), Some("jonah@example.test")),
            ("email", json!({ "email": format!("{}@example.test", "a".repeat(250)) }), None),
        ] {
            let found = holder(&policy(&[], "roles", claim), &claims).expect("a holder");
            assert_eq!(found.person, person.map(|email| Person::Email(email.into())), "{claims}");
        }
    }

    #[test]
    fn every_scope_is_needed() {
        let both = policy(&["mcp", "api://5d/write"], "roles", "email");
        for (claims, missing) in [
            (json!({ "scope": "openid mcp write" }), None),
            (json!({ "scp": "mcp api://5d/write" }), None),
            (json!({ "scp": ["mcp", "write"] }), None),
            (json!({ "scope": "mcp", "scp": "write" }), None),
            (json!({ "scope": "mcp" }), Some("api://5d/write")),
            (json!({ "scope": "mcpwrite write" }), Some("mcp")),
            (json!({ "roles": ["mcp", "write"] }), Some("mcp")),
            (json!({}), Some("mcp")),
        ] {
            let problem = holder(&both, &claims).err();
            let expected = missing.map(|scope| TokenProblem::MissingScope(scope.to_owned()));
            assert_eq!(problem, expected, "{claims}");
        }
        let anonymous = policy(&[], "roles", "email").holder(&Claims::new());
        assert_eq!(anonymous, Err(TokenProblem::InvalidClaim("sub")));
    }
}
