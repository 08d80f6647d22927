//! Fills a folder with a tenant's documents, going on where an earlier survey was interrupted.

pub mod progress;

use autotask_facts::Problem;
use autotask_facts::documents::{Begun, Folder, Question};
use autotask_facts::swagger::Swagger;
use autotask_mcp::client::Client;
use autotask_mcp::error::Error;
use autotask_mcp::survey;

use progress::Progress;

/// Asks for what the folder lacks; a folder whose survey was carried to its end is begun anew.
///
/// # Errors
/// What stopped the survey; all that was said until then is kept.
pub async fn fill(client: &Client, folder: &Folder, progress: &Progress) -> Result<(), Problem> {
    if folder.begin()? == Begun::TooLongAgo {
        progress.say("what was kept is older than a day; all is asked again");
    }
    // One request, also where the survey goes on: entities may have come since.
    let swagger = survey::swagger(client).await.map_err(|e| told(&e))?;
    let listed = Swagger::read(&swagger)?;
    folder.keep_swagger(&swagger)?;
    let all: Vec<_> = Question::all(&listed).collect();
    let total = all.len();
    let open: Vec<_> = all.into_iter().filter(|q| !is_kept(folder, q)).collect();
    progress.begin(total, open.len());
    let mut kept = Ok(());
    let asked = survey::ask(client, open, |question, said| {
        progress.step(question, &said);
        if kept.is_ok() {
            kept = folder.keep(question, &said);
        }
    });
    asked.await.map_err(|e| told(&e))?;
    kept?;
    progress.end();
    folder.end()
}

/// A page that does not read is asked again.
fn is_kept(folder: &Folder, question: &Question) -> bool {
    matches!(folder.page(question), Ok(Some(_)))
}

fn told(error: &Error) -> Problem {
    let text = format!("{error}\nWhat was said is kept; the same command goes on from there.");
    Problem::new(text)
}
