//! Rules for the book: its pages and what they contain.

use std::collections::BTreeSet;

use autotask_codegen::Declarations;

use super::{assert_none, has_extension, root, text, tracked};

/// The paths of the pages below `docs/`.
fn book_pages() -> BTreeSet<String> {
    let names = tracked().into_iter().map(|(name, _)| name);
    let pages = names.filter(|name| has_extension(name, "md"));
    pages.filter_map(|name| Some(name.strip_prefix("docs/")?.to_owned())).collect()
}

#[test]
fn the_table_of_contents_lists_every_page_once() {
    let contents = text("docs/SUMMARY.md");
    let links = contents.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let listed: Vec<_> = links.map(str::to_owned).collect();
    let mut expected = book_pages();
    expected.remove("SUMMARY.md");
    let unique: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), unique.len(), "docs/SUMMARY.md lists a page twice");
    let violations: Vec<_> = expected.symmetric_difference(&unique).cloned().collect();
    assert_none("docs/SUMMARY.md lists exactly the pages of docs/.", &violations);
}

#[test]
fn each_tool_has_a_page_with_an_example() {
    let declared = Declarations::load(&root().join("schema")).expect("schema/ loads");
    let tools: BTreeSet<_> = declared.tools.into_iter().map(|tool| tool.name).collect();
    let pages = book_pages().into_iter();
    let pages =
        pages.filter_map(|page| Some(page.strip_prefix("tools/")?.strip_suffix(".md")?.to_owned()));
    let pages: BTreeSet<_> = pages.collect();
    let mut violations: Vec<_> = tools.symmetric_difference(&pages).cloned().collect();
    for tool in tools.intersection(&pages) {
        let call = format!("$ autotask-mcp call {tool} ");
        if !text(&format!("docs/tools/{tool}.md")).contains(&call) {
            violations.push(format!("{tool}: no example"));
        }
    }
    assert_none("docs/tools/ has one page for each tool, with an example of a call.", &violations);
}

#[test]
fn each_error_code_has_a_section() {
    let page = text("docs/errors.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | `"));
    let codes: Vec<_> = rows.map(|(code, _)| code.to_owned()).collect();
    assert!(codes.len() > 20, "docs/errors.md has no table of codes that this test can parse");
    let sections: BTreeSet<_> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let missing: Vec<_> =
        codes.into_iter().filter(|code| !sections.contains(code.as_str())).collect();
    assert_none("docs/errors.md has a section for each code of its table.", &missing);
}

#[test]
fn the_book_links_to_the_repository_of_the_crate() {
    let manifest = text("Cargo.toml");
    let repository = manifest.lines().find_map(|line| line.strip_prefix("repository = \"http"));
    let repository = repository.expect("Cargo.toml has the repository's address");
    let setting = format!("git-repository-url = \"http{repository}");
    assert!(
        text("book.toml").lines().any(|line| line == setting),
        "book.toml does not contain {setting}"
    );
}

#[test]
fn no_page_has_the_owner_placeholder_once_the_manifest_has_an_owner() {
    const PLACEHOLDER: &str = "OWNER";
    if text("Cargo.toml").contains(PLACEHOLDER) {
        return;
    }
    let contains = |page: &String| text(&format!("docs/{page}")).contains(PLACEHOLDER);
    let violations: Vec<_> = book_pages().into_iter().filter(contains).collect();
    assert_none(
        "A page of docs/ must not have the placeholder once Cargo.toml has an owner.",
        &violations,
    );
}
