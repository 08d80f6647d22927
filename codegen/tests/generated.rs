//! Snapshots of every generated file, as `build.rs` writes it, for review.

use std::path::Path;

use autotask_codegen::{Declarations, render};

#[test]
fn generated_files_match_their_snapshots() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema");
    let declared = Declarations::load(&schema).expect("schema/ loads");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for file in render(&declared).expect("schema/ renders") {
            let name = file.name.trim_end_matches(".rs").replace('/', "-");
            insta::assert_snapshot!(name, file.text);
        }
    });
}

/// Reading and writing the files again changes nothing.
#[test]
fn entity_files_are_canonical() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/entities");
    let schema = autotask_schema::schema::Schema::load(&folder).expect("entities read");
    assert_eq!(schema.entities.len(), 232);
    assert_eq!(schema.entities.values().map(|entity| entity.fields.len()).sum::<usize>(), 2767);
    for entity in schema.entities.values() {
        let text = std::fs::read_to_string(folder.join(format!("{}.json", entity.name)));
        assert_eq!(
            text.expect("the file reads"),
            entity.canonical_text().expect("it writes"),
            "{}",
            entity.name
        );
    }
}
