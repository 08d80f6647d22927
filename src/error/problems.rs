//! Combines several problems of one call into one error.

use super::Error;

impl Error {
    /// All values, or the problems as one error.
    ///
    /// # Errors
    /// The first few problems.
    pub fn collect<T>(results: impl Iterator<Item = Result<T, Self>>) -> Result<Vec<T>, Self> {
        let (mut values, mut problems) = (Vec::new(), Vec::new());
        for result in results {
            match result {
                Ok(value) => values.push(value),
                Err(problem) => problems.push(problem),
            }
        }
        Self::join(problems).map_or(Ok(values), Err)
    }

    /// The first few problems of a call as one error, without duplicates.
    #[must_use]
    pub fn join(problems: impl IntoIterator<Item = Self>) -> Option<Self> {
        const MAX_PROBLEMS: usize = 6;
        let mut distinct: Vec<Self> = Vec::new();
        for problem in problems {
            if distinct.len() < MAX_PROBLEMS && !distinct.contains(&problem) {
                distinct.push(problem);
            }
        }
        distinct.into_iter().reduce(|all, problem| all.and(&problem))
    }

    /// Adds another problem of the same call.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.may_name_udf |= other.0.may_name_udf;
        self.0.accepted = match (self.0.accepted.take(), other.accepted()) {
            (Some(own), Some(other)) if format!("{own}; ").contains(&format!("{other}; ")) => {
                Some(own)
            }
            (Some(own), Some(other)) => Some(format!("{own}; {other}")),
            (own, other) => own.or(other.map(str::to_owned)),
        };
        self.0.next = self.0.next.take().or_else(|| other.0.next.clone());
        self.also(other.message())
    }
}
