//! Why a write was not made.

use serde_json::json;

use crate::cluster::at_most_once::PriorCreate;
use crate::error::{Code, Error};
use crate::plan::Write;
use crate::plan::address::ParentRef;

pub(super) fn no_record_error() -> Error {
    Error::internal("A request is for one record.")
}

pub(super) fn no_id_error() -> Error {
    Error::new(
        Code::OutcomeUnknown,
        "Autotask accepted the write but did not say which record it is.",
    )
}

pub(super) fn duplicate_message(write: &Write, prior: PriorCreate) -> String {
    let name = write.entity.singular();
    match prior {
        PriorCreate::Created(id) => {
            format!("An identical {name} was created in the last ten minutes; its id is {id}.")
        }
        PriorCreate::Untracked => format!(
            "Too many records were created in the last ten minutes to tell whether an identical {name} was; nothing was sent."
        ),
        PriorCreate::Unknown => format!(
            "An identical {name} was submitted in the last ten minutes; it is unknown whether it was created."
        ),
    }
}

/// A record that is not under the given parent may be under another one.
pub(super) fn wrong_parent_error(error: Error, write: &Write) -> Error {
    match (error.code(), &write.parent, write.parent_field()) {
        (Code::NotFound, ParentRef::Id(id), Some(field)) => {
            let is_fixed = write.entity.field(field).is_some_and(|field| field.read_only.is_yes());
            let fixed = if is_fixed { ", which can be set on create only" } else { "" };
            let call = json!({ "entity": write.entity.name(), "id": write.id() });
            error.also(&format!("It was looked up under {field} {id}{fixed}.")).next(format!(
                "get-entity {call} shows its {field}; without a parent it is looked up."
            ))
        }
        _ => error,
    }
}

pub(super) fn no_parent_error(write: &Write, field: &str) -> Error {
    Error::new(
        Code::MissingField,
        format!("The record's {field} is empty, so its parent is not known."),
    )
    .accepts(format!("parentEntity and parentId of the {}", write.entity.singular()))
}
