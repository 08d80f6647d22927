//! Builds the book, and is its mdBook preprocessor: links out of `docs/` become links to the repository.

use std::io::{self, Read};
use std::process::Command;

use autotask_schema::SchemaError;
use serde_json::Value;

use crate::command::run;

const BUILD_COMMAND: &str = "mdbook build";

/// Builds the book if mdBook is installed.
///
/// # Errors
/// The book does not build.
pub fn build() -> Result<(), SchemaError> {
    if Command::new("mdbook").arg("--version").output().is_err() {
        println!("skipped: the book, because mdBook is not installed");
        return Ok(());
    }
    run(BUILD_COMMAND, &[])
}

/// Reads the book that mdBook writes to standard input, and returns it with the links out of `docs/` replaced.
///
/// # Errors
/// The input is not a book as mdBook writes it.
pub fn preprocess() -> Result<String, SchemaError> {
    let invalid = |e: &dyn ToString| SchemaError::new(e.to_string()).context("mdBook's input");
    let mut input = String::new();
    io::stdin().read_to_string(&mut input).map_err(|e| invalid(&e))?;
    let [context, mut book]: [Value; 2] = serde_json::from_str(&input).map_err(|e| invalid(&e))?;
    let url = &context["config"]["output"]["html"]["git-repository-url"];
    let url = url.as_str().ok_or_else(|| invalid(&"book.toml has no git-repository-url"))?;
    replace_links(&mut book, &format!("{url}/blob/main/"));
    Ok(book.to_string())
}

/// Replaces the links in every chapter, at any depth.
fn replace_links(value: &mut Value, base: &str) {
    if let Value::Array(values) = value {
        for value in values {
            replace_links(value, base);
        }
        return;
    }
    let Value::Object(members) = value else { return };
    if let (Some(Value::String(content)), Some(Value::String(path))) =
        (members.get("content"), members.get("path"))
    {
        let content = with_links(content, path.matches('/').count(), base);
        members.insert("content".to_owned(), content.into());
    }
    for member in members.values_mut() {
        replace_links(member, base);
    }
}

/// In a page `depth` folders below `docs/`, a link out of `docs/` starts with `depth + 1` times `../`.
fn with_links(content: &str, depth: usize, base: &str) -> String {
    content.replace(&format!("]({}", "../".repeat(depth + 1)), &format!("]({base}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::replace_links;

    #[test]
    fn only_links_out_of_the_book_are_replaced() {
        let page = |path: &str, content: &str| json!({"path": path, "content": content});
        let mut book = json!({"items": [
            {"Chapter": page("a.md", "[x](../X.md) [y](b/y.md)")},
            {"Chapter": page("b/y.md", "[x](../../X.md) [a](../a.md)")},
        ]});
        replace_links(&mut book, "https://host/");
        let expected = json!({"items": [
            {"Chapter": page("a.md", "[x](https://host/X.md) [y](b/y.md)")},
            {"Chapter": page("b/y.md", "[x](https://host/X.md) [a](../a.md)")},
        ]});
        assert_eq!(book, expected);
    }
}
