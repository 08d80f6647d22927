//! `report`: one print-ready HTML file on standard output.

use std::io::{self, Write};

use autotask_mcp::app::App;
use autotask_mcp::app::reports::{REPORTS, ReportDef};
use autotask_mcp::resources::views::report_html;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::spinner::Spinner;
use super::tty_confirm::Terminal;

/// No model reads the responses of a report, so a page of records is never cut.
pub const MAX_RESPONSE_CHARS: usize = 10_000_000;

/// The arguments of the command.
#[derive(Args)]
pub struct ReportArguments {
    /// The report.
    #[arg(value_parser = names())]
    name: String,
    /// A day of the week or month to report, such as 2026-05-31 or today; by default the last whole one.
    #[arg(long)]
    day: Option<String>,
}

fn names() -> PossibleValuesParser {
    let name = |report: &ReportDef| PossibleValue::new(report.name).help(report.description);
    PossibleValuesParser::new(REPORTS.iter().map(name))
}

impl ReportArguments {
    /// Prints the page and returns the exit code.
    pub async fn run(&self, app: &App) -> io::Result<u8> {
        let report = REPORTS.iter().find(|report| report.name == self.name);
        let report = report.ok_or(io::ErrorKind::NotFound)?;
        let progress = Spinner::new(format!("Reading for the report {}", self.name));
        let terminal = Terminal { app, progress: &progress };
        let data = app.report(report, self.day.as_deref(), &terminal);
        match Box::pin(progress.during(data)).await {
            Ok(data) => {
                // An escaped `<` cannot end the element.
                let json = data.to_string().replace('<', "\\u003c");
                let element =
                    format!("<script id=\"data\" type=\"application/json\">{json}</script>");
                let page = report_html().replacen("<!-- data -->", &element, 1);
                io::stdout().write_all(page.as_bytes()).map(|()| 0)
            }
            Err(message) => {
                eprintln!("{message}");
                Ok(1)
            }
        }
    }
}
