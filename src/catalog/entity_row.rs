//! What is known of an entity besides its place below a parent.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::field::Field;
use super::route::Verbs;

/// An entity's row; two rows of one name are one entity.
pub struct EntityDef {
    pub(super) name: &'static str,
    pub(super) singular: &'static str,
    pub(super) can: Verbs,
    pub(super) root: Verbs,
    pub(super) udfs: bool,
    pub(super) webhooks: bool,
    pub(super) names: &'static str,
    pub(super) beside: &'static str,
    pub(super) fields: &'static [Field],
}

/// A row: names; rights as `QCUD`; root routes as `QGCUD`; `U`DFs and `W`ebhooks; the fields that name a
/// record and that tell it apart, `|` between them; fields.
pub(super) const fn row(
    name: &'static str,
    singular: &'static str,
    (can, root, marks): (&str, &str, &str),
    (names, beside): (&'static str, &'static str),
    fields: &'static [Field],
) -> EntityDef {
    EntityDef {
        name,
        singular,
        can: Verbs::read(can),
        root: Verbs::read(root),
        udfs: marks.as_bytes()[0] == b'U',
        webhooks: marks.as_bytes()[1] == b'W',
        names,
        beside,
        fields,
    }
}

impl fmt::Debug for EntityDef {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for EntityDef {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for EntityDef {}

impl Hash for EntityDef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Ord for EntityDef {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl PartialOrd for EntityDef {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
