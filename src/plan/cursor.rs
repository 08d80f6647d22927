//! The cursor: the last id of a page, and a hash of the query so that it cannot continue another query.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Code, Error};
use crate::filter::{Condition, json_of};
use crate::plan::Order;
use crate::plan::address::Address;

/// The cursor that continues after the record with this id.
#[must_use]
pub fn encode(place: (Address, Order), clauses: &[Condition], after: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{:016x}{after}", query_hash(place, clauses)))
}

/// The id after which the page begins.
///
/// # Errors
/// `bad-argument` if the cursor is invalid or belongs to another query.
pub fn decode(text: &str, place: (Address, Order), clauses: &[Condition]) -> Result<i64, Error> {
    let invalid = |why: &str| {
        Error::new(Code::BadArgument, why)
            .accepts("the cursor of the previous page, with the same filter and order")
            .next("Omit the cursor to begin at the first page.")
    };
    let plain = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = plain.as_deref().and_then(|plain| plain.split_at_checked(16));
    let after = parts.and_then(|(_, after)| after.parse::<i64>().ok());
    match (parts, after) {
        (Some((hash, _)), Some(after))
            if hash == format!("{:016x}", query_hash(place, clauses)) =>
        {
            Ok(after)
        }
        (Some(_), Some(_)) => Err(invalid("The cursor belongs to another search.")),
        _ => Err(invalid("The cursor is invalid.")),
    }
}

/// FNV-1a of the query, which is the same in every process and with every compiler.
fn query_hash((at, order): (Address, Order), clauses: &[Condition]) -> u64 {
    let order = match order {
        Order::OldestFirst => "",
        Order::NewestFirst => " newest",
    };
    let query = format!(
        "{} {:?} {}{order}",
        at.entity.name(),
        at.parent,
        serde_json::Value::from(json_of(clauses))
    );
    query.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
