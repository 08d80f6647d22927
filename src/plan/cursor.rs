//! The cursor: where a page ended, and a mark of what was asked, so that it continues nothing else.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Code, Error};
use crate::filter::{Condition, json_of};
use crate::plan::address::Address;

/// The cursor after the record of this id.
#[must_use]
pub fn encode(at: Address, clauses: &[Condition], after: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{:016x}{after}", query_hash(at, clauses)))
}

/// The id after which the page begins.
///
/// # Errors
/// `bad-argument` where the cursor is none, or another search's.
pub fn decode(text: &str, at: Address, clauses: &[Condition]) -> Result<i64, Error> {
    let refuse = |why: &str| {
        Error::new(Code::BadArgument, why)
            .accepts("the cursor of the page before, with the same filter")
            .next("Leave the cursor out to begin at the first page.")
    };
    let plain = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = plain.as_deref().and_then(|plain| plain.split_at_checked(16));
    let after = parts.and_then(|(_, after)| after.parse::<i64>().ok());
    match (parts, after) {
        (Some((of, _)), Some(after)) if of == format!("{:016x}", query_hash(at, clauses)) => {
            Ok(after)
        }
        (Some(_), Some(_)) => Err(refuse("The cursor belongs to another search.")),
        _ => Err(refuse("The cursor does not read.")),
    }
}

/// FNV-1a over what was asked: stable over processes and versions of the compiler.
fn query_hash(at: Address, clauses: &[Condition]) -> u64 {
    let asked = format!(
        "{} {:?} {}",
        at.entity.name(),
        at.parent,
        serde_json::Value::from(json_of(clauses))
    );
    asked.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
