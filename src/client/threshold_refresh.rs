//! Refreshing the tenant's usage of its request threshold, and stopping before the threshold is reached.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::try_join;
use tokio::time::timeout;

use super::requesters::Requesters;
use super::response::body::Body;
use super::retry::{AttemptHistory, FailureKind, OperationKind};
use super::threshold::{RefreshDue, THRESHOLD_PATH};
use super::{Client, no_callback};
use crate::cluster::UsageCount;
use crate::error::Error;
use crate::plan::request::Request;

/// A call does not wait longer for the threshold.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(5);

impl Client {
    /// Refreshes the usage if it is due, and fails if too much is used.
    ///
    /// Every write waits for the first refresh, and every read but those that are sent with it; later ones run in the
    /// background.
    pub(super) async fn refresh_threshold(&self, path: &str) -> Result<(), Error> {
        if self.0.auth.is_err() {
            return Ok(());
        }
        let refreshing = self.0.refreshing.lock().await;
        match self.refresh_due().await {
            RefreshDue::No => {}
            // The call itself reads the threshold.
            RefreshDue::Blocking | RefreshDue::Background if path == THRESHOLD_PATH => {
                return Ok(());
            }
            RefreshDue::Blocking => self.fetch_threshold().await?,
            RefreshDue::Background => {
                let client = self.clone();
                tokio::spawn(async move { client.fetch_threshold().await });
            }
        }
        drop(refreshing);
        self.0.threshold.check()
    }

    /// Sends a read as the threshold allows. The first ones are sent while the usage is read, and fail like the others
    /// if it is too high.
    pub(super) async fn send_read(
        &self,
        request: &Request,
        operation: OperationKind,
        callers: &Requesters,
    ) -> Result<Body, Error> {
        // Boxed, because both are awaited at two places, and their code would be there twice.
        let refreshed = self.refresh_threshold(&request.path).boxed();
        let on_outcome = no_callback();
        let reply = self.send(request, operation, (callers, &on_outcome)).boxed();
        if request.path != THRESHOLD_PATH && self.0.threshold.admits_unchecked_read() {
            let ((), reply) = try_join(refreshed, reply.map(Ok)).await?;
            return reply;
        }
        refreshed.await?;
        reply.await
    }

    /// Only one replica refreshes; the others read its result.
    async fn refresh_due(&self) -> RefreshDue {
        let due = self.0.threshold.refresh_due();
        let Some(replicas) = self.0.replicas.as_ref().filter(|_| due != RefreshDue::No) else {
            return due;
        };
        if replicas.claim_refresh().await {
            return due;
        }
        self.apply_shared(replicas.usage().await);
        RefreshDue::No
    }

    /// Adopts the usage that all replicas counted.
    pub(super) fn apply_shared(&self, usage: Option<UsageCount>) {
        if let Some(UsageCount { own, reading: Some((used, limit)) }) = usage {
            self.0.threshold.adopt(own, used, limit);
        }
    }

    /// Publishes a reading to the metrics and to all replicas.
    pub(super) fn publish(&self, used: f64, limit: f64) {
        self.0.metrics.threshold(used, limit);
        self.share_reading(used, limit);
    }

    /// Sends a reading to all replicas.
    pub(super) fn share_reading(&self, used: f64, limit: f64) {
        if let Some(replicas) = self.0.replicas.clone() {
            tokio::spawn(async move { replicas.record_reading(used, limit).await });
        }
    }

    /// An unknown usage is no reason to stop; rejected credentials and a missing zone are.
    async fn fetch_threshold(&self) -> Result<(), Error> {
        let (request, mut history) = (Request::get(THRESHOLD_PATH), AttemptHistory::default());
        let callers = (&Requesters::current(), &no_callback());
        let fetch = async {
            let first = self.try_once(&request, OperationKind::Get, callers).await;
            match first {
                Err(failed)
                    if failed.failure == FailureKind::Unauthorized
                        && self.zone_changed(&failed, &mut history).await =>
                {
                    self.try_once(&request, OperationKind::Get, callers).await
                }
                first => first,
            }
        };
        match timeout(REFRESH_TIMEOUT, fetch).await {
            Ok(Err(failed)) if failed.is_final() => Err(failed.error),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                tracing::debug!("the request threshold could not be read");
                Ok(())
            }
        }
    }
}
