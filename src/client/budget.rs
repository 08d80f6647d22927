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
        match self.0.threshold.due() {
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
