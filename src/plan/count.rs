//! A count: its filter, its groups and the measures to sum or average.

use super::address::Address;
use crate::catalog::Field;
use crate::filter::Condition;

/// A count of the records that match a filter, perhaps in groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    pub address: Address,
    pub conditions: Vec<Condition>,
    pub group_by: Vec<GroupKey>,
    pub sum: Vec<Measure>,
    pub avg: Vec<Measure>,
    pub warnings: Vec<String>,
}

/// A key that a count groups records by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupKey {
    /// The reference whose record has the field; none if the counted record has it.
    pub reference: Option<&'static Field>,
    pub field: &'static Field,
    /// For a date field only.
    pub bucket: Option<Bucket>,
}

impl GroupKey {
    /// The key that is a field of the counted record.
    #[must_use]
    pub fn of_field(field: &'static Field) -> Self {
        Self { reference: None, field, bucket: None }
    }

    /// The key as callers write it, such as `createDate:month` or `ticketID.companyID`.
    #[must_use]
    pub fn name(&self) -> String {
        let reference = self.reference.map(|field| format!("{}.", field.name)).unwrap_or_default();
        let bucket = self.bucket.map(|bucket| format!(":{}", bucket.name())).unwrap_or_default();
        format!("{reference}{}{bucket}", self.field.name)
    }
}

/// A period that groups dates, in the configured time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    Day,
    /// An ISO 8601 week, which starts on Monday.
    Week,
    Month,
    Quarter,
    Year,
}

impl Bucket {
    /// Every bucket, shortest first.
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The word after the colon.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}

/// A quantity to sum or average.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Field(&'static Field),
    /// The hours between two date fields of a record.
    Duration {
        from: &'static Field,
        to: &'static Field,
    },
}

impl Measure {
    /// The measure as callers write it, such as `hoursWorked` or `createDate..completedDate`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Field(field) => field.name.to_owned(),
            Self::Duration { from, to } => format!("{}..{}", from.name, to.name),
        }
    }
}
