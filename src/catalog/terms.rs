//! Everyday and legacy terms for entities and fields, and actions that the REST API does not support.

use super::generated::{TERMS, UNAVAILABLE};
use super::{Entity, Field};

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

/// An action that the REST API does not support.
#[derive(Debug, PartialEq, Eq)]
pub struct Unavailable {
    phrases: &'static [&'static str],
    pub message: &'static str,
    /// The alternative.
    pub instead: &'static str,
}

pub(super) const fn unavailable(
    phrases: &'static [&'static str],
    message: &'static str,
    instead: &'static str,
) -> Unavailable {
    Unavailable { phrases, message, instead }
}

/// A shorter text matches only whole words of a name.
const MIN_PREFIX_CHARS: usize = 4;
/// Longer texts are sentences, of which only the first words are searched.
const MAX_WORDS: usize = 8;
/// The most entities that a part of a phrase finds only by their names.
const MAX_PART_ENTITIES: usize = 4;
/// The most fields found by their names rather than by a term.
const MAX_NAMED_FIELDS: usize = 4;

/// The entities and fields that a caller's term means.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    pub entities: Vec<Entity>,
    /// Fields as `Entity.field`.
    pub fields: Vec<String>,
}

impl Meaning {
    fn is_empty(&self) -> bool {
        self.entities.is_empty() && self.fields.is_empty()
    }

    fn add(&mut self, entities: impl IntoIterator<Item = Entity>, fields: &[impl AsRef<str>]) {
        for entity in entities {
            if !self.entities.contains(&entity) {
                self.entities.push(entity);
            }
        }
        for field in fields {
            if !self.fields.iter().any(|known| known == field.as_ref()) {
                self.fields.push(field.as_ref().to_owned());
            }
        }
    }

    /// The sentence about its fields, if it has any.
    #[must_use]
    pub fn fields_sentence(&self, text: &str) -> Option<String> {
        let is_phrase = text.split_whitespace().count() > 1 && !self.entities.is_empty();
        let subject = match is_phrase {
            true => "Related fields".to_owned(),
            false => format!("{text:?} is a field"),
        };
        (!self.fields.is_empty()).then(|| format!("{subject}: {}.", self.fields.join(", ")))
    }
}

/// The entities and fields that a text means, the best first: those of the longest terms and names in it, with entities
/// of several of them first; then fields with that name.
#[must_use]
pub fn meaning(text: &str) -> Meaning {
    let mut words = words(text);
    words.truncate(MAX_WORDS);
    let parts = known_parts(&words);
    let count = |entity: &Entity| parts.iter().filter(|(_, p)| p.entities.contains(entity)).count();
    let mut meaning = Meaning::default();
    for (limit, part) in &parts {
        let entities = part.entities.iter().copied().enumerate();
        let kept = entities.filter(|(index, entity)| index < limit || count(entity) > 1);
        meaning.add(kept.map(|(_, entity)| entity), &part.fields);
    }
    meaning.entities.sort_by_key(|entity| std::cmp::Reverse(count(entity)));
    if parts.first().is_none_or(|(limit, _)| *limit != usize::MAX) {
        meaning.add([], &fields_named(&words));
    }
    meaning
}

/// The longest known parts of a text, from left to right, each with the number of entities that match it exactly.
fn known_parts(words: &[String]) -> Vec<(usize, Meaning)> {
    let (mut parts, mut rest) = (Vec::new(), words);
    while let Some((_, after_first)) = rest.split_first() {
        let lengths = (1..=rest.len()).rev().filter_map(|length| rest.split_at_checked(length));
        let mut known = lengths.map(|(part, after)| (part, whole_meaning(part), after));
        let Some((part, meaning, after)) = known.find(|(_, meaning, _)| !meaning.is_empty()) else {
            rest = after_first;
            continue;
        };
        let limit = match exact_meaning_of(part).entities.len() {
            _ if part.len() == words.len() => usize::MAX,
            0 => MAX_PART_ENTITIES,
            exact => exact,
        };
        parts.push((limit, meaning));
        rest = after;
    }
    parts
}

/// The entity whose name consists of exactly these words, and the terms with exactly this text, in singular or plural.
#[must_use]
pub fn exact_meaning(text: &str) -> Meaning {
    exact_meaning_of(&words(text))
}

fn exact_meaning_of(words: &[String]) -> Meaning {
    let mut meaning = Meaning::default();
    let text = stem(&words.concat());
    meaning.add(Entity::find(&words.concat()), &[""; 0]);
    for term in TERMS.iter().filter(|term| stem(&self::words(term.word).concat()) == text) {
        meaning.add(term.entities.iter().copied(), term.fields);
    }
    meaning
}

/// The exact meaning, and entities with these words in their name.
fn whole_meaning(words: &[String]) -> Meaning {
    let mut meaning = exact_meaning_of(words);
    let text = words.concat();
    let has_name = |entity: &Entity| is_run_of_words(&text, &self::words(entity.name()));
    let mut named: Vec<_> = Entity::ALL.into_iter().filter(has_name).collect();
    named.sort_by_key(|entity| !entity.name().to_lowercase().starts_with(&text));
    meaning.add(named, &[""; 0]);
    meaning
}

/// The fields with these words in their name, one per entity; fields with exactly this name come first, then those of
/// entities with short names.
fn fields_named(words: &[String]) -> Vec<String> {
    let text = words.concat();
    let rank = |name: &str| match name.to_lowercase() {
        name if stem(&name) == stem(&text) => Some(0),
        name if name.starts_with(&text) => Some(1),
        _ => is_run_of_words(&text, &self::words(name)).then_some(2),
    };
    let best = |entity: Entity| {
        let (name, fields) = (entity.name(), entity.fields().iter());
        let ranked =
            |field: &Field| Some((rank(field.name)?, self::words(name).len(), name, field.name));
        fields.filter_map(ranked).min()
    };
    let entities = Entity::ALL.into_iter().filter(|_| text.len() >= MIN_PREFIX_CHARS);
    let mut found: Vec<_> = entities.filter_map(best).collect();
    found.sort_unstable();
    found.iter().take(MAX_NAMED_FIELDS).map(|(.., name, field)| format!("{name}.{field}")).collect()
}

/// The entity that a term means, if there is exactly one.
#[must_use]
pub fn single_entity(text: &str) -> Option<Entity> {
    match exact_meaning(text).entities.as_slice() {
        [entity] => Some(*entity),
        _ => None,
    }
}

/// The unsupported action that a text such as `merge tickets` or `RecurringTickets` means; none for an entity or a term.
#[must_use]
pub fn find_unavailable(text: &str) -> Option<&'static Unavailable> {
    let words = words(text);
    if !exact_meaning_of(&words).is_empty() {
        return None;
    }
    let occurs = |pattern: &str| match pattern.strip_suffix('*') {
        Some(start) => words.iter().any(|word| word.starts_with(start)),
        None => words.iter().any(|word| word == pattern),
    };
    let matches = |phrases: &[&str]| phrases.iter().any(|phrase| phrase.split(' ').all(occurs));
    UNAVAILABLE.iter().find(|action| matches(action.phrases))
}

/// Whether a name contains consecutive words that match a text; the last word may be longer, or singular or plural.
fn is_run_of_words(text: &str, name: &[String]) -> bool {
    let is_run = |start: usize| {
        let mut joined = String::new();
        let mut is_same = |word: &String| {
            joined += word;
            stem(&joined) == stem(text)
        };
        name.iter().skip(start).any(&mut is_same)
            || (text.len() >= MIN_PREFIX_CHARS && joined.starts_with(text))
    };
    (0..name.len()).any(is_run)
}

/// The words of a text or of a camelCase name, in lower case and without hyphens.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_after_lower = false;
    for letter in text.chars().filter(|letter| *letter != '-') {
        if !letter.is_alphanumeric() || (is_after_lower && letter.is_uppercase()) {
            words.push(String::new());
        }
        is_after_lower = letter.is_alphanumeric() && !letter.is_uppercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The same for the singular and the plural of a word.
fn stem(word: &str) -> String {
    let is_plural = word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us");
    let singular = if is_plural { word.strip_suffix('s').unwrap_or(word) } else { word };
    let stem = singular.strip_suffix('e').unwrap_or(singular);
    stem.strip_suffix('y').map_or_else(|| stem.to_owned(), |stem| format!("{stem}i"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_mean_entities_and_fields() {
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
        assert_eq!(exact_meaning("Queues").entities, []);
        assert_eq!(single_entity("InstalledProducts"), Some(Entity::ConfigurationItems));
        assert_eq!(single_entity("calendar"), None);
    }

    #[test]
    fn the_best_entity_comes_first() {
        for (text, expected) in [
            ("service call", "ServiceCalls"),
            ("servicecalls", "ServiceCalls"),
            ("purchase order", "PurchaseOrders"),
            ("sales order", "SalesOrders"),
            ("quote item", "QuoteItems"),
            ("company note", "CompanyNotes"),
            ("contract rate", "ContractRates"),
            ("ticket notes", "TicketNotes"),
            ("price list", "PriceListMaterialCodes"),
            ("contract exclusion", "ContractExclusionBillingCodes"),
            ("company alerts", "CompanyAlerts"),
            ("opportunity", "Opportunities"),
            ("Opportunities", "Opportunities"),
            ("SLA breaches", "ServiceLevelAgreementResults"),
            ("technician skills", "Resources"),
            ("dispatch calendar", "ServiceCalls"),
            ("on-site visit", "ServiceCalls"),
            ("PTO balance", "ResourceTimeOffBalances"),
            ("unpaid invoices", "Invoices"),
            ("article text", "ArticlePlainTextContent"),
            ("portal user", "ClientPortalUsers"),
            ("change request", "TicketChangeRequestApprovals"),
            ("hourly rate", "Roles"),
            ("statuses of tickets", "Tickets"),
            ("PO", "PurchaseOrders"),
            ("time", "TimeEntries"),
        ] {
            let found = meaning(text).entities.first().map(|entity| entity.name());
            assert_eq!(found, Some(expected), "{text}");
        }
        assert_eq!(meaning("lead").entities, [Entity::Companies]);
    }

    #[test]
    fn a_field_is_found_by_its_name() {
        for (text, field) in [
            ("warranty", "ConfigurationItems.warrantyExpirationDate"),
            ("phone", "Contacts.phone"),
            ("email", "Contacts.emailAddress"),
            ("license", "Resources.licenseType"),
            ("hourly rate", "Roles.hourlyRate"),
            ("serial number", "ConfigurationItems.serialNumber"),
            ("monthly revenue", "Opportunities.monthlyRevenue"),
            ("city", "Companies.city"),
        ] {
            assert!(meaning(text).fields.iter().any(|found| found == field), "{text}");
        }
    }

    #[test]
    fn unsupported_actions_are_found_by_their_words() {
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
            ("recurring", true),
            ("recurring service", false),
            ("e-mail the customer", true),
            ("email", false),
            ("emailAddress", false),
            ("approved", false),
            ("invoice PDF", true),
            ("dashboards", true),
            ("project teams", true),
            ("LiveReports", true),
            ("ExpenseReports", false),
        ] {
            assert_eq!(find_unavailable(text).is_some(), known, "{text}");
        }
    }
}
