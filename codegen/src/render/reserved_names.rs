//! Rejects entities whose names the generated tables already use.

use std::collections::BTreeSet;

use autotask_schema::SchemaError;
use autotask_schema::schema::Schema;

use super::entities::table_name;

/// Variants, types, functions and constants in `entities.rs`, including the types of fields.
const RESERVED: [&str; 18] = [
    "ALL", "Boolean", "Bytes", "Date", "Datetime", "Decimal", "Double", "Float", "Integer", "Long",
    "None", "Short", "Some", "Text", "child", "field", "row", "text",
];
/// The table of all children; the other tables are named after their entities.
const CHILDREN: &str = "CHILDREN";

/// Rejects entities whose names would break the build.
pub fn check(schema: &Schema) -> Result<(), SchemaError> {
    let mut tables = BTreeSet::from([CHILDREN.to_owned()]);
    for (name, entity) in &schema.entities {
        let table = table_name(entity).to_string();
        let is_variant = RESERVED.contains(&name.as_str()) || RESERVED.contains(&table.as_str());
        if is_variant || !tables.insert(table) {
            return Err(SchemaError::new(format!(
                "the entity {name:?} has a name that the generated tables use already; rename theirs in codegen/src/render"
            )));
        }
    }
    Ok(())
}
