//! Invalid metadata and faults: each is reported with its entity, the rest is merged, and nothing is partly written.

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use autotask_sandbox::{ExtraEntity, Fault, Sandbox, SchemaOverride};
use autotask_schema::metadata_folder::{FolderState, MetadataFolder};
use autotask_schema::schema::Schema;
use serde_json::json;

use super::changes::{row, tides};
use super::{empty_folder, fetch, overrides, printed, refresh, reviewed};

/// What goes wrong: an invalid response, or a fault on a path.
#[derive(Debug)]
enum Problem {
    Override(SchemaOverride),
    Fault(&'static str, Fault),
}

impl Problem {
    fn apply(self, sandbox: &Sandbox) {
        match self {
            Self::Override(change) => sandbox.override_schema(change),
            Self::Fault(path, fault) => sandbox.set_fault_for_path(path, fault),
        }
    }
}

/// One row for each problem, with its line in the report.
#[expect(clippy::too_many_lines, reason = "Rows read better side by side.")]
fn rows() -> Vec<(Problem, &'static str)> {
    use SchemaOverride as Change;
    let fault = Problem::Fault;
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
            "`Tickets.TITLE`: another field has this name, perhaps in other letter case.",
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
    let overrides = overrides.map(|(change, line)| (Problem::Override(change), line));
    overrides.into_iter().chain(faults).collect()
}

/// Denies the API user access to an entity.
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
fn each_problem_is_reported_and_the_rest_is_merged() {
    let sandbox = Arc::new(Sandbox::new());
    for (problem, _) in rows() {
        problem.apply(&sandbox);
    }
    sandbox.override_schema(tides());
    let (_, review) = reviewed(&sandbox, "problems");
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

/// Entities that the API user may not read are unchanged in the schema.
#[test]
fn missing_rights_are_not_drift() {
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

/// A fetch without a readable page fails, and is not reported as "up to date".
#[test]
fn a_fetch_without_a_readable_page_is_an_error() {
    let sandbox = Arc::new(Sandbox::new());
    for entity in entities() {
        deny(&sandbox, &entity);
    }
    let folder = MetadataFolder::new(empty_folder("nothing"));
    fetch(&sandbox, &folder).expect("the fetch ends");
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

/// The name of an entity must not be that of an item in the generated code.
#[test]
fn a_name_that_would_break_the_build_is_reported() {
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

/// Pages fetched before an interruption are not requested again.
#[test]
fn an_interrupted_fetch_is_resumed() {
    let sandbox = Arc::new(Sandbox::new());
    let folder = MetadataFolder::new(empty_folder("interrupted"));
    sandbox.queue_faults(std::iter::repeat_n(None, 100).chain([Some(Fault::ThresholdExceeded)]));
    let stopped = fetch(&sandbox, &folder).expect_err("the threshold is reached");
    assert!(stopped.to_string().starts_with("threshold-reached"), "{stopped}");
    let first = sandbox.requests().len();
    sandbox.clear_faults();
    fetch(&sandbox, &folder).expect("the rest is fetched");
    let requests = sandbox.requests();
    let pages = requests.iter().filter(|line| line.contains("/entityInformation")).count();
    assert!(first < 120 && pages <= 464 + 8, "{first} then {pages}");
    assert!(
        requests.iter().skip(first).any(|line| line.contains("swagger")),
        "Swagger is fetched again: the tenant may have new entities"
    );
    fetch(&sandbox, &folder).expect("the metadata is fetched");
    assert!(sandbox.requests().len() > first + 800, "a complete fetch is not reused");
}

/// An interrupted fetch older than a day is not resumed.
#[test]
fn an_old_fetch_starts_over() {
    let folder = MetadataFolder::new(empty_folder("old"));
    assert_eq!(folder.start().expect("a new fetch starts"), FolderState::New);
    assert_eq!(folder.start().expect("the fetch resumes"), FolderState::Resumed);
    let marker = File::options().write(true).open(folder.path().join("started"));
    let yesterday = SystemTime::now() - Duration::from_secs(25 * 3600);
    marker.and_then(|marker| marker.set_modified(yesterday)).expect("an old marker");
    folder.save_swagger(&json!({})).expect("the document is saved");
    assert_eq!(folder.start().expect("a new fetch starts"), FolderState::Expired);
    assert!(folder.swagger().is_err());
}

#[test]
fn a_truncated_swagger_document_changes_nothing() {
    let sandbox = Arc::new(Sandbox::new());
    sandbox.set_fault_for_path("swagger/docs/v1", Fault::Truncated);
    let folder = MetadataFolder::new(empty_folder("truncated-swagger"));
    assert!(fetch(&sandbox, &folder).is_err());
    let stored = folder.path().to_string_lossy().into_owned();
    let rejected = refresh(&["--from", &stored]);
    assert!(!rejected.status.success());
    assert!(printed(&rejected).contains("swagger.json"), "{}", printed(&rejected));
}

#[test]
fn labels_of_the_tenant_are_not_saved() {
    let (folder, review) = reviewed(&Arc::new(Sandbox::new()), "labels");
    assert!(review.changes.is_empty());
    let page = std::fs::read_to_string(folder.path().join("Tickets.fields.json")).expect("a page");
    assert!(
        page.contains("issueType") && !page.contains("picklistValues") && !page.contains("Printer")
    );
}

#[test]
fn a_dry_run_sends_no_request() {
    let response = refresh(&["--dry-run", "--url", "http://127.0.0.1:9/"]);
    assert!(response.status.success());
    assert!(printed(&response).starts_with("about 465 requests"), "{}", printed(&response));
}
