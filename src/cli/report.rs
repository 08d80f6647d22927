//! `report`: one print-ready HTML file on standard output.

use std::io::{self, Write};

use autotask_mcp::app::App;
use autotask_mcp::app::reports::Report as ReportDef;
use autotask_mcp::resources::views::REPORT_HTML;
use clap::Args;
use serde_json::Value;

use super::signals;
use super::spinner::Spinner;
use super::tty_confirm::Terminal;

/// No model reads the responses of a report, so a page of records is never cut.
pub const MAX_RESPONSE_CHARS: usize = 10_000_000;
/// The line of the page that the data replaces.
const DATA: &str = "<!-- data -->";

/// The arguments of the command.
#[derive(Args)]
pub struct Report {
    /// week, month, sla, renewals or unbilled.
    name: String,
    /// A day of the week or month to report, such as 2026-05-31 or today; by default the last whole one.
    #[arg(long)]
    day: Option<String>,
}

impl Report {
    /// Prints the page and returns the exit code.
    pub async fn run(&self, app: &App) -> io::Result<u8> {
        let report = match ReportDef::find(&self.name) {
            Ok(report) => report,
            Err(message) => return Ok(failed(&message)),
        };
        let progress = Spinner::new(format!("Reading for the report {}", self.name));
        let terminal = Terminal { app, progress: &progress };
        let data = progress.during(app.report(report, self.day.as_deref(), &terminal));
        let data = tokio::select! {
            biased;
            data = data => data,
            () = signals::shutdown_signal() => return Ok(1),
        };
        match data {
            Ok(data) => io::stdout().write_all(page(&data).as_bytes()).map(|()| 0),
            Err(message) => Ok(failed(&message)),
        }
    }
}

fn failed(message: &str) -> u8 {
    eprintln!("{message}");
    1
}

/// The page with its data; an escaped `<` cannot end the element.
fn page(data: &Value) -> String {
    let json = data.to_string().replace('<', "\\u003c");
    let element = format!("<script id=\"data\" type=\"application/json\">{json}</script>");
    REPORT_HTML.replacen(DATA, &element, 1)
}
