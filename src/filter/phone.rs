//! Phone numbers, which tenants store in many formats: one filter matches the digits in the common ones.

use super::{Condition, Op};
use crate::catalog::Field;

/// Digits of a North American number without its country code: area, exchange, line.
const NORTH_AMERICAN_DIGITS: usize = 10;
/// Of other numbers, so many digits at the end are compared: enough to find one, whatever precedes them.
const TAIL_DIGITS: usize = 6;

/// The condition that any of the fields contains the digits of a number; none if it has fewer than three.
#[must_use]
pub fn phone_condition(fields: &[&'static Field], number: &str) -> Option<Condition> {
    let spellings = spellings(number)?;
    let test = |field: &'static Field, text: &String| {
        Condition::test(field, Op::Contains, text.as_str().into())
    };
    let tests = fields.iter().flat_map(|field| spellings.iter().map(|text| test(field, text)));
    Some(Condition::Or(tests.collect()))
}

fn spellings(number: &str) -> Option<Vec<String>> {
    const MIN_DIGITS: usize = 3;
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let is_number = number.chars().all(|c| c.is_ascii_digit() || " +-.()/x".contains(c));
    if !is_number || digits.len() < MIN_DIGITS {
        return None;
    }
    let national = digits.strip_prefix('1').filter(|rest| rest.len() == NORTH_AMERICAN_DIGITS);
    let national = national.unwrap_or(&digits);
    if national.len() == NORTH_AMERICAN_DIGITS && !number.trim_start().starts_with("+")
        || national.len() < digits.len()
    {
        let (area, rest) = national.split_at_checked(3)?;
        let (exchange, line) = rest.split_at_checked(3)?;
        return Some(vec![
            format!("{area}-{exchange}-{line}"),
            format!("{area}) {exchange}-{line}"),
            format!("{area}){exchange}-{line}"),
            format!("{area}.{exchange}.{line}"),
            format!("{area} {exchange} {line}"),
            format!("{area} {exchange}-{line}"),
            national.to_owned(),
        ]);
    }
    let tail = digits.get(digits.len().saturating_sub(TAIL_DIGITS)..)?;
    Some(groupings(tail))
}

/// The digits whole, and in groups of two to four with the separators people use.
fn groupings(digits: &str) -> Vec<String> {
    let mut all = vec![digits.to_owned()];
    for sizes in [[3, 3, 0], [2, 4, 0], [4, 2, 0], [2, 2, 2]] {
        if sizes.iter().sum::<usize>() != digits.len() {
            continue;
        }
        for separator in [" ", "-", "."] {
            let mut rest = digits;
            let mut groups = Vec::new();
            for size in sizes.into_iter().filter(|size| *size > 0) {
                let (group, after) = rest.split_at_checked(size).unwrap_or((rest, ""));
                groups.push(group);
                rest = after;
            }
            all.push(groups.join(separator));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::spellings;

    #[test]
    fn common_formats_of_one_number_match() {
        for typed in ["757 555-1077", "+1 (757) 555-1077", "7575551077", "757.555.1077"] {
            let spellings = spellings(typed).unwrap();
            for stored in ["757-555-1077", "(757) 555-1077", "+1 757 555 1077", "1-757-555-1077"] {
                assert!(spellings.iter().any(|text| stored.contains(text)), "{typed} {stored}");
            }
            assert!(!spellings.iter().any(|text| "756-555-1077".contains(text.as_str())));
        }
        for (typed, stored) in [
            ("+44 20 7946 0958", "020 7946 0958"),
            ("020 7946 0958", "+442079460958"),
            ("+49 30 901820", "030 90 18 20"),
            ("4711", "0221-4711"),
        ] {
            let spellings = spellings(typed).unwrap();
            assert!(spellings.iter().any(|text| stored.contains(text)), "{typed} {stored}");
        }
        for typed in ["", "12", "Ada", "call 757"] {
            assert_eq!(spellings(typed), None, "{typed}");
        }
    }
}
