//! The days that a report is about.

use jiff::ToSpan;
use jiff::civil::{Date, ISOWeekDate};

use crate::value::datetime::{Calendar, EXPECTED_DATE};

/// The period of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From Monday to Sunday.
    Week,
    Month,
    /// So many days up to today.
    Past(u16),
    /// So many days from today.
    Next(u16),
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
    from: Date,
    until: Date,
    today: Date,
    now: String,
}

impl Dates {
    /// The period of a day; by default the last whole one.
    ///
    /// # Errors
    /// A message about a day that is not one, or that the period does not depend on.
    pub fn new(period: Period, day: Option<&str>, calendar: &Calendar) -> Result<Self, String> {
        let today = calendar.now().date();
        let day = day.map(|text| read_day(text, period, calendar)).transpose()?;
        let (from, until) = match period {
            Period::Week => {
                let day = day.unwrap_or_else(|| today.saturating_sub(7.days()));
                let monday =
                    day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days());
                (monday, monday.saturating_add(6.days()))
            }
            Period::Month => {
                let last = today.first_of_month().saturating_sub(1.day());
                let day = day.unwrap_or(last);
                (day.first_of_month(), day.last_of_month())
            }
            Period::Past(days) => (today.saturating_sub(i64::from(days).days()), today),
            Period::Next(days) => (today, today.saturating_add(i64::from(days).days())),
        };
        Ok(Self { from, until, today, now: calendar.now().timestamp().to_string() })
    }

    /// The arguments of a call with the dates instead of their placeholders.
    pub fn fill(&self, arguments: &str) -> String {
        let (from, until) = (self.from.to_string(), self.until.to_string());
        let (today, now) = (self.today.to_string(), self.now.clone());
        let words = [("FROM", from), ("UNTIL", until), ("TODAY", today), ("NOW", now)];
        words.iter().fold(arguments.to_owned(), |text, (word, date)| {
            text.replace(&format!("\"{word}\""), &format!("\"{date}\""))
        })
    }

    /// The period for people.
    pub fn describe(&self) -> String {
        format!("{} to {}", self.from, self.until)
    }

    /// Each day or week of the period that has begun.
    pub fn each(&self, every: Every) -> Vec<String> {
        let end = self.until.min(self.today);
        let days = self.from.series(1.day()).take_while(|day| *day <= end);
        let mut labels: Vec<_> = days
            .map(|day| match every {
                Every::Day => day.to_string(),
                Every::Week => week_label(day.iso_week_date()),
            })
            .collect();
        labels.dedup();
        labels
    }
}

/// As `count-entity` writes the groups of a `:week`.
fn week_label(week: ISOWeekDate) -> String {
    format!("{}-W{:02}", week.year(), week.week())
}

fn read_day(text: &str, period: Period, calendar: &Calendar) -> Result<Date, String> {
    match period {
        Period::Week | Period::Month => {}
        Period::Past(days) => {
            return Err(format!("This report is about the past {days} days; omit --day."));
        }
        Period::Next(days) => {
            return Err(format!("This report is about the next {days} days; omit --day."));
        }
    }
    let day = calendar.read(text).map(|moment| moment.day());
    day.ok_or_else(|| format!("--day accepts {EXPECTED_DATE}."))
}
