//! Fetches a tenant's metadata: its Swagger document, and the metadata pages of every entity.

use autotask_schema::SchemaError;
use autotask_schema::metadata_folder::{FolderState, MetadataFolder};
use autotask_schema::swagger::Swagger;
use autotask_schema::tenant_metadata::{MetadataPage, TenantMetadata, without_tenant_data};
use futures_util::{StreamExt, stream};
use serde_json::Value;

use crate::client::Client;
use crate::error::{Code, Error};
use crate::plan::request::{Request, SWAGGER};

/// Requests in flight; each entity is an endpoint of its own, with a limit of three.
const MAX_CONCURRENT_REQUESTS: usize = 8;
/// After so many failures in a row Autotask is taken to be unavailable.
const MAX_CONSECUTIVE_FAILURES: usize = 5;
/// Pages between two progress messages.
const PROGRESS_INTERVAL: usize = 50;

/// A page, or the error code why there is none.
pub type FetchResult = Result<Value, String>;

/// All metadata, in memory.
///
/// # Errors
/// As for `fetch_pages`; also a Swagger document that lists no entity.
pub async fn fetch_all(client: &Client) -> Result<TenantMetadata, Error> {
    let swagger = fetch_swagger(client).await?;
    let listed = Swagger::parse(&swagger);
    let listed = listed.map_err(|e| Error::new(Code::UpstreamUnavailable, e.to_string()))?;
    let mut metadata = TenantMetadata { swagger, ..TenantMetadata::default() };
    let on_page = |page: &MetadataPage, result| {
        metadata.pages.insert(page.clone(), result);
    };
    fetch_pages(client, MetadataPage::list(&listed), on_page).await?;
    Ok(metadata)
}

/// Fetches what a folder lacks; `report` gets progress messages.
///
/// # Errors
/// What stopped the fetch; the pages fetched before are saved.
pub async fn fetch_into(
    client: &Client,
    folder: &MetadataFolder,
    report: &mut dyn FnMut(&str),
) -> Result<(), SchemaError> {
    if folder.start()? == FolderState::Expired {
        report("the saved pages are older than a day; all are fetched again");
    }
    // Also when resuming: entities may have been added since.
    let swagger = fetch_swagger(client).await.map_err(|e| interrupted(&e))?;
    let all: Vec<_> = MetadataPage::list(&Swagger::parse(&swagger)?).collect();
    folder.save_swagger(&swagger)?;
    let total = all.len();
    let missing: Vec<_> = all.into_iter().filter(|page| !is_saved(folder, page)).collect();
    report(&format!("fetching {} of {total} pages", missing.len()));
    let (mut done, mut saved) = (total - missing.len(), Ok(()));
    let on_page = |page: &MetadataPage, result: FetchResult| {
        done += 1;
        if let Err(reason) = &result {
            report(&format!("{}: {reason}", page.path()));
        } else if done.is_multiple_of(PROGRESS_INTERVAL) {
            report(&format!("{done} of {total} pages"));
        }
        if saved.is_ok() {
            saved = folder.save(page, &result);
        }
    };
    fetch_pages(client, missing, on_page).await.map_err(|e| interrupted(&e))?;
    saved?;
    folder.mark_complete()
}

/// Fetches each page once and passes it on; an error of one page does not stop the rest.
///
/// # Errors
/// What would stop further requests too: rejected credentials, the hourly threshold, an unavailable Autotask.
async fn fetch_pages(
    client: &Client,
    pages: impl IntoIterator<Item = MetadataPage>,
    mut on_page: impl FnMut(&MetadataPage, FetchResult),
) -> Result<(), Error> {
    let replies = stream::iter(pages).map(|page| async move {
        let reply = client.read(&Request::get(page.path())).await;
        (page, reply)
    });
    let mut replies = replies.buffer_unordered(MAX_CONCURRENT_REQUESTS);
    let mut failures = 0;
    while let Some((page, reply)) = replies.next().await {
        let error = match reply {
            Ok(body) => {
                failures = 0;
                on_page(&page, Ok(without_tenant_data(body)));
                continue;
            }
            Err(error) => error,
        };
        failures = if is_unavailable(&error) { failures + 1 } else { 0 };
        if is_final(&error) || failures == MAX_CONSECUTIVE_FAILURES {
            return Err(error);
        }
        on_page(&page, Err(error.code().name().to_owned()));
    }
    Ok(())
}

async fn fetch_swagger(client: &Client) -> Result<Value, Error> {
    client.read(&Request::get(SWAGGER)).await
}

/// A saved page that cannot be parsed is fetched again.
fn is_saved(folder: &MetadataFolder, page: &MetadataPage) -> bool {
    matches!(folder.page(page), Ok(Some(_)))
}

fn interrupted(error: &Error) -> SchemaError {
    SchemaError::new(format!("{error}\nFetched pages are saved; the same command resumes."))
}

fn is_final(error: &Error) -> bool {
    let codes = [Code::AuthFailed, Code::NotConfigured, Code::ThresholdReached];
    codes.contains(&error.code())
}

fn is_unavailable(error: &Error) -> bool {
    matches!(error.code(), Code::UpstreamUnavailable | Code::Timeout)
}
