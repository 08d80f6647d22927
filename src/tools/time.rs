//! Logging time: exactly one thing worked on, and hours or a window.

use super::generated::CreateTimeEntry;
use super::plans::Draft;
use super::{Planned, Situation};
use crate::error::{Code, Error};
use crate::moment::Moment;
use crate::plan::Plan;

impl Planned for CreateTimeEntry {
    fn plan(self, situation: &Situation) -> Result<Plan, Error> {
        self.window()?;
        Draft::of(situation, Self::ENTITY)?.create(self.record(), self.allow_duplicate)
    }
}

impl CreateTimeEntry {
    /// Autotask takes hours from the window where there is one, so half a window is a mistake.
    fn window(&self) -> Result<(), Error> {
        match (&self.start_date_time, &self.end_date_time) {
            (Some(start), Some(end)) if instant(start) >= instant(end) => Err(Error::new(
                Code::BadArgument,
                "The entry ends before it starts.",
            )
            .accepts("endDateTime after startDateTime")),
            (Some(_), None) | (None, Some(_)) => Err(Error::new(
                Code::MissingField,
                "A window has a start and an end.",
            )
            .accepts("both startDateTime and endDateTime")),
            _ => Ok(()),
        }
    }
}

fn instant(text: &str) -> Option<String> {
    Moment::read(text).map(|moment| moment.to_string())
}
