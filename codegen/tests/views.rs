//! How a view becomes one file, and what its author reads if it cannot.

use autotask_codegen::views::{Sources, assemble, names};

const PAGE: &str = "<!doctype html>\n<!-- styles -->\n<main></main>\n  <!-- script -->\n";

fn sources(files: &[(&str, &str)]) -> Sources {
    let page = ("card/view.html", PAGE);
    let files = [page].into_iter().chain(files.iter().copied());
    files.map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
}

#[test]
fn modules_are_put_together_depth_first() {
    let files = sources(&[
        (
            "card/view.js",
            "import {draw} from \"./draw.js\";\nimport { day } from \"../shared/day.js\";\n\ndraw(day());\n",
        ),
        (
            "card/draw.js",
            "import {day} from \"../shared/day.js\";\nexport function draw(text) {\n  day(text);\n}\n",
        ),
        (
            "shared/day.js",
            "// exported names\nexport const day = () => 1;\nexport async function later() {}\n",
        ),
        ("shared/unused.js", "export const day = 2;\n"),
        ("shared/b.css", "b { c: d; }\n\n"),
        ("shared/a.css", "a, b { b: c; d: e(f, g); }\n"),
        ("other/c.css", "c { d: e; }\n"),
    ]);
    assert_eq!(names(&files).collect::<Vec<_>>(), ["card"]);
    let expected = "<!doctype html>\n<style>\na,b{b:c;d:e(f,g)}\nb{c:d}\n</style>\n<main></main>\n\
        <script type=\"module\">\nconst day = () => 1;\nasync function later() {}\n\
        function draw(text) {\nday(text);\n}\ndraw(day());\n</script>\n";
    assert_eq!(assemble(&files, "card").as_deref(), Ok(expected));
}

fn check(files: &[(&str, &str)], expected: &str) {
    let problem = assemble(&sources(files), "card").err().map(|problem| problem.to_string());
    assert_eq!(problem.as_deref(), Some(expected));
}

#[test]
fn what_cannot_be_assembled_is_named() {
    const FORM: &str =
        "an import is one line such as import {sort, filter} from \"../shared/table.js\";";
    check(&[], "apps/card/view.html: apps/card/view.js is missing");
    let view = |text| [("card/view.js", text)];
    check(
        &view("import {day} from \"../shared/day.js\";\n"),
        "apps/card/view.html: apps/card/view.js: apps/shared/day.js is missing",
    );
    for line in [
        "import day from \"../shared/day.js\";",
        "import {day as d} from \"../shared/day.js\";",
        "import {day} from '../shared/day.js';",
        "import {day} from \"day\";",
        "import {day} from \"../../src/day.js\";",
        "import \"../shared/day.js\";",
        "import {",
    ] {
        check(&view(line), &format!("apps/card/view.html: apps/card/view.js: line 1: {FORM}"));
    }
    for line in ["export default 1;", "export {day};", "export * from \"./a.js\";"] {
        check(
            &view(line),
            "apps/card/view.html: apps/card/view.js: line 1: export stands before function, const, let, var or class",
        );
    }
    check(
        &view("const a = `\n`;\n"),
        "apps/card/view.html: apps/card/view.js: line 1: a template literal ends in its line",
    );
    for (text, forbidden) in [("a;\n\"</SCRIPT>\";", "</script"), ("b;\n\"<!-- c\";", "<!--")] {
        check(
            &view(text),
            &format!(
                "apps/card/view.html: apps/card/view.js: line 2 has {forbidden}, which would end the element; split the text"
            ),
        );
    }
    check(
        &[("card/view.js", ""), ("shared/a.css", "a { content: \"</style>\" }")],
        "apps/shared/a.css: line 1 has </style, which would end the element; split the text",
    );
}

#[test]
fn names_are_exported_and_declared_once() {
    let view = "import {dya} from \"../shared/day.js\";\nconst hour = 1;\n";
    check(
        &[("card/view.js", view), ("shared/day.js", "export const day = 1;\n")],
        "apps/card/view.html: apps/card/view.js: no export of apps/shared/day.js is called \"dya\"; did you mean \"day\"?",
    );
    let view = "import {day} from \"../shared/day.js\";\nfunction hour() {}\n";
    check(
        &[("card/view.js", view), ("shared/day.js", "export const day = 1;\nlet hour = 2;\n")],
        "apps/card/view.html: apps/card/view.js: hour is declared in apps/shared/day.js too; views have one scope",
    );
    check(
        &[
            ("card/view.js", "import {a} from \"./a.js\";\n"),
            ("card/a.js", "import {b} from \"./view.js\";\n"),
        ],
        "apps/card/view.html: apps/card/view.js: apps/card/a.js: apps/card/view.js imports itself through [\"card/view.js\", \"card/a.js\"]",
    );
}

#[test]
fn a_page_has_one_place_for_each_and_a_limit() {
    let mut files = sources(&[("card/view.js", "")]);
    for page in ["<!-- script -->\n", "<!-- styles -->\n<!-- styles -->\n<!-- script -->\n"] {
        files.insert("card/view.html".to_owned(), page.to_owned());
        let problem = assemble(&files, "card").map_err(|problem| problem.to_string());
        let expected = "apps/card/view.html: exactly one line must be <!-- styles -->";
        assert_eq!(problem, Err(expected.to_owned()));
    }
    let long = format!("\"{}\";\n", "x".repeat(60_000));
    let problem = assemble(&sources(&[("card/view.js", &long)]), "card");
    let problem = problem.map_err(|problem| problem.to_string()).err().unwrap_or_default();
    assert!(problem.starts_with("apps/card: the view has 60"), "{problem}");
    assert!(problem.ends_with("bytes, 60000 are allowed"), "{problem}");
}
