//! `call`: runs one tool with arguments from the command line.

use std::fs;
use std::io::{self, IsTerminal, Read, Write};

use autotask_mcp::app::{self, App};
use autotask_mcp::error::{Code, Error};
use autotask_mcp::render::ToolResponse;
use autotask_mcp::tools::Arguments;
use autotask_mcp::transport::SHUTDOWN_TIMEOUT;
use clap::Args;
use serde_json::Value;
use terminal_size::Width;
use tokio::time::Instant;

use super::display;
use super::signals;
use super::spinner::Spinner;
use super::tty_confirm::Terminal;

const ARGUMENT_FORMS: &str =
    "name=value, a JSON object such as {\"id\":5}, @FILE with one, or - for standard input";

/// The width in characters of a terminal that does not report it.
const DEFAULT_WIDTH_CHARS: usize = 80;

/// The arguments of the command.
#[derive(Args)]
pub struct Call {
    /// The tool's name; `autotask-mcp tools` lists them.
    #[arg(index = 1)]
    tool: String,
    /// Arguments of the tool: name=value, a JSON object, @FILE with one, or - for standard input.
    #[arg(index = 2, value_name = "ARGS")]
    arguments: Vec<String>,
    /// Print JSON on one line, also in a terminal.
    #[arg(long)]
    json: bool,
}

impl Call {
    /// Runs the tool, prints its response and returns the exit code.
    pub async fn run(&self, app: &App) -> io::Result<u8> {
        let arguments = match tool_arguments(&self.arguments) {
            Ok(arguments) => arguments,
            Err(error) => {
                eprintln!("{error}");
                return Ok(1);
            }
        };
        let progress = Spinner::new(format!("Waiting for {}", self.tool));
        let terminal = Terminal { app, progress: &progress };
        let shutdown = signals::shutdown_signal();
        let call = app.call_tool(app.operator(), &terminal, &self.tool, arguments);
        let call = progress.during(call);
        let response = tokio::select! {
            biased;
            response = call => response,
            () = shutdown => {
                let deadline = Instant::now() + SHUTDOWN_TIMEOUT;
                app.executor().client().wait_for_writes(deadline).await;
                return Ok(0);
            }
        };
        let Some(response) = response else {
            let unknown = app.operator().access().unknown_tool_message(&self.tool);
            eprintln!("{unknown} `autotask-mcp tools` lists them.");
            return Ok(1);
        };
        self.print(app, &response)?;
        Ok(u8::from(response.error.is_some()))
    }

    /// Prints text for people in a terminal, JSON elsewhere.
    fn print(&self, app: &App, response: &ToolResponse) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        let text_for_people = match (&response.error, serde_json::from_str(&response.text)) {
            _ if self.json || !io::stdout().is_terminal() => None,
            (Some(error), _) => Some(display::error(app, error)),
            (None, Ok(Value::Object(response))) => Some(display::response(&response, width())),
            (None, _) => None,
        };
        match text_for_people {
            Some(text) => write!(out, "{text}"),
            None => writeln!(io::stdout(), "{}", response.text),
        }
    }
}

/// The width of the terminal in characters; some terminals do not report it.
fn width() -> usize {
    match terminal_size::terminal_size() {
        Some((Width(columns @ 1..), _)) => columns.into(),
        _ => DEFAULT_WIDTH_CHARS,
    }
}

/// Merges the words of the command line into the arguments of one call.
fn tool_arguments(words: &[String]) -> Result<Arguments, Error> {
    let mut arguments = Arguments::new();
    for word in words {
        for (name, value) in parse_word(word)? {
            if arguments.contains_key(&name) {
                return Err(bad_argument(format!("The argument {name} is given twice.")));
            }
            arguments.insert(name, value);
        }
    }
    Ok(arguments)
}

fn parse_word(word: &str) -> Result<Arguments, Error> {
    if word == "-" {
        return app::parse_arguments(&standard_input()?);
    }
    if let Some(path) = word.strip_prefix('@') {
        return app::parse_arguments(&file(path)?);
    }
    match word.split_once('=') {
        Some((name, value)) if is_name(name) => {
            Ok(Arguments::from_iter([(name.to_owned(), Value::from(value))]))
        }
        _ => app::parse_arguments(word).map_err(|error| error.accepts(ARGUMENT_FORMS)),
    }
}

/// Whether the text before a `=` is the name of an argument rather than the start of a JSON object.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

fn standard_input() -> Result<String, Error> {
    let mut text = String::new();
    match io::stdin().read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => Err(bad_argument(format!("Standard input cannot be read: {error}."))),
    }
}

fn file(path: &str) -> Result<String, Error> {
    fs::read_to_string(path)
        .map_err(|error| bad_argument(format!("The file {path} cannot be read: {error}.")))
}

fn bad_argument(message: String) -> Error {
    Error::new(Code::BadArgument, message).accepts(ARGUMENT_FORMS)
}
