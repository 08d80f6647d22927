//! Cursors: eight bytes of an id, then a text that may be a cursor.

use autotask_mcp::catalog::Entity;
use autotask_mcp::plan::Order;
use autotask_mcp::plan::address::Address;
use autotask_mcp::plan::cursor::{decode, encode};

/// A cursor decodes to its id, only for its own query; no other text decodes.
pub fn run(data: &[u8]) {
    let Some((id, text)) = data.split_first_chunk::<8>() else { return };
    let id = i64::from_be_bytes(*id);
    let tickets = (Address::root(Entity::Tickets), Order::OldestFirst);
    let others = [
        (Address::root(Entity::Tickets), Order::NewestFirst),
        (Address::root(Entity::Companies), Order::OldestFirst),
    ];
    let cursor = encode(tickets, &[], id);
    assert_eq!(decode(&cursor, tickets, &[]).expect("its own cursor"), id);
    for other in others {
        assert!(decode(&cursor, other, &[]).is_err(), "a cursor of another query");
    }
    let Ok(text) = std::str::from_utf8(text) else { return };
    if let Ok(after) = decode(text, tickets, &[]) {
        assert_eq!(text.len(), encode(tickets, &[], after).len(), "{text} is not canonical");
    }
}
