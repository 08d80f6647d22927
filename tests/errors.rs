//! Every error code as a model reads it, on one page.

use autotask_mcp::error::{Code, Error, Upstream};

#[test]
fn every_code_is_reviewed() {
    let mut page = String::new();
    for code in Code::ALL {
        let error = Error::new(*code, "What happened, as a sentence.");
        page += &format!("{error}\n{}\n\n", error.structured());
    }
    let whole = Error::new(Code::Rejected, "Autotask refused the request.")
        .accepts("what would be right")
        .next("one act that helps.")
        .upstream(Upstream { status: 500, errors: vec!["Its own words.".into()] });
    page += &format!("{whole}\n{}\n", whole.structured());
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("errors", page);
    });
}
