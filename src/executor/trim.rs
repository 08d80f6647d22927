//! Records no larger than their answer, as soon as they are read: many pages wait at a time for what belongs to them.

use serde_json::Value;

use super::RecordFields;
use crate::plan::Projection;

/// The records an answer of this many characters can show, with the fields it shows; and whether none was left out.
///
/// The answer cuts exactly; here it is enough never to keep too few.
pub(super) fn drop_unshown_fields(
    items: Vec<RecordFields>,
    shown: &Projection,
    room: usize,
) -> (Vec<RecordFields>, bool) {
    let (total, mut used, mut kept) = (items.len(), 0, Vec::new());
    for mut item in items {
        // The id is where the next page begins, shown or not.
        item.retain(|name, value| !value.is_null() && (name == "id" || shown.includes(name)));
        used += Value::from(item.clone()).to_string().chars().count();
        kept.push(item);
        if used > room.saturating_mul(2) {
            break;
        }
    }
    let all = kept.len() == total;
    (kept, all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_shown_takes_no_room() {
        let record = |id| json!({ "id": id, "title": "x".repeat(50), "note": "y".repeat(500), "none": null });
        let items = || -> Vec<_> {
            let records = (1..=9).map(record);
            records.filter_map(|record| record.as_object().cloned()).collect()
        };
        let shown = Projection::fields(["title"]);
        for (room, shown, count) in [
            (1_000, &shown, 9),
            (100, &shown, 3),
            (1_000, &Projection::All, 4),
            (0, &Projection::All, 1),
        ] {
            let (kept, all) = drop_unshown_fields(items(), shown, room);
            assert_eq!((kept.len(), all), (count, count == 9), "{room}");
            assert!(kept.iter().all(|item| item.contains_key("id") && !item.contains_key("none")));
        }
    }
}
