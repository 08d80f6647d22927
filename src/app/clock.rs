//! The clock of the server: its time zone and the current time.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::Config;

/// The clock of the server.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// The zone of dates and times without one, and of instants in responses; UTC if none is set.
    pub time_zone: Option<TimeZone>,
    /// The fixed time of a sandbox.
    pub pinned: Option<Timestamp>,
}

impl Clock {
    /// The clock of the settings.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self { time_zone: config.time_zone.clone(), pinned: config.sandbox_now }
    }

    /// The current time, or the fixed time of a sandbox.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.pinned.unwrap_or_else(Timestamp::now)
    }

    /// The zone and the time, such as `America/New_York; it is Tuesday 2026-06-30T11:00:00-04:00`.
    #[must_use]
    pub fn describe(&self) -> String {
        let now = self.now();
        let zone = self.time_zone.clone().unwrap_or(TimeZone::UTC);
        let now =
            now.to_zoned_datetime(zone.clone()).strftime("%A %Y-%m-%dT%H:%M:%S%:z").to_string();
        format!("{}; it is {}", zone.iana_name().unwrap_or("UTC"), now.replace("+00:00", "Z"))
    }
}
