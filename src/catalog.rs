//! Entities and fields: look-ups, rights and routes, closest names.

pub mod coerce;
pub mod tenant_fields;
pub mod udf_types;

mod discovered;
mod entity_row;
pub mod field;
mod generated;
pub mod instant;
pub mod route;
pub mod terms;

pub use discovered::DiscoveredSchema;
pub use field::{DataType, Field, Tristate};
pub use generated::Entity;
pub use route::{Child, Verb};

use std::collections::BTreeMap;
use std::sync::LazyLock;

use generated::CHILDREN;

/// The publication date of the documents that `schema/entities` is generated from.
pub const SCHEMA_DATE: &str = "June 2026";

/// The member of a record with its user-defined fields, and the path segment that lists them.
pub const UDFS: &str = "userDefinedFields";

impl Entity {
    /// The entity of a collection name or a singular, in any letter case.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        static BY_NAME: LazyLock<BTreeMap<String, Entity>> = LazyLock::new(|| {
            // If two entities share a name, the first one wins.
            let all = Entity::ALL.into_iter().rev();
            let names =
                all.flat_map(|entity| [entity.singular(), entity.name()].map(|n| (n, entity)));
            names.map(|(name, entity)| (name.to_ascii_lowercase(), entity)).collect()
        });
        BY_NAME.get(&name.to_ascii_lowercase()).copied()
    }

    /// The entity of exactly this collection name.
    #[must_use]
    pub fn by_exact_name(name: &str) -> Option<Self> {
        // `ALL` is sorted by name.
        let index = Self::ALL.binary_search_by_key(&name, |entity| entity.name());
        index.ok().and_then(|index| Self::ALL.get(index)).copied()
    }

    /// The collection's name, which is its path segment.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Autotask's singular name for references and messages; the plural if none is known.
    #[must_use]
    pub fn singular(self) -> &'static str {
        match self.row().singular {
            "" => self.name(),
            name => name,
        }
    }

    /// The singular with a capitalized article, such as `An Opportunity`.
    #[must_use]
    pub fn with_article(self) -> String {
        let name = self.singular();
        let article = if name.starts_with(['A', 'E', 'I', 'O']) { "An" } else { "A" };
        format!("{article} {name}")
    }

    /// Whether records can have user-defined fields.
    #[must_use]
    pub fn has_udfs(self) -> bool {
        self.row().udfs
    }

    /// Whether webhooks can report changes.
    #[must_use]
    pub fn has_webhooks(self) -> bool {
        self.row().webhooks
    }

    /// Whether `entityInformation` grants this verb (query, create, update or delete) to an administrator.
    #[must_use]
    pub fn can(self, verb: Verb) -> bool {
        self.row().can.has(verb)
    }

    /// Whether the entity's root supports this verb.
    #[must_use]
    pub fn root_supports(self, verb: Verb) -> bool {
        self.row().root.has(verb)
    }

    /// How the entity is addressed under a parent, if it has one.
    #[must_use]
    pub fn as_child(self) -> Option<&'static Child> {
        // `CHILDREN` is sorted by name too, without duplicates.
        let index = CHILDREN.binary_search_by_key(&self, |child| child.entity);
        index.ok().and_then(|index| CHILDREN.get(index))
    }

    /// The entities addressed under this one.
    pub fn children(self) -> impl Iterator<Item = &'static Child> {
        CHILDREN.iter().filter(move |child| child.parent == Some(self))
    }

    /// All standard fields, sorted by name.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        self.row().fields
    }

    /// Whether records have names.
    #[must_use]
    pub fn has_names(self) -> bool {
        !self.row().names.is_empty()
    }

    /// The names of a record, starting with the one to show; each is one field, or two joined by a space.
    pub fn names(self) -> impl Iterator<Item = Vec<&'static Field>> {
        let names = self.row().names.split('|');
        let fields = move |name: &str| name.split(' ').filter_map(|f| self.field(f)).collect();
        names.map(fields).filter(|name: &Vec<_>| !name.is_empty())
    }

    /// The fields that distinguish records with the same name.
    pub fn disambiguating_fields(self) -> impl Iterator<Item = &'static Field> {
        let names = self.row().disambiguating.split('|');
        names.filter_map(move |name| self.field(name))
    }

    /// The field with this name, in any letter case.
    #[must_use]
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }
}

impl Child {
    /// Every child route.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &CHILDREN
    }
}

/// The item with a name, preferably in this letter case, or in any.
pub fn find_by_name<T>(
    all: impl Iterator<Item = T> + Clone,
    name: &str,
    name_of: impl Fn(&T) -> &str,
) -> Option<T> {
    let exact = all.clone().find(|item| name_of(item) == name);
    exact.or_else(|| {
        let mut all = all;
        all.find(|item| name_of(item).eq_ignore_ascii_case(name))
    })
}

/// The few candidates most similar to a word, the best first; empty if none is similar enough.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    const MIN_SIMILARITY: f64 = 0.84;
    let similarity = similarity(word);
    let mut scored: Vec<_> = candidates.map(|name| (similarity(name), name)).collect();
    scored.retain(|(score, _)| *score > MIN_SIMILARITY);
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().map(|(_, name)| name).take(3).collect()
}

/// Whether a word is a typing error away from a candidate.
pub fn is_very_similar<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> bool {
    const MIN_TYPO_SIMILARITY: f64 = 0.93;
    candidates.map(similarity(word)).any(|score| score > MIN_TYPO_SIMILARITY)
}

/// Whether a word is at most two letters away from a name.
#[must_use]
pub fn is_typo(word: &str, name: &str) -> bool {
    const MAX_EDITS: usize = 2;
    word.len().abs_diff(name.len()) <= MAX_EDITS
        && strsim::osa_distance(&word.to_lowercase(), &name.to_lowercase()) <= MAX_EDITS
}

/// The similarity of a name and a word, from 0 to 1; only the beginning of a very long word counts.
fn similarity(word: &str) -> impl Fn(&str) -> f64 + use<> {
    let word = word.chars().take(64).collect::<String>().to_lowercase();
    move |name| strsim::jaro_winkler(&word, &name.to_lowercase())
}
