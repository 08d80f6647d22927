//! Filters: a byte that picks the entity, then the filter as JSON.

use autotask_mcp::catalog::{DiscoveredSchema, Entity};
use autotask_mcp::filter::{self, FilterContext};
use autotask_mcp::value::datetime::Calendar;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// An accepted filter survives serialization with the same meaning; evaluating it never fails.
pub fn run(data: &[u8]) {
    let Some((first, text)) = data.split_first() else { return };
    let Ok(given) = serde_json::from_slice::<Value>(text) else { return };
    let entities = Entity::ALL;
    let entity = entities[usize::from(*first) % entities.len()];
    let calendar = Calendar::new(Timestamp::UNIX_EPOCH, None);
    let discovered = DiscoveredSchema::default();
    let context = FilterContext { discovered: &discovered, calendar: &calendar };
    let read = |filter: &Value| match filter::read(context, entity, filter, &mut Vec::new()) {
        (conditions, None) => Ok(conditions),
        (_, Some(problem)) => Err(problem),
    };
    let Ok(clauses) = read(&given) else { return };
    let written = Value::from(filter::json_of(&clauses));
    let repeated = read(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
    assert_eq!(Value::from(filter::json_of(&repeated)), written, "read again");
    let passes = |record| filter::matches(record, &clauses);
    std::hint::black_box(records(&written).iter().filter(|record| passes(record)).count());
}

/// Records whose fields have the values of the filter.
fn records(filter: &Value) -> Vec<Map<String, Value>> {
    let clauses = filter.as_array().into_iter().flatten();
    let record = |clause: &Value| {
        let field = clause["field"].as_str()?.to_owned();
        Some(Map::from_iter([(field, clause["value"].clone())]))
    };
    clauses.filter_map(record).chain([Map::new()]).collect()
}
