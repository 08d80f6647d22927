//! Errors and warnings of names that could not be resolved.

use super::metadata::{FieldList, is_local_failure};
use super::name_ref::NameRef;
use crate::catalog::Entity;
use crate::error::{Code, Error, Retry};

pub(super) fn no_person_error(name: &NameRef) -> Error {
    let argument = name.argument();
    let message = format!(
        "{argument}: \"me\" cannot be resolved, because neither the caller's token nor AUTOTASK_IMPERSONATION_RESOURCE_ID names a person."
    );
    Error::new(Code::BadArgument, message).accepts(format!("{argument}: an id, name or e-mail"))
}

pub(super) fn ticket_not_found(number: &str) -> Error {
    Error::new(Code::NotFound, format!("There is no ticket {number}."))
        .next("search-tickets finds tickets by title, company or date.")
}

pub(super) fn no_names_error(name: &NameRef) -> Error {
    let argument = name.argument();
    let message = format!("{argument} does not accept the name {:?}.", name.name);
    Error::new(Code::BadArgument, message).accepts(format!("{argument}: an integer, such as 5"))
}

/// Without the tenant's picklists labels cannot be resolved; suggests a code, unless no request is possible at all.
pub(super) fn labels_unreadable_error(name: &NameRef, error: Error) -> Error {
    if is_local_failure(&error) || error.code() == Code::RateLimited {
        return error;
    }
    error.next(format!(
        "The labels of {} could not be read, so give {} as a code.",
        name.entity.name(),
        name.argument()
    ))
}

/// The error for a picklist whose values the tenant does not list.
pub(super) fn picklist_unlisted_error(name: &NameRef) -> Error {
    let (argument, entity) = (name.argument(), name.entity.name());
    let message =
        format!("{argument}: the values of {entity} could not be read: Autotask lists none.");
    Error::new(Code::UpstreamUnavailable, message)
        .with_retry(Retry::AfterChange)
        .next(format!("Give {argument} as a code."))
}

/// The warning for text that could not be checked against its picklist.
pub(super) fn unchecked_warning(entity: Entity, list: FieldList, error: &Error) -> String {
    let (name, code) = (entity.name(), error.code().name());
    let lists = match list {
        FieldList::Fields => "picklists",
        FieldList::Udfs => "user-defined fields",
    };
    format!(
        "The {lists} of {name} could not be read ({code}): texts were sent as they are, \
         and a label of a list finds nothing."
    )
}
