//! `apps/` to one HTML file for each view: its styles and modules are put into its page, so it loads nothing.

mod module;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use autotask_schema::SchemaError;

use module::Module;

/// The largest view: hosts keep it in memory for each call that shows it.
const MAX_VIEW_BYTES: usize = 60_000;
/// The line of a page that the styles replace.
const STYLES: &str = "<!-- styles -->";
/// The line of a page that the modules replace.
const SCRIPT: &str = "<!-- script -->";

/// Spaces in styles that only people need, and what is left of them.
const CSS_SPACES: [(&str, &str); 5] =
    [(" { ", "{"), ("; }", "}"), ("; ", ";"), (": ", ":"), (", ", ",")];

/// The text files of `apps/`, by path, such as `shared/table.js`.
pub type Sources = BTreeMap<String, String>;

/// Reads the files of a folder and of its folders.
///
/// # Errors
/// Names the file that cannot be read.
pub fn load(folder: &Path) -> Result<Sources, SchemaError> {
    let mut sources = Sources::new();
    for part in entries(folder)? {
        let name = part.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for file in if part.is_dir() { entries(&part)? } else { Vec::new() } {
            let is_source = file.extension().is_some_and(|kind| {
                ["html", "css", "js"].iter().any(|known| kind.eq_ignore_ascii_case(known))
            });
            if is_source {
                let text = fs::read_to_string(&file).map_err(|e| SchemaError::in_file(&file, &e));
                let file = file.file_name().unwrap_or_default().to_string_lossy();
                sources.insert(format!("{name}/{file}"), text?);
            }
        }
    }
    Ok(sources)
}

fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, SchemaError> {
    let read = fs::read_dir(folder).map_err(|e| SchemaError::in_file(folder, &e))?;
    Ok(read.filter_map(|entry| Some(entry.ok()?.path())).collect())
}

/// The names of the views, which are the folders with a page.
pub fn names(sources: &Sources) -> impl Iterator<Item = &str> {
    sources.keys().filter_map(|path| path.strip_suffix("/view.html"))
}

/// Assembles one view.
///
/// # Errors
/// Names the file that is missing, the line that cannot be assembled, or the size that is too large.
pub fn assemble(sources: &Sources, name: &str) -> Result<String, SchemaError> {
    let page = file(sources, &format!("{name}/view.html"))?;
    let html = replaced(page, STYLES, &styles(sources)?)
        .and_then(|html| replaced(&html, SCRIPT, &script(sources, name)?))
        .map_err(|problem| problem.context(&format!("apps/{name}/view.html")))?;
    match html.len() {
        ..=MAX_VIEW_BYTES => Ok(html),
        bytes => Err(SchemaError::new(format!(
            "apps/{name}: the view has {bytes} bytes, {MAX_VIEW_BYTES} are allowed"
        ))),
    }
}

fn file<'a>(sources: &'a Sources, path: &str) -> Result<&'a str, SchemaError> {
    let text = sources.get(path).map(String::as_str);
    text.ok_or_else(|| SchemaError::new(format!("apps/{path} is missing")))
}

/// The page with the only line of this text replaced.
fn replaced(page: &str, line: &str, by: &str) -> Result<String, SchemaError> {
    let is_line = |candidate: &&str| candidate.trim() == line;
    if page.lines().filter(is_line).count() != 1 {
        return Err(SchemaError::new(format!("exactly one line must be {line}")));
    }
    let text = |candidate| if is_line(&candidate) { by } else { candidate };
    Ok(page.lines().flat_map(|candidate| [text(candidate), "\n"]).collect())
}

/// The shared styles, in the order of their names.
fn styles(sources: &Sources) -> Result<String, SchemaError> {
    let is_style = |path: &&String| {
        path.strip_prefix("shared/")
            .is_some_and(|file| Path::new(file).extension() == Some("css".as_ref()))
    };
    let mut css = String::new();
    for path in sources.keys().filter(is_style) {
        let text = file(sources, path)?;
        check_text(text, "</style").map_err(|problem| problem.context(&format!("apps/{path}")))?;
        let lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty());
        lines.for_each(|line| css += &format!("{}\n", without_spaces(line)));
    }
    Ok(format!("<style>\n{css}</style>"))
}

fn without_spaces(line: &str) -> String {
    CSS_SPACES.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to))
}

/// The modules of a view in the order in which a browser would run them.
fn script(sources: &Sources, name: &str) -> Result<String, SchemaError> {
    let mut modules = Vec::new();
    collect(sources, format!("{name}/view.js"), (&mut Vec::new(), &mut modules))?;
    module::check_together(&modules)?;
    let bodies: String = modules.iter().map(|module| module.body.as_str()).collect();
    Ok(format!("<script type=\"module\">\n{bodies}</script>"))
}

/// Adds a module after those that it imports, each once.
fn collect(
    sources: &Sources,
    path: String,
    (open, modules): (&mut Vec<String>, &mut Vec<Module>),
) -> Result<(), SchemaError> {
    if modules.iter().any(|module| module.path == path) {
        return Ok(());
    }
    if open.contains(&path) {
        return Err(SchemaError::new(format!("apps/{path} imports itself through {open:?}")));
    }
    let place = format!("apps/{path}");
    let text = file(sources, &path)?;
    check_text(text, "</script")
        .and_then(|()| check_text(text, "<!--"))
        .map_err(|problem| problem.context(&place))?;
    let module = Module::parse(&path, text).map_err(|problem| problem.context(&place))?;
    open.push(path);
    for import in &module.imports {
        collect(sources, import.path.clone(), (open, modules))
            .map_err(|problem| problem.context(&place))?;
    }
    open.pop();
    modules.push(module);
    Ok(())
}

/// Rejects what would end the element that a text is put into.
fn check_text(text: &str, forbidden: &str) -> Result<(), SchemaError> {
    let line = text.lines().position(|line| line.to_ascii_lowercase().contains(forbidden));
    match line {
        None => Ok(()),
        Some(line) => Err(SchemaError::new(format!(
            "line {} has {forbidden}, which would end the element; split the text",
            line + 1
        ))),
    }
}
