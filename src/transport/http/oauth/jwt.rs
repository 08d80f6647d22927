//! Verifies access tokens: signature, algorithm, issuer, audience and times.

use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Header, Validation};
use serde_json::Value;

use super::claims::{Claims, TokenProblem};

/// Real tokens have one to four thousand characters.
const MAX_TOKEN_BYTES: usize = 16 << 10;
/// Providers publish two to ten keys.
const MAX_KEYS: usize = 64;
/// How far the clocks of the provider and of this machine may differ.
const LEEWAY_SECONDS: u64 = 60;

/// The keys of the provider that can verify a token.
#[derive(Debug, Default)]
pub struct KeySet(Vec<TrustedKey>);

/// A public key and the algorithms it may be used with.
#[derive(Debug)]
pub struct TrustedKey {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// What is required of every token, apart from its signature.
pub struct TokenVerifier {
    issuer: String,
    validation: Validation,
}

impl KeySet {
    /// The usable keys of a JWKS; those for encryption or of other algorithms are left out.
    #[must_use]
    pub fn parse(jwks: &Value) -> Self {
        let keys = jwks["keys"].as_array().into_iter().flatten();
        let keys =
            keys.filter_map(|key| TrustedKey::new(&serde_json::from_value(key.clone()).ok()?));
        Self(keys.take(MAX_KEYS).collect())
    }

    /// Whether no key can be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key that a token names, or the only one for its algorithm if it names none.
    #[must_use]
    pub fn find(&self, header: &Header) -> Option<&TrustedKey> {
        let fits = |key: &&TrustedKey| key.algorithms.contains(&header.alg);
        let mut fitting = self.0.iter().filter(fits);
        match &header.kid {
            Some(id) => fitting.find(|key| key.id.as_ref() == Some(id)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        }
    }
}

impl TrustedKey {
    fn new(jwk: &Jwk) -> Option<Self> {
        let family: &[Algorithm] = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => AlgorithmFamily::Rsa.algorithms(),
            AlgorithmParameters::EllipticCurve(key) => match key.curve {
                EllipticCurve::P256 => &[Algorithm::ES256],
                EllipticCurve::P384 => &[Algorithm::ES384],
                _ => return None,
            },
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                &[Algorithm::EdDSA]
            }
            _ => return None,
        };
        let is_for_signatures =
            matches!(&jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
        let stated = jwk.common.key_algorithm.map(|algorithm| algorithm.to_string());
        let is_stated = |algorithm: &Algorithm| {
            stated.as_ref().is_none_or(|stated| *stated == format!("{algorithm:?}"))
        };
        let algorithms: Vec<_> = family.iter().copied().filter(is_stated).collect();
        let key = DecodingKey::from_jwk(jwk).ok()?;
        let is_usable = is_for_signatures && !algorithms.is_empty();
        is_usable.then(|| Self { id: jwk.common.key_id.clone(), algorithms, key })
    }
}

/// The header of a token, which is not verified yet.
///
/// # Errors
/// A token that no key can verify.
pub fn read_header(token: &str) -> Result<Header, TokenProblem> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenProblem::TooLong);
    }
    // Other algorithms, such as `none`, have no value of the type.
    let header = jsonwebtoken::decode_header(token).map_err(|_| TokenProblem::NotSigned)?;
    match header.alg.family() {
        AlgorithmFamily::Hmac => Err(TokenProblem::NotSigned),
        _ => Ok(header),
    }
}

impl TokenVerifier {
    /// A verifier of tokens of this issuer for this audience.
    #[must_use]
    pub fn new(issuer: &str, audience: &str) -> Self {
        super::ring_verifier::install();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        Self { issuer: issuer.to_owned(), validation }
    }

    /// The claims of a token that this key signed and that is valid here and now.
    ///
    /// # Errors
    /// Why it is not.
    pub fn verify(&self, token: &str, key: &TrustedKey) -> Result<Claims, TokenProblem> {
        let mut validation = self.validation.clone();
        validation.algorithms.clone_from(&key.algorithms);
        let verified = jsonwebtoken::decode::<Claims>(token, &key.key, &validation);
        let claims = verified.map_err(|error| problem(&error))?.claims;
        // A list of issuers would be enough for the library.
        match claims.get("iss").and_then(Value::as_str) == Some(self.issuer.as_str()) {
            true => Ok(claims),
            false => Err(TokenProblem::WrongIssuer),
        }
    }
}

fn problem(error: &Error) -> TokenProblem {
    let claim = |name: &str| {
        let names = ["exp", "nbf", "aud", "iss"];
        let name = names.into_iter().find(|known| *known == name).unwrap_or("exp");
        TokenProblem::InvalidClaim(name)
    };
    match error.kind() {
        ErrorKind::InvalidSignature => TokenProblem::BadSignature,
        ErrorKind::ExpiredSignature => TokenProblem::Expired,
        ErrorKind::ImmatureSignature => TokenProblem::NotYetValid,
        ErrorKind::InvalidIssuer => TokenProblem::WrongIssuer,
        ErrorKind::InvalidAudience => TokenProblem::WrongAudience,
        ErrorKind::MissingRequiredClaim(name) | ErrorKind::InvalidClaimFormat(name) => claim(name),
        _ => TokenProblem::NotSigned,
    }
}
