//! Searches for phone numbers, which tenants store in many formats: the filter uses the last digits only, and the
//! candidates are then compared by all digits.

use serde_json::{Map, Value};

use super::{Condition, Op};
use crate::catalog::Field;

/// The filter searches for this many digits at the end of a number, which common formats do not split.
const LAST_DIGITS: usize = 4;
/// Numbers with fewer digits match any part of a stored number, others only its end.
const MIN_FULL_DIGITS: usize = 7;

/// A search for a phone number in several fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneSearch {
    pub fields: Vec<&'static Field>,
    /// Without a country code or a trunk prefix.
    digits: String,
}

impl PhoneSearch {
    /// Parses a number in any common format; none if the text is not a phone number.
    #[must_use]
    pub fn parse(fields: Vec<&'static Field>, number: &str) -> Option<Self> {
        const MIN_DIGITS: usize = 3;
        let number = without_extension(number);
        let is_number = number.chars().all(|c| c.is_ascii_digit() || " +-.()/".contains(c));
        let digits = significant_digits(number);
        (is_number && digits.len() >= MIN_DIGITS).then_some(Self { fields, digits })
    }

    /// The condition for candidates: one of the fields contains the last digits.
    #[must_use]
    pub fn condition(&self) -> Condition {
        let start = self.digits.len().saturating_sub(LAST_DIGITS);
        let last = self.digits.get(start..).unwrap_or_default();
        let tests =
            self.fields.iter().map(|field| Condition::test(field, Op::Contains, last.into()));
        Condition::Or(tests.collect())
    }

    /// Whether a record has the number in one of the fields.
    #[must_use]
    pub fn matches(&self, record: &Map<String, Value>) -> bool {
        let stored = self.fields.iter().filter_map(|field| record.get(field.name)?.as_str());
        stored.map(significant_digits).any(|stored| self.is_same(&stored))
    }

    /// A number with a country code equals the same number without it.
    fn is_same(&self, stored: &str) -> bool {
        let has_country_code = stored.len() >= MIN_FULL_DIGITS && self.digits.ends_with(stored);
        stored.contains(&self.digits) || has_country_code
    }
}

/// The number without the scheme of `tel:+1-757-555-1105` or the extension of `757 555-1105 ext. 12`.
fn without_extension(number: &str) -> &str {
    let number = number.trim();
    let number = number.strip_prefix("tel:").unwrap_or(number);
    let extension = [";", ",", "x", "X", "ext", "Ext", "EXT", "#"];
    let end = extension.iter().filter_map(|word| number.find(word)).min();
    number.get(..end.unwrap_or(number.len())).unwrap_or(number)
}

/// The digits without leading zeros, and without the North American country code.
fn significant_digits(number: &str) -> String {
    const NORTH_AMERICAN_DIGITS: usize = 10;
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    let national = digits.strip_prefix('1').filter(|rest| rest.len() == NORTH_AMERICAN_DIGITS);
    national.unwrap_or(digits).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::Entity;

    #[test]
    fn common_formats_of_one_number_are_the_same() {
        let field = Entity::Contacts.field("phone").unwrap();
        for (typed, stored, is_same) in [
            ("757 555-1077", "757-555-1077", true),
            ("+1 (757) 555-1077", "(757) 555-1077", true),
            ("7575551077", "+1 757 555 1077", true),
            ("757.555.1077", "1-757-555-1077 x12", true),
            ("555-1077", "757-555-1077", true),
            ("757 555-1077", "555-1077", true),
            ("757 555-1077", "756-555-1077", false),
            ("757 555-1077", "757-555-1078", false),
            ("+44 20 7946 0958", "020 7946 0958", true),
            ("020 7946 0958", "+442079460958", true),
            ("4711", "0221-4711", true),
            ("(757) 555-1077 x12", "757-555-1077", true),
            ("757 555-1077, ext. 4", "757-555-1077", true),
            ("757 555-1077 Ext 4", "757-555-1078", false),
            ("tel:+1-757-555-1077", "757-555-1077", true),
            ("tel:+1-757-555-1077;ext=4", "757-555-1077 x4", true),
        ] {
            let search = PhoneSearch::parse(vec![field], typed).unwrap();
            let record = json!({ "phone": stored });
            assert_eq!(search.matches(record.as_object().unwrap()), is_same, "{typed} {stored}");
        }
        for typed in ["", "12", "Ada", "call 757"] {
            assert_eq!(PhoneSearch::parse(vec![field], typed), None, "{typed}");
        }
    }
}
