//! Everyday and legacy terms for entities and fields, and what the REST API cannot do.

use super::Entity;
use super::generated::{TERMS, UNAVAILABLE};

/// A term, in lower case.
pub(super) struct Term {
    word: &'static str,
    entities: &'static [Entity],
    fields: &'static [&'static str],
}

pub(super) const fn term(
    word: &'static str,
    entities: &'static [Entity],
    fields: &'static [&'static str],
) -> Term {
    Term { word, entities, fields }
}

/// Something that the REST API cannot do.
#[derive(Debug, PartialEq, Eq)]
pub struct Unavailable {
    words: &'static [&'static str],
    pub message: &'static str,
    /// What can be done instead.
    pub instead: &'static str,
}

pub(super) const fn unavailable(
    words: &'static [&'static str],
    message: &'static str,
    instead: &'static str,
) -> Unavailable {
    Unavailable { words, message, instead }
}

/// What a term of a caller stands for besides names of entities.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    pub entities: Vec<Entity>,
    /// Fields as `Entity.field`.
    pub fields: Vec<&'static str>,
}

/// The entities and fields of a term, in any letter case and number; parts of longer terms count.
#[must_use]
pub fn meaning(text: &str) -> Meaning {
    let text = normalized(text);
    let mut meaning = Meaning::default();
    let exact = TERMS.iter().filter(|term| is_same_term(term.word, &text));
    let longer = TERMS.iter().filter(|term| text.len() > 3 && term.word.contains(&text));
    for term in exact.chain(longer) {
        for entity in term.entities {
            if !meaning.entities.contains(entity) {
                meaning.entities.push(*entity);
            }
        }
        for field in term.fields {
            if !meaning.fields.contains(field) {
                meaning.fields.push(field);
            }
        }
    }
    meaning
}

/// The one entity that a term stands for, if there is no other.
#[must_use]
pub fn single_entity(text: &str) -> Option<Entity> {
    let text = normalized(text);
    let terms = TERMS.iter().filter(|term| is_same_term(term.word, &text));
    let mut entities = terms.flat_map(|term| term.entities);
    let first = *entities.next()?;
    entities.all(|entity| *entity == first).then_some(first)
}

/// What the REST API cannot do about a term, such as `merge tickets` or `RecurringTickets`.
#[must_use]
pub fn find_unavailable(text: &str) -> Option<&'static Unavailable> {
    let words = words(text);
    let occurs = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(start) => words.iter().any(|word| word.starts_with(start)),
        None => words.iter().any(|word| word == pattern),
    };
    UNAVAILABLE.iter().find(|one| one.words.iter().all(&occurs))
}

/// The words of a text or of a camelCase name, in lower case.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in text.chars() {
        let starts = letter.is_uppercase() || !(letter.is_alphanumeric() || letter == '-');
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric() || letter == '-') {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn normalized(text: &str) -> String {
    text.trim().to_lowercase()
}

/// `technicians` is `technician`, `batteries` would be `battery`.
fn is_same_term(word: &str, text: &str) -> bool {
    let compact = |text: &str| text.replace([' ', '-', '_'], "");
    let (word, text) = (compact(word), compact(text));
    let singular = text.strip_suffix("ies").map(|stem| format!("{stem}y"));
    text == word
        || text.strip_suffix('s').is_some_and(|stem| stem == word)
        || text.strip_suffix("es").is_some_and(|stem| stem == word)
        || singular.is_some_and(|singular| singular == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_lead_to_entities_and_fields() {
        for (text, entity) in [
            ("device", Entity::ConfigurationItems),
            ("CI", Entity::ConfigurationItems),
            ("Technicians", Entity::Resources),
            ("Accounts", Entity::Companies),
            ("InstalledProducts", Entity::ConfigurationItems),
            ("AllocationCodes", Entity::BillingCodes),
            ("KB", Entity::KnowledgeBaseArticles),
            ("to-do", Entity::CompanyToDos),
        ] {
            assert!(meaning(text).entities.contains(&entity), "{text}");
        }
        assert_eq!(meaning("queue").fields, ["Tickets.queueID"]);
        assert_eq!(single_entity("InstalledProducts"), Some(Entity::ConfigurationItems));
        assert_eq!(single_entity("calendar"), None);
    }

    #[test]
    fn what_the_api_cannot_do_is_known_by_its_words() {
        for (text, known) in [
            ("merge", true),
            ("mergeIntoTicketID", true),
            ("RecurringTickets", true),
            ("approve and post", true),
            ("project template", true),
            ("sendEmail", true),
            ("postalCode", false),
            ("priority", false),
            ("emergency", false),
        ] {
            assert_eq!(find_unavailable(text).is_some(), known, "{text}");
        }
    }
}
