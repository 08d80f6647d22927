//! Asking the tenant for its budget of requests, and stopping before it is gone.

use std::time::Duration;

use tokio::time::timeout;

use super::attempt::Again;
use super::reply::Act;
use super::retry::Sign;
use super::threshold::Due;
use super::{Client, nobody};
use crate::error::Error;
use crate::request::Request;
use crate::shared::Tally;

/// The address that tells the budget.
pub(super) const THRESHOLD: &str = "ThresholdInformation";
/// A call does not wait longer for the tenant's word on its budget.
const PATIENCE: Duration = Duration::from_secs(5);

impl Client {
    /// Asks the tenant now and then how much of its budget is left, and stops before it is gone.
    ///
    /// The first question is waited for, by everybody; later ones go beside the calls.
    pub(super) async fn follow_threshold(&self, path: &str) -> Result<(), Error> {
        if self.0.auth.is_err() {
            return Ok(());
        }
        let asking = self.0.asking.lock().await;
        match self.due().await {
            Due::No => {}
            // The call itself is the question.
            Due::First | Due::Beside if path == THRESHOLD => return Ok(()),
            Due::First => self.ask_threshold().await?,
            Due::Beside => {
                let client = self.clone();
                tokio::spawn(async move { client.ask_threshold().await });
            }
        }
        drop(asking);
        self.0.threshold.check()
    }

    /// One replica asks for all.
    async fn due(&self) -> Due {
        let due = self.0.threshold.due();
        let Some(shared) = self.0.shared.as_ref().filter(|_| due != Due::No) else {
            return due;
        };
        if shared.may_ask().await {
            return due;
        }
        self.adopt(shared.tally().await);
        Due::No
    }

    /// Takes over what all replicas counted and heard.
    pub(super) fn adopt(&self, tally: Option<Tally>) {
        if let Some((own, (used, limit))) =
            tally.and_then(|tally| tally.told.map(|told| (tally.own, told)))
        {
            self.0.threshold.adopt(own, used, limit);
        }
    }

    /// Tells whoever reads the counters, and all replicas, what the tenant told.
    pub(super) fn tell(&self, used: f64, limit: f64) {
        self.0.metrics.threshold(used, limit);
        self.share(used, limit);
    }

    /// Tells all replicas how many requests of how many are used.
    pub(super) fn share(&self, used: f64, limit: f64) {
        if let Some(shared) = self.0.shared.clone() {
            tokio::spawn(async move { shared.learn(used, limit).await });
        }
    }

    /// Not knowing is no reason to stop; bad credentials are, and no zone, before they are tried once more.
    async fn ask_threshold(&self) -> Result<(), Error> {
        let (request, mut again) = (Request::get(THRESHOLD), Again::default());
        let ask = async {
            let first = self.try_once(&request, Act::Get, &nobody()).await;
            match first {
                Err(failed)
                    if failed.sign == Sign::Unauthorized
                        && self.zone_moved(&failed, &mut again).await =>
                {
                    self.try_once(&request, Act::Get, &nobody()).await
                }
                first => first,
            }
        };
        match timeout(PATIENCE, ask).await {
            Ok(Err(failed)) if failed.is_hopeless() => Err(failed.error),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                tracing::debug!("the threshold is not known");
                Ok(())
            }
        }
    }
}
