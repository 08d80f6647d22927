//! What a tenant says of itself: its Swagger document, and the pages of every entity.

use autotask_schema::swagger::Swagger;
use autotask_schema::tenant_metadata::{MetadataPage, TenantMetadata, without_tenant_data};
use futures_util::{StreamExt, stream};
use serde_json::Value;

use crate::client::Client;
use crate::error::{Code, Error};
use crate::request::{Request, SWAGGER};

/// Entities asked at the same time; each is an endpoint of its own, so the limit of three holds by itself.
const AT_ONCE: usize = 8;
/// So many pages in a row without an answer are no accident.
const PATIENCE: usize = 5;

/// What came back: a page, or in a word why there is none.
pub type Said = Result<Value, String>;

/// The public Swagger document.
///
/// # Errors
/// As for any read.
pub async fn swagger(client: &Client) -> Result<Value, Error> {
    client.read(&Request::get(SWAGGER)).await
}

/// Asks each question once and tells what came back; a page that is refused does not stop the rest.
///
/// # Errors
/// What further questions would meet too: refused credentials, a used-up budget, an Autotask that is away.
pub async fn ask(
    client: &Client,
    questions: impl IntoIterator<Item = MetadataPage>,
    mut heard: impl FnMut(&MetadataPage, Said),
) -> Result<(), Error> {
    let asked = stream::iter(questions).map(|question| async move {
        let read = client.read(&Request::get(question.path())).await;
        (question, read)
    });
    let mut asked = asked.buffer_unordered(AT_ONCE);
    let mut unanswered = 0;
    while let Some((question, read)) = asked.next().await {
        let error = match read {
            Ok(page) => {
                unanswered = 0;
                heard(&question, Ok(without_tenant_data(page)));
                continue;
            }
            Err(error) => error,
        };
        unanswered = if is_away(&error) { unanswered + 1 } else { 0 };
        if is_final(&error) || unanswered == PATIENCE {
            return Err(error);
        }
        heard(&question, Err(error.code().name().to_owned()));
    }
    Ok(())
}

/// All documents at once, kept in memory.
///
/// # Errors
/// As for `ask`; also a Swagger document that lists no entity.
pub async fn documents(client: &Client) -> Result<TenantMetadata, Error> {
    let document = swagger(client).await?;
    let listed = Swagger::parse(&document);
    let listed = listed.map_err(|e| Error::new(Code::UpstreamUnavailable, e.to_string()))?;
    let mut documents = TenantMetadata { swagger: document, ..TenantMetadata::default() };
    let heard = |question: &MetadataPage, said| {
        documents.pages.insert(question.clone(), said);
    };
    ask(client, MetadataPage::list(&listed), heard).await?;
    Ok(documents)
}

fn is_final(error: &Error) -> bool {
    let codes = [Code::AuthFailed, Code::NotConfigured, Code::ThresholdReached];
    codes.contains(&error.code())
}

fn is_away(error: &Error) -> bool {
    matches!(error.code(), Code::UpstreamUnavailable | Code::Timeout)
}
