//! One JavaScript module: its imports and names, and its text without both keywords.

use std::collections::BTreeMap;

use autotask_schema::SchemaError;

/// What may be exported at the start of a line.
const DECLARATIONS: [&str; 6] = ["function", "async function", "const", "let", "var", "class"];

/// A module, parsed line by line.
pub struct Module {
    /// Below `apps/`, such as `shared/table.js`.
    pub path: String,
    pub imports: Vec<Import>,
    /// Without imports, `export`, indentation and lines that are only a comment.
    pub body: String,
    exports: Vec<String>,
    /// Every name declared at the start of a line.
    names: Vec<String>,
}

/// A line such as `import {sort, filter} from "../shared/table.js";`.
pub struct Import {
    pub path: String,
    names: Vec<String>,
}

impl Module {
    /// Parses a module; what cannot be put into one script with others is an error.
    pub fn parse(path: &str, text: &str) -> Result<Self, SchemaError> {
        let mut module = Self {
            path: path.to_owned(),
            imports: Vec::new(),
            body: String::new(),
            exports: Vec::new(),
            names: Vec::new(),
        };
        for (number, line) in text.lines().enumerate() {
            let place = format!("line {}", number + 1);
            module.add(line).map_err(|problem| problem.context(&place))?;
        }
        Ok(module)
    }

    fn add(&mut self, line: &str) -> Result<(), SchemaError> {
        if line.starts_with("import ") || line.starts_with("import{") {
            self.imports.push(import(&self.path, line)?);
            return Ok(());
        }
        let declaration = line.strip_prefix("export ");
        let name = declared_name(declaration.unwrap_or(line));
        match (declaration, &name) {
            (Some(_), Some(name)) => self.exports.push(name.clone()),
            (Some(_), None) => return Err(SchemaError::new(EXPORT_FORM)),
            (None, _) => {}
        }
        if line.matches('`').count() % 2 == 1 {
            return Err(SchemaError::new("a template literal ends in its line"));
        }
        self.names.extend(name);
        let code = declaration.unwrap_or(line).trim_start();
        if !code.is_empty() && !code.starts_with("//") {
            self.body += &format!("{code}\n");
        }
        Ok(())
    }
}

const IMPORT_FORM: &str =
    "an import is one line such as import {sort, filter} from \"../shared/table.js\";";
const EXPORT_FORM: &str = "export stands before function, const, let, var or class";

/// Parses an import; renamed names would have to be renamed everywhere.
fn import(importer: &str, line: &str) -> Result<Import, SchemaError> {
    let form = || SchemaError::new(IMPORT_FORM);
    let rest = line.trim_end().trim_end_matches(';').trim_start_matches("import").trim_start();
    let (names, from) = rest.split_once(" from ").ok_or_else(form)?;
    let names = names.trim().strip_prefix('{').and_then(|names| names.strip_suffix('}'));
    let from = from.trim().strip_prefix('"').and_then(|from| from.strip_suffix('"'));
    let (names, from) = names.zip(from).ok_or_else(form)?;
    let names: Vec<_> = names.split(',').map(|name| name.trim().to_owned()).collect();
    let names: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
    match names.iter().any(|name| name.contains(' ')) {
        true => Err(form()),
        false => Ok(Import { path: resolve(importer, from).ok_or_else(form)?, names }),
    }
}

/// A relative path as seen from a module; none if it leaves `apps/` or is not relative.
fn resolve(importer: &str, from: &str) -> Option<String> {
    let folder = importer.split_once('/')?.0;
    match (from.strip_prefix("./"), from.strip_prefix("../")) {
        (Some(file), None) if !file.contains('/') => Some(format!("{folder}/{file}")),
        (None, Some(path)) if path.matches('/').count() == 1 => Some(path.to_owned()),
        _ => None,
    }
}

/// The name that a line declares, if it declares one at its start.
fn declared_name(line: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let rest =
        DECLARATIONS.iter().find_map(|word| line.strip_prefix(word)?.strip_prefix([' ', '*']));
    let rest = rest?.trim_start_matches([' ', '*']);
    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    rest.get(..end).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Checks that modules share one scope without harm: imported names are exported, and no name is declared twice.
pub fn check_together(modules: &[Module]) -> Result<(), SchemaError> {
    let mut declared: BTreeMap<&str, &str> = BTreeMap::new();
    for module in modules {
        for name in &module.names {
            if let Some(other) = declared.insert(name, &module.path) {
                let problem =
                    format!("{name} is declared in apps/{other} too; views have one scope");
                return Err(SchemaError::new(problem).context(&format!("apps/{}", module.path)));
            }
        }
        for import in &module.imports {
            let from = modules.iter().find(|other| other.path == import.path);
            let exports = from.map(|from| from.exports.as_slice()).unwrap_or_default();
            if let Some(name) = import.names.iter().find(|name| !exports.contains(name)) {
                let known = exports.iter().map(String::as_str);
                let problem = SchemaError::unknown_name(
                    &format!("export of apps/{}", import.path),
                    name,
                    known,
                );
                return Err(problem.context(&format!("apps/{}", module.path)));
            }
        }
    }
    Ok(())
}
