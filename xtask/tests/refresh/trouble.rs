//! Bad input: each is reported with its entity, the rest goes on, and nothing half-written stays.

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use autotask_sandbox::{ExtraEntity, Fault, Sandbox, SchemaOverride};
use autotask_schema::metadata_folder::{FolderState, MetadataFolder};
use autotask_schema::schema::Schema;
use serde_json::json;

use super::changes::{row, tides};
use super::{empty, overrides, printed, refresh, reviewed, survey};

/// What goes wrong: a wrong answer, or a fault on a path.
#[derive(Debug)]
enum Trouble {
    Override(SchemaOverride),
    Fault(&'static str, Fault),
}

impl Trouble {
    fn apply(self, sandbox: &Sandbox) {
        match self {
            Self::Override(change) => sandbox.override_schema(change),
            Self::Fault(path, fault) => sandbox.set_fault_for_path(path, fault),
        }
    }
}

/// One row a trouble, and what the report says of it.
#[expect(clippy::too_many_lines, reason = "Rows read better side by side.")]
fn rows() -> Vec<(Trouble, &'static str)> {
    use SchemaOverride as Change;
    let fault = Trouble::Fault;
    let entity = |name, fields| {
        Change::add_entity(ExtraEntity { name, singular: name, child_of: None, fields })
    };
    let id = || vec![row!("id", "long")];
    let overrides = [
        (
            Change::hide("Products/entityInformation/fields"),
            "`Products`: fields not read: not-found.",
        ),
        (entity("Odd-Things", id()), "`Odd-Things`: the name is not a Rust identifier."),
        (
            overrides::add_route("SKILLS/entityInformation/fields", "GET"),
            "another entity has this name in other letter case.",
        ),
        (entity("Whales", id()), "`Whales`: fields not read: not-found."),
        (
            Change::hide("Whales/entityInformation/fields"),
            "`Whales`: the entity is new and was left out.",
        ),
        (
            Change::add_field("Tickets", row!("my field", "string")),
            "`Tickets.my field`: the name is not a Rust identifier.",
        ),
        (
            Change::add_field("Tickets", row!("TITLE", "string")),
            "`Tickets.TITLE`: another field has this name in other letter case.",
        ),
        (
            Change::add_field("Tickets", row!("shape", "geometry")),
            "`Tickets.shape`: \"geometry\" is an unknown type.",
        ),
        (
            Change::add_field("Tickets", json!({ "name": "bare" })),
            "`Tickets.bare`: it has no type.",
        ),
        (
            Change::set_field("Tickets", "status", "dataType", "enum".into()),
            "`Tickets.status`: \"enum\" is an unknown type.",
        ),
        (
            Change::set_field("Tickets", "title", "length", json!(-1)),
            "`Tickets.title`: invalid field: invalid value",
        ),
        (
            Change::set_field("Tickets", "companyID", "referenceEntityType", "Whale".into()),
            "it references \"Whale\", which is not an entity.",
        ),
        (
            Change::set_field(
                "Tickets",
                "subIssueType",
                "picklistParentValueField",
                "nothing".into(),
            ),
            "depends on \"nothing\", which is not a field.",
        ),
        (overrides::set_right("Contacts", "canCreate", &json!(false)), ""),
        (
            overrides::set_right("Contacts", "userAccessForCreate", &json!("None")),
            "`Contacts`: this API user may not create; the right is kept.",
        ),
    ];
    let faults = [
        (
            fault("Invoices/entityInformation/fields", Fault::PermissionDenied),
            "`Invoices`: fields not read: forbidden.",
        ),
        (
            fault("Quotes/entityInformation", Fault::PermissionDenied),
            "`Quotes`: rights not read: forbidden.",
        ),
        (
            fault("Services/entityInformation/fields", Fault::Truncated),
            "`Services`: fields not read: upstream-unavailable.",
        ),
    ];
    let overrides = overrides.map(|(change, line)| (Trouble::Override(change), line));
    overrides.into_iter().chain(faults).collect()
}

/// The API user may not see an entity.
fn deny(sandbox: &Sandbox, entity: &str) {
    for page in ["entityInformation", "entityInformation/fields"] {
        sandbox.set_fault_for_path(&format!("{entity}/{page}"), Fault::PermissionDenied);
    }
}

fn entities() -> Vec<String> {
    let schema = Schema::from_json(autotask_schema::built_in()).expect("the schema parses");
    schema.entities.into_keys().collect()
}

#[test]
fn each_trouble_is_told_and_the_rest_goes_on() {
    let sandbox = Arc::new(Sandbox::new());
    for (trouble, _) in rows() {
        trouble.apply(&sandbox);
    }
    sandbox.override_schema(tides());
    let (_, review) = reviewed(&sandbox, "troubled");
    let report = review.report();
    let missing: Vec<_> = rows().into_iter().filter(|(_, line)| !report.contains(line)).collect();
    assert!(missing.is_empty(), "{missing:#?}\n{report}");
    assert!(report.contains("`TicketTides`: added"), "{report}");
    assert!(
        report.contains("`Tickets.subIssueType`: picklist depends on `issueType` → none."),
        "{report}"
    );
    assert_eq!(review.changes.len(), 2, "{report}");
    assert!(review.obstacle.is_none(), "{report}");
}

/// A user without rights on half the entities learns nothing about them, and unlearns nothing.
#[test]
fn half_the_rights_are_no_drift() {
    let sandbox = Arc::new(Sandbox::new());
    for entity in entities().iter().step_by(2) {
        deny(&sandbox, entity);
    }
    let (_, review) = reviewed(&sandbox, "half");
    assert!(review.changes.is_empty(), "{}", review.report());
    assert_eq!(review.skipped.len(), 2 * 116);
    let head = "# The schema is up to date, according to 232 of 464 pages\n";
    assert!(review.report().starts_with(head), "{}", review.report());
}

/// Who may read nothing learns nothing, and is not told that nothing has changed.
#[test]
fn a_survey_that_learnt_nothing_is_an_error() {
    let sandbox = Arc::new(Sandbox::new());
    for entity in entities() {
        deny(&sandbox, &entity);
    }
    let folder = MetadataFolder::new(empty("nothing"));
    survey(&sandbox, &folder).expect("a survey");
    let stored = folder.path().to_string_lossy().into_owned();
    let checked = refresh(&["--check", "--from", &stored]);
    assert_eq!(checked.status.code(), Some(1));
    let response = printed(&checked);
    assert!(
        response.contains("none of 464 metadata pages could be read (forbidden)"),
        "{response}"
    );
    assert!(!response.contains("up to date"), "{response}");
}

/// An entity that has the name of something in the generated code.
#[test]
fn a_name_that_would_stop_the_build_is_told() {
    let sandbox = Arc::new(Sandbox::new());
    sandbox.override_schema(SchemaOverride::add_entity(ExtraEntity {
        name: "Short",
        singular: "Short",
        child_of: None,
        fields: vec![row!("id", "long")],
    }));
    let (_, review) = reviewed(&sandbox, "short");
    let report = review.report();
    assert!(
        review.obstacle.is_some() && report.contains("the entity \"Short\" has a name"),
        "{report}"
    );
}

/// What was said before an interruption is not asked again.
#[test]
fn an_interrupted_survey_goes_on() {
    let sandbox = Arc::new(Sandbox::new());
    let folder = MetadataFolder::new(empty("interrupted"));
    sandbox.queue_faults(std::iter::repeat_n(None, 100).chain([Some(Fault::ThresholdExceeded)]));
    let stopped = survey(&sandbox, &folder).expect_err("a budget that is used up");
    assert!(stopped.to_string().starts_with("threshold-reached"), "{stopped}");
    let first = sandbox.requests().len();
    sandbox.clear_faults();
    survey(&sandbox, &folder).expect("the rest");
    let fields = |from: usize| sandbox.requests().split_off(from);
    let request = sandbox.requests();
    let pages = request.iter().filter(|line| line.contains("/entityInformation")).count();
    assert!(first < 120 && pages <= 464 + 8, "{first} then {pages}");
    assert!(
        fields(first).iter().any(|line| line.contains("swagger")),
        "entities may have come since"
    );
    survey(&sandbox, &folder).expect("a survey of its own");
    assert!(sandbox.requests().len() > first + 800, "a whole survey is begun anew");
}

/// What was said more than a day ago is not mixed with what is said today.
#[test]
fn an_old_survey_begins_anew() {
    let folder = MetadataFolder::new(empty("old"));
    assert_eq!(folder.start().expect("a beginning"), FolderState::New);
    assert_eq!(folder.start().expect("it goes on"), FolderState::Resumed);
    let mark = File::options().write(true).open(folder.path().join("started"));
    let yesterday = SystemTime::now() - Duration::from_secs(25 * 3600);
    mark.and_then(|mark| mark.set_modified(yesterday)).expect("an old mark");
    folder.save_swagger(&json!({})).expect("a page");
    assert_eq!(folder.start().expect("it begins"), FolderState::Expired);
    assert!(folder.swagger().is_err());
}

#[test]
fn a_swagger_document_cut_in_the_middle_changes_nothing() {
    let sandbox = Arc::new(Sandbox::new());
    sandbox.set_fault_for_path("swagger/docs/v1", Fault::Truncated);
    let folder = MetadataFolder::new(empty("cut-swagger"));
    assert!(survey(&sandbox, &folder).is_err());
    let stored = folder.path().to_string_lossy().into_owned();
    let rejected = refresh(&["--from", &stored]);
    assert!(!rejected.status.success());
    assert!(printed(&rejected).contains("swagger.json"), "{}", printed(&rejected));
}

/// What belongs to this tenant alone is not even kept.
#[test]
fn no_label_of_the_tenant_is_kept() {
    let (folder, review) = reviewed(&Arc::new(Sandbox::new()), "impersonal");
    assert!(review.changes.is_empty());
    let page = std::fs::read_to_string(folder.path().join("Tickets.fields.json")).expect("a page");
    assert!(
        page.contains("issueType") && !page.contains("picklistValues") && !page.contains("Printer")
    );
}

#[test]
fn a_dry_run_asks_nobody() {
    let response = refresh(&["--dry-run", "--url", "http://127.0.0.1:9/"]);
    assert!(response.status.success());
    assert!(printed(&response).starts_with("about 465 requests"), "{}", printed(&response));
}
