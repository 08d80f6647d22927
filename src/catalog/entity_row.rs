//! The generated definition of an entity: its names, rights, routes and fields.

use super::field::Field;
use super::route::Verbs;

/// The definition of an entity.
pub(super) struct EntityDef {
    pub(super) name: &'static str,
    pub(super) singular: &'static str,
    pub(super) can: Verbs,
    pub(super) root: Verbs,
    pub(super) udfs: bool,
    pub(super) webhooks: bool,
    pub(super) names: &'static str,
    pub(super) disambiguating: &'static str,
    pub(super) fields: &'static [Field],
}

/// An entity's definition: names; rights as `QCUD`; root routes as `QGCUD`; `U`DFs and `W`ebhooks; the fields that name
/// a record and those that distinguish it, separated by `|`; fields.
pub(super) const fn row(
    name: &'static str,
    singular: &'static str,
    (can, root, marks): (&str, &str, &str),
    (names, disambiguating): (&'static str, &'static str),
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
        disambiguating,
        fields,
    }
}
