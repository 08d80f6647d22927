//! Checks a time entry: it belongs to exactly one thing, has a start with an end, and lasts at most a day.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::error::{Code, Error};
use crate::value::datetime::DateOrInstant;
use crate::value::record::Record;

/// The fields of which an entry must have exactly one.
const TARGETS: [&str; 3] = ["ticketID", "taskID", "internalBillingCodeID"];
const START: &str = "startDateTime";
const END: &str = "endDateTime";
const HOURS: &str = "hoursWorked";
/// The most hours of one entry (Autotask's help on `TimeEntries`).
const MAX_HOURS_PER_DAY: f64 = 24.0;
/// Hours that differ by less are considered equal.
const HOURS_TOLERANCE: f64 = 0.01;

/// An entry as it would be after the write: new values, or current ones.
#[derive(Clone, Copy)]
pub struct TimeEntryDraft<'a> {
    pub written: &'a Record,
    /// The current record, if it is known.
    pub current: Option<&'a Map<String, Value>>,
}

impl<'a> TimeEntryDraft<'a> {
    /// Rejects an entry that Autotask would reject or misinterpret.
    ///
    /// # Errors
    /// `bad-argument`, or `missing-field` for a start without an end.
    pub fn check(self) -> Result<(), Error> {
        self.check_single_target()?;
        self.check_hours()?;
        if [START, END].iter().any(|name| self.written.get(name).is_some()) {
            self.check_start_and_end()?;
        }
        Ok(())
    }

    /// The fields that a new entry lacks.
    #[must_use]
    pub fn missing_fields(self) -> Vec<&'static str> {
        let has_value = |name: &str| self.value(name).is_some();
        let checks = [
            (
                !TARGETS.into_iter().any(has_value),
                "one of ticketID, taskID and internalBillingCodeID",
            ),
            (has_value("ticketID") && !has_value("summaryNotes"), "summaryNotes"),
            (
                !(has_value(HOURS) || has_value(START) && has_value(END)),
                "hoursWorked (or startDateTime with endDateTime)",
            ),
            (!has_value(START) && !has_value("dateWorked"), "dateWorked"),
        ];
        let missing = checks.into_iter().filter(|(is_missing, _)| *is_missing);
        missing.map(|(_, name)| name).collect()
    }

    /// The warning for hours that differ from those between start and end, which Autotask uses.
    #[must_use]
    pub fn hours_mismatch(self) -> Option<String> {
        let (hours, span) = (self.written.get(HOURS)?.as_f64()?, self.duration_hours()?);
        let differs = (hours - span).abs() > HOURS_TOLERANCE;
        let span = (span * 100.0).round() / 100.0;
        differs.then(|| {
            format!(
                "hoursWorked is {hours}, but from startDateTime to endDateTime it is {span}, which Autotask uses."
            )
        })
    }

    fn check_single_target(self) -> Result<(), Error> {
        let is_set = |target: &&str| self.written.get(target).is_some_and(|id| !id.is_null());
        let given = TARGETS.into_iter().filter(is_set).count();
        if given < 2 {
            return Ok(());
        }
        let message = format!("A TimeEntry belongs to exactly one thing; {given} are given.");
        Err(Error::new(Code::BadArgument, message)
            .accepts("one of ticketID, taskID, internalBillingCodeID"))
    }

    fn check_hours(self) -> Result<(), Error> {
        let hours = self.written.get(HOURS).and_then(Value::as_f64);
        match hours.filter(|hours| *hours <= 0.0 || *hours > MAX_HOURS_PER_DAY) {
            Some(hours) => Err(bad_argument(&format!("hoursWorked cannot be {hours}."))
                .accepts("hoursWorked: more than 0 and at most 24")),
            None => Ok(()),
        }
    }

    /// Autotask computes the hours from start and end, so one without the other is a mistake.
    fn check_start_and_end(self) -> Result<(), Error> {
        match (self.value(START), self.value(END), self.duration_hours()) {
            (Some(_), Some(_), Some(span)) if span <= 0.0 => {
                Err(bad_argument("The entry does not end after it starts.")
                    .accepts("endDateTime after startDateTime"))
            }
            (Some(_), Some(_), Some(span)) if span > MAX_HOURS_PER_DAY => {
                Err(bad_argument("The entry is longer than a day.")
                    .accepts("endDateTime at most 24 hours after startDateTime"))
            }
            (Some(_), None, _) | (None, Some(_), _) => {
                Err(Error::new(Code::MissingField, "startDateTime and endDateTime go together.")
                    .accepts("both startDateTime and endDateTime"))
            }
            _ => Ok(()),
        }
    }

    /// The hours between start and end, if both are known.
    fn duration_hours(self) -> Option<f64> {
        let (start, end) = (self.instant(START)?, self.instant(END)?);
        Some(end.duration_since(start).as_secs_f64() / 3600.0)
    }

    fn instant(self, name: &str) -> Option<Timestamp> {
        let moment = DateOrInstant::read(self.value(name)?.as_str()?)?;
        moment.to_wire().parse().ok()
    }

    /// The value of a field after the write.
    fn value(self, name: &str) -> Option<&'a Value> {
        let current = || self.current?.get(name);
        let value = self.written.get(name).or_else(current);
        value.filter(|value| !value.is_null())
    }
}

fn bad_argument(message: &str) -> Error {
    Error::new(Code::BadArgument, message)
}
