//! Asking the tenant for its budget of requests, and stopping before it is gone.

use std::time::Duration;

use tokio::time::timeout;

use super::attempt::AttemptHistory;
use super::response::OperationKind;
use super::retry::FailureKind;
use super::threshold::RefreshDue;
use super::{Client, no_callback};
use crate::client::request::Request;
use crate::cluster::UsageCount;
use crate::error::Error;

/// The address that tells the budget.
pub(super) const THRESHOLD_PATH: &str = "ThresholdInformation";
/// A call does not wait longer for the tenant's word on its budget.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(5);

impl Client {
    /// Asks the tenant now and then how much of its budget is left, and stops before it is gone.
    ///
    /// The first question is waited for, by everybody; later ones go beside the calls.
    pub(super) async fn refresh_threshold(&self, path: &str) -> Result<(), Error> {
        if self.0.auth.is_err() {
            return Ok(());
        }
        let asking = self.0.asking.lock().await;
        match self.due().await {
            RefreshDue::No => {}
            // The call itself is the question.
            RefreshDue::Blocking | RefreshDue::Background if path == THRESHOLD_PATH => {
                return Ok(());
            }
            RefreshDue::Blocking => self.fetch_threshold().await?,
            RefreshDue::Background => {
                let client = self.clone();
                tokio::spawn(async move { client.fetch_threshold().await });
            }
        }
        drop(asking);
        self.0.threshold.check()
    }

    /// One replica asks for all.
    async fn due(&self) -> RefreshDue {
        let due = self.0.threshold.refresh_due();
        let Some(shared) = self.0.shared.as_ref().filter(|_| due != RefreshDue::No) else {
            return due;
        };
        if shared.claim_refresh().await {
            return due;
        }
        self.apply_shared(shared.tally().await);
        RefreshDue::No
    }

    /// Takes over what all replicas counted and heard.
    pub(super) fn apply_shared(&self, tally: Option<UsageCount>) {
        if let Some((own, (used, limit))) =
            tally.and_then(|tally| tally.told.map(|told| (tally.own, told)))
        {
            self.0.threshold.adopt(own, used, limit);
        }
    }

    /// Tells whoever reads the counters, and all replicas, what the tenant told.
    pub(super) fn publish(&self, used: f64, limit: f64) {
        self.0.metrics.threshold(used, limit);
        self.share_reading(used, limit);
    }

    /// Tells all replicas how many requests of how many are used.
    pub(super) fn share_reading(&self, used: f64, limit: f64) {
        if let Some(shared) = self.0.shared.clone() {
            tokio::spawn(async move { shared.learn(used, limit).await });
        }
    }

    /// Not knowing is no reason to stop; bad credentials are, and no zone, before they are tried once more.
    async fn fetch_threshold(&self) -> Result<(), Error> {
        let (request, mut again) = (Request::get(THRESHOLD_PATH), AttemptHistory::default());
        let ask = async {
            let first = self.try_once(&request, OperationKind::Get, &no_callback()).await;
            match first {
                Err(failed)
                    if failed.sign == FailureKind::Unauthorized
                        && self.zone_changed(&failed, &mut again).await =>
                {
                    self.try_once(&request, OperationKind::Get, &no_callback()).await
                }
                first => first,
            }
        };
        match timeout(REFRESH_TIMEOUT, ask).await {
            Ok(Err(failed)) if failed.is_final() => Err(failed.error),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                tracing::debug!("the threshold is not known");
                Ok(())
            }
        }
    }
}
