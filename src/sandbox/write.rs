//! Records created, changed and deleted, in the order in which Autotask checks.

mod checks;
mod values;

use serde_json::Value;

use crate::catalog::{Entity, Field};

use super::draft::{Draft, Order, Target, no_match};
use super::filter::property;
use super::reply::Refusal;
use super::store::{Record, Store, whole};
use super::{rules, udf};

/// Creates a record and answers its id.
pub(super) fn create(store: &mut Store, order: &Order) -> Result<i64, Refusal> {
    if order.target.entity == Entity::TimeOffRequestsReject {
        return rules::time_off::reject(store, order);
    }
    checks::parent(store, order.target)?;
    let mut draft = draft(order, None);
    set_fields(&mut draft, order.body)?;
    set_parent(&mut draft, order.target)?;
    checks::required(&draft, order.target)?;
    keep(store, draft)
}

/// Changes the fields that the body names.
pub(super) fn patch(store: &mut Store, order: &Order) -> Result<i64, Refusal> {
    let mut draft = draft(order, Some(present(store, order)?));
    set_fields(&mut draft, order.body)?;
    checks::emptied(&draft)?;
    keep(store, draft)
}

/// Changes the fields that the body names and empties the other writable ones.
pub(super) fn replace(store: &mut Store, order: &Order) -> Result<i64, Refusal> {
    let mut draft = draft(order, Some(present(store, order)?));
    let parent = order.target.under.and_then(|(child, _)| child.parent_field);
    for field in draft.entity.fields() {
        if settable(&draft, field) && Some(field.name) != parent {
            draft.set(field.name, Value::Null);
        }
    }
    values::empty_udfs(&mut draft.after);
    set_fields(&mut draft, order.body)?;
    checks::required(&draft, order.target)?;
    keep(store, draft)
}

/// Deletes a record and answers its id.
pub(super) fn delete(store: &mut Store, target: Target, id: i64) -> Result<i64, Refusal> {
    let record = store.get(target.entity, id).filter(|record| target.holds(record));
    let record = record.ok_or_else(no_match)?;
    rules::may_delete(store, target.entity, record)?;
    store.remove(target.entity, id);
    rules::deleted(store, target.entity, id);
    Ok(id)
}

fn draft(order: &Order, before: Option<Record>) -> Draft {
    Draft {
        entity: order.target.entity,
        after: before.clone().unwrap_or_default(),
        before,
        sent: Vec::new(),
        caller: order.caller,
    }
}

fn present(store: &Store, order: &Order) -> Result<Record, Refusal> {
    let id = property(order.body, "id").and_then(Value::as_i64);
    let id = id.ok_or_else(|| Refusal::missing("id"))?;
    let record = store.get(order.target.entity, id);
    let record = record.filter(|record| order.target.holds(record));
    record.cloned().ok_or_else(no_match)
}

/// Takes over what the body says of known fields; unknown properties are ignored without a word.
fn set_fields(draft: &mut Draft, body: &Value) -> Result<(), Refusal> {
    for (name, value) in body.as_object().into_iter().flatten() {
        if name.eq_ignore_ascii_case(super::store::UDFS) {
            values::set_udfs(draft, value)?;
            continue;
        }
        let Some(field) = draft.entity.field(name).filter(|field| field.name != "id") else {
            continue;
        };
        let value = values::dated(draft.entity, field, values::read(field, value)?);
        if settable(draft, field) {
            draft.sent.push(field.name);
            draft.set(field.name, value);
        }
    }
    Ok(())
}

/// Puts the parent's id where the record keeps it.
fn set_parent(draft: &mut Draft, target: Target) -> Result<(), Refusal> {
    let Some((child, parent)) = target.under else {
        return Ok(());
    };
    let Some(field) = child.parent_field else {
        return Ok(());
    };
    if whole(&draft.after, field).is_some_and(|sent| sent != parent) {
        let words = format!("The {field} does not match the parent in the address.");
        return Err(Refusal::of_record(words));
    }
    draft.set(field, parent);
    draft.sent.push(field);
    Ok(())
}

/// Whether a write may set a field; the rest is dropped silently.
fn settable(draft: &Draft, field: &Field) -> bool {
    if field.name == "id" || rules::ignores(draft, field.name) {
        return false;
    }
    match (draft.is_new(), field.read_only.is_yes()) {
        (_, false) => true,
        (true, true) => field.required.is_yes() || is_fixed_at_creation(draft.entity, field.name),
        (false, true) => false,
    }
}

/// Fields that are flagged read-only and yet are taken when a record is made.
fn is_fixed_at_creation(entity: Entity, field: &str) -> bool {
    match entity {
        Entity::ServiceBundleServices => true,
        Entity::Contracts => matches!(field, "contractPeriodType" | "exclusionContractID"),
        _ => false,
    }
}

fn keep(store: &mut Store, mut draft: Draft) -> Result<i64, Refusal> {
    checks::values(store, &draft)?;
    rules::check(store, &mut draft)?;
    rules::stamps::stamp(&mut draft);
    let id = match whole(&draft.after, "id") {
        Some(id) => id,
        None => store.next_id(draft.entity),
    };
    let (entity, caller) = (draft.entity, draft.caller);
    let before = draft.before.take();
    store.put(entity, id, draft.after);
    rules::kept(store, (entity, id), before.as_ref(), caller);
    Ok(id)
}

/// The UDF choices that a value may come from, for checks.
fn udf_of(entity: Entity, name: &str) -> Result<&'static udf::Udf, Refusal> {
    udf::find(entity, name).ok_or_else(|| {
        let words = format!("Unable to find {name} in the {} Entity.", entity.singular());
        Refusal::because(words)
    })
}
