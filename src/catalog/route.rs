//! The verbs that an address supports, and how a child is addressed under its parent.

use super::{Entity, Field};

/// An action at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `POST {address}/query` and `/query/count`; at a root only.
    Query,
    /// `GET {address}` of a child collection.
    List,
    /// `GET {address}/{id}`.
    Get,
    /// `POST {address}`.
    Create,
    /// `PATCH {address}`, the id in the body.
    Update,
    /// `DELETE {address}/{id}`.
    Delete,
}

/// An entity's route under a parent: `{segment}/{parent id}/{name}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Child {
    pub entity: Entity,
    /// None if the segment is not an entity.
    pub parent: Option<Entity>,
    pub segment: &'static str,
    /// The short name, such as `Notes` for `TicketNotes`.
    pub name: &'static str,
    /// The child's field with the parent's id, if known.
    pub parent_field: Option<&'static str>,
    pub(super) verbs: Verbs,
}

impl Child {
    /// Whether the child's address supports this verb.
    #[must_use]
    pub fn supports(&self, verb: Verb) -> bool {
        self.verbs.has(verb)
    }

    /// The child's field that refers to its parent, if known.
    #[must_use]
    pub fn reference(&self) -> Option<&'static Field> {
        self.entity.field(self.parent_field?)
    }

    /// The value for `parentEntity`: the parent's name, or the segment if it is not an entity.
    #[must_use]
    pub fn parent_name(&self) -> &'static str {
        self.parent.map_or(self.segment, Entity::name)
    }
}

/// A set of verbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verbs(u8);

impl Verbs {
    /// Parses letters such as `QG-U-`.
    pub(super) const fn read(letters: &str) -> Self {
        let (letters, mut set, mut at) = (letters.as_bytes(), 0, 0);
        while at < letters.len() {
            set |= bit(letters[at]);
            at += 1;
        }
        Self(set)
    }

    pub(super) const fn has(self, verb: Verb) -> bool {
        self.0 & (1 << verb as u8) != 0
    }
}

const fn bit(letter: u8) -> u8 {
    match letter {
        b'Q' => 1 << Verb::Query as u8,
        b'L' => 1 << Verb::List as u8,
        b'G' => 1 << Verb::Get as u8,
        b'C' => 1 << Verb::Create as u8,
        b'U' => 1 << Verb::Update as u8,
        b'D' => 1 << Verb::Delete as u8,
        _ => 0,
    }
}

/// A child: the entity, its parent, segment and short name, its field with the parent's id, verbs as `LGCUD`.
pub(super) const fn child(
    entity: Entity,
    parent: Option<Entity>,
    (segment, name, parent_field): (&'static str, &'static str, &'static str),
    verbs: &str,
) -> Child {
    let parent_field = if parent_field.is_empty() { None } else { Some(parent_field) };
    Child { entity, parent, segment, name, parent_field, verbs: Verbs::read(verbs) }
}
