//! Fills a folder with a tenant's documents, going on where an earlier survey was interrupted.

pub mod progress;

use autotask_mcp::client::Client;
use autotask_mcp::error::Error;
use autotask_mcp::survey;
use autotask_schema::SchemaError;
use autotask_schema::metadata_folder::{FolderState, MetadataFolder};
use autotask_schema::swagger::Swagger;
use autotask_schema::tenant_metadata::MetadataPage;

use progress::Progress;

/// Asks for what the folder lacks; a folder whose survey was carried to its end is begun anew.
///
/// # Errors
/// What stopped the survey; all that was said until then is kept.
pub async fn fill(
    client: &Client,
    folder: &MetadataFolder,
    progress: &Progress,
) -> Result<(), SchemaError> {
    if folder.start()? == FolderState::Expired {
        progress.say("what was kept is older than a day; all is asked again");
    }
    // One request, also where the survey goes on: entities may have come since.
    let swagger = survey::swagger(client).await.map_err(|e| told(&e))?;
    let listed = Swagger::parse(&swagger)?;
    folder.save_swagger(&swagger)?;
    let all: Vec<_> = MetadataPage::list(&listed).collect();
    let total = all.len();
    let open: Vec<_> = all.into_iter().filter(|q| !is_kept(folder, q)).collect();
    progress.begin(total, open.len());
    let mut kept = Ok(());
    let asked = survey::ask(client, open, |question, said| {
        progress.step(question, &said);
        if kept.is_ok() {
            kept = folder.save(question, &said);
        }
    });
    asked.await.map_err(|e| told(&e))?;
    kept?;
    progress.end();
    folder.mark_complete()
}

/// A page that does not read is asked again.
fn is_kept(folder: &MetadataFolder, question: &MetadataPage) -> bool {
    matches!(folder.page(question), Ok(Some(_)))
}

fn told(error: &Error) -> SchemaError {
    let text = format!("{error}\nWhat was said is kept; the same command goes on from there.");
    SchemaError::new(text)
}
