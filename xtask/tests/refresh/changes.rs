//! Every kind of change: its line in the report, and the way from the report to generated code.

use std::fs;
use std::sync::Arc;

use autotask_codegen::review::Review;
use autotask_codegen::{Declarations, render};
use autotask_sandbox::{ExtraEntity, Sandbox, SchemaOverride};
use autotask_schema::schema::Schema;

use super::{copy, files, overrides, printed, refresh, repository, reviewed};

/// A row of the fields endpoint.
macro_rules! row {
    ($name:expr, $kind:expr $(, $key:literal: $value:expr)*) => {
        serde_json::json!({
            "name": $name, "dataType": $kind, "length": 50, "isRequired": false, "isReadOnly": false,
            "isQueryable": true, "isReference": false, "referenceEntityType": "", "isPickList": false,
            "isSupportedWebhookField": false, "picklistParentValueField": "" $(, $key: $value)*
        })
    };
}
pub(crate) use row;

/// A new entity: a child of tickets, with a reference to its parent.
pub fn tides() -> SchemaOverride {
    SchemaOverride::add_entity(ExtraEntity {
        name: "TicketTides",
        singular: "TicketTide",
        child_of: Some(("Tickets", "Tides")),
        fields: vec![
            row!("id", "long", "isReadOnly": true, "isRequired": true),
            row!("height", "decimal"),
            row!("ticketID", "integer", "isReference": true, "referenceEntityType": "Ticket"),
        ],
    })
}

/// One row for each kind of change, with its line in the report.
#[expect(clippy::too_many_lines, reason = "Rows read better side by side.")]
fn rows() -> Vec<(SchemaOverride, &'static str)> {
    use SchemaOverride as Change;
    vec![
        (
            tides(),
            "`TicketTides`: added at `Tickets/{parentId}/Tides`, with 3 fields. Touches `Entity::TicketTides`",
        ),
        (overrides::remove_entity("Skills"), "`Skills`: removed. Touches"),
        (
            overrides::rename_entity("ShippingTypes", "ShippingKinds"),
            "`ShippingTypes`: renamed to `ShippingKinds`.",
        ),
        (
            Change::add_field("Phases", row!("mood", "string")),
            "`Phases.mood`: added, `string`. Touches `PHASES`.",
        ),
        (
            Change::add_field("Taxes", row!("code", "string", "isRequired": true)),
            "`Taxes.code`: added, `string`, required.",
        ),
        (overrides::remove_field("Phases", "description"), "`Phases.description`: removed."),
        (
            overrides::rename_field("Phases", "estimatedHours", "estimateHours"),
            "`Phases.estimatedHours`: renamed to `estimateHours`.",
        ),
        (
            Change::set_field("Roles", "hourlyRate", "dataType", "double".into()),
            "`Roles.hourlyRate`: type `decimal` → `double`.",
        ),
        (
            Change::set_field("Roles", "description", "isReadOnly", true.into()),
            "`Roles.description`: is read-only.",
        ),
        (
            Change::set_field("Roles", "description", "isRequired", true.into()),
            "`Roles.description`: is required.",
        ),
        (
            Change::set_field("Roles", "name", "isQueryable", false.into()),
            "`Roles.name`: is not queryable",
        ),
        (
            Change::set_field("Departments", "name", "length", 10.into()),
            "`Departments.name`: length 100 → 10.",
        ),
        (
            Change::set_field("Departments", "description", "length", 9999.into()),
            "`Departments.description`: length 1000 → 9999.",
        ),
        (
            Change::set_field("Tickets", "purchaseOrderNumber", "isPickList", true.into()),
            "`Tickets.purchaseOrderNumber`: is a picklist.",
        ),
        (
            Change::set_field("Tickets", "contractID", "referenceEntityType", "Project".into()),
            "`Tickets.contractID`: reference `Contract` → `Project`.",
        ),
        (
            Change::set_field("Tickets", "issueType", "picklistParentValueField", "QueueID".into()),
            "`Tickets.issueType`: picklist depends on none → `queueID`.",
        ),
        (
            Change::set_field("Tickets", "title", "isSupportedWebhookField", true.into()),
            "`Tickets.title`: is a webhook field, previously unknown.",
        ),
        (
            Change::set_field("Appointments", "title", "name", "Title".into()),
            "`Appointments.title`: name on the fields page none → `Title`.",
        ),
        (
            Change::set_field("Tickets", "resolution", "isReadOnly", true.into()),
            "`Tickets.resolution`: is read-only. Touches `TICKETS`; tools `search-tickets`, `get-ticket`, `update-ticket`.",
        ),
        (
            overrides::set_right("Surveys", "supportsWebhookCallouts", &true.into()),
            "`Surveys`: has webhooks.",
        ),
        (overrides::set_right("Surveys", "canUpdate", &true.into()), "`Surveys`: can update."),
        (
            overrides::remove_route("Tags/{id}", "DELETE"),
            "`Tags`: `Tags/{id}` no longer accepts DELETE.",
        ),
        (overrides::set_right("Tags", "canDelete", &false.into()), "`Tags`: can no longer delete."),
        (overrides::add_route("Countries", "POST"), "`Countries`: `Countries` accepts POST."),
    ]
}

#[test]
fn each_kind_of_change_has_its_line() {
    let sandbox = Arc::new(Sandbox::new());
    for (change, _) in rows() {
        sandbox.override_schema(change);
    }
    let (_, review) = reviewed(&sandbox, "every-kind");
    let report = review.report();
    let missing: Vec<_> = rows().into_iter().filter(|(_, line)| !report.contains(line)).collect();
    assert!(missing.is_empty(), "{missing:#?}\n{report}");
    let before = Schema::load(&repository().join("schema/entities")).expect("entities");
    let unreported: Vec<_> = review
        .schema
        .entities
        .values()
        .filter(|new| before.entities.get(&new.name).is_some_and(|old| old != *new))
        .filter(|new| review.changes.iter().all(|change| change.entity != new.name))
        .collect();
    assert!(unreported.is_empty(), "changed, but not reported: {unreported:#?}");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!("report", report);
    });
}

/// A tenant with a new child entity, a renamed field, and one that is read-only now.
pub fn changed() -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    sandbox.override_schema(tides());
    sandbox.override_schema(overrides::rename_field("Phases", "estimatedHours", "estimateHours"));
    sandbox.override_schema(SchemaOverride::set_field(
        "Tickets",
        "purchaseOrderNumber",
        "isReadOnly",
        true.into(),
    ));
    sandbox
}

/// A changed tenant is reported, written to the schema, and changes only its own lines of generated code.
#[test]
fn a_change_reaches_the_report_the_schema_and_generated_code() {
    let (pages, _) = reviewed(&changed(), "change-pages");
    let schema = copy("change");
    let (stored, folder) = (pages.path().to_string_lossy(), schema.to_string_lossy());
    let check = refresh(&["--check", "--from", &stored, "--schema", &folder]);
    assert_eq!(check.status.code(), Some(1), "{}", printed(&check));
    assert!(files(&schema) == files(&repository().join("schema")), "--check changed the schema");
    let written = refresh(&["--from", &stored, "--schema", &folder]);
    assert!(written.status.success(), "{}", printed(&written));
    assert!(
        printed(&written).contains("233 entities, 2770 fields; 3 files changed"),
        "{}",
        printed(&written)
    );
    let again = refresh(&["--check", "--from", &stored, "--schema", &folder]);
    assert!(again.status.success(), "{}", printed(&again));
    let (before, after) = (lines(&repository().join("schema")), lines(&schema));
    let removed =
        before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}\n"));
    let added =
        after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}\n"));
    let changed: String = removed.chain(added).collect();
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!("generated", changed);
    });
}

/// A declaration that names a removed field stops the refresh until it is fixed.
#[test]
fn a_refresh_that_breaks_a_declaration_is_not_written() {
    let sandbox = Arc::new(Sandbox::new());
    sandbox.override_schema(overrides::rename_field("Tickets", "dueDateTime", "dueDateAndTime"));
    let (pages, _) = reviewed(&sandbox, "broken-pages");
    let schema = copy("broken");
    let (stored, folder) = (pages.path().to_string_lossy(), schema.to_string_lossy());
    let rejected = refresh(&["--from", &stored, "--schema", &folder]);
    let message = "no field of Tickets is called \"dueDateTime\"; did you mean \"dueDateAndTime\"?";
    assert!(!rejected.status.success());
    assert!(printed(&rejected).contains(message), "{}", printed(&rejected));
    assert!(printed(&rejected).contains("`Tickets.dueDateTime`: renamed to `dueDateAndTime`."));
    assert!(files(&schema) == files(&repository().join("schema")), "the schema was changed");
    for file in ["tools.toml", "terms.toml", "argument-names.toml"] {
        let declared = fs::read_to_string(schema.join(file)).expect("a declaration");
        let fixed = declared.replace("dueDateTime", "dueDateAndTime");
        fs::write(schema.join(file), fixed).expect("a fixed declaration");
    }
    let written = refresh(&["--from", &stored, "--schema", &folder]);
    assert!(written.status.success(), "{}", printed(&written));
}

#[test]
fn a_schema_from_a_file_is_reviewed_too() {
    let schema = repository().join("schema");
    let mut changed = Schema::load(&schema.join("entities")).expect("entities");
    changed.entities.remove("Skills");
    let review = Review::from_schema(&schema, changed).expect("a review");
    assert!(review.report().contains("`Skills`: removed."), "{}", review.report());
}

fn lines(schema: &std::path::Path) -> Vec<String> {
    let declared = Declarations::load(schema).expect("the schema loads");
    let files = render(&declared).expect("the schema renders");
    files.iter().flat_map(|file| file.text.lines().map(str::to_owned)).collect()
}
