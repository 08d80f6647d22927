//! The days that a report is about.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::value::datetime::{Calendar, EXPECTED_DATE, Moment};

/// The period of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From Monday to Sunday.
    Week,
    Month,
    /// So many days before today and after it.
    Days(u16, u16),
}

/// The rows that a chart has even if nothing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    Day,
    Week,
}

/// A period on the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dates {
    pub from: Date,
    pub until: Date,
    today: Date,
    now: String,
}

impl Dates {
    /// The week or month of a day, by default the last whole one; or the days before or after today.
    ///
    /// # Errors
    /// A message about a day that is not one, or that the period does not depend on.
    pub fn new(period: Period, day: Option<&str>, calendar: &Calendar) -> Result<Self, String> {
        let (now, today) = (calendar.now().timestamp().to_string(), calendar.now().date());
        if day.is_some() && matches!(period, Period::Days(..)) {
            return Err("--day is for reports about a week or a month; omit it.".to_owned());
        }
        let read = |text| calendar.read(text).map(Moment::day);
        let invalid = || format!("--day accepts {EXPECTED_DATE}.");
        let day = day.map(|text| read(text).ok_or_else(invalid)).transpose()?;
        let (from, until) = match period {
            Period::Week => {
                let day = day.unwrap_or_else(|| today.saturating_sub(7.days()));
                let since_monday = i64::from(day.weekday().to_monday_zero_offset());
                let monday = day.saturating_sub(since_monday.days());
                (monday, monday.saturating_add(6.days()))
            }
            Period::Month => {
                let last = today.first_of_month().saturating_sub(1.day());
                let day = day.unwrap_or(last);
                (day.first_of_month(), day.last_of_month())
            }
            Period::Days(before, after) => {
                let days = |count: u16| i64::from(count).days();
                (today.saturating_sub(days(before)), today.saturating_add(days(after)))
            }
        };
        Ok(Self { from, until, today, now })
    }

    /// The arguments of a call with the dates instead of their placeholders.
    pub fn fill(&self, arguments: &str) -> String {
        let dates = [("\"FROM\"", self.from.to_string()), ("\"UNTIL\"", self.until.to_string())];
        let filled = arguments.replace("\"NOW\"", &format!("\"{}\"", self.now));
        dates.iter().fold(filled, |text, (word, day)| text.replace(word, &format!("\"{day}\"")))
    }

    /// Each day or week of the period up to today, as `count-entity` names its group.
    pub fn each(&self, every: Every) -> Vec<String> {
        let end = self.until.min(self.today);
        let label = |day: Date| match every {
            Every::Day => day.to_string(),
            Every::Week => {
                let week = day.iso_week_date();
                format!("{}-W{:02}", week.year(), week.week())
            }
        };
        let days = self.from.series(1.day()).take_while(|day| *day <= end);
        let mut labels: Vec<_> = days.map(label).collect();
        labels.dedup();
        labels
    }
}
