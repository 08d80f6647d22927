//! How the values of a field are resolved, depending on the tenant's list of fields.

use super::errors::picklist_unlisted_error;
use super::picklists::find_picklist_value;
use super::{NameCandidate, NameRef};
use crate::catalog::Entity;
use crate::catalog::tenant_fields::TenantField;
use crate::error::Error;

/// How the values of a field are resolved.
pub(super) enum Target {
    Value(NameCandidate),
    Record(Option<Entity>),
    Text,
}

impl Target {
    pub(super) fn new(name: &NameRef, field: Option<&TenantField>) -> Result<Self, Error> {
        match field {
            Some(field) if name.is_text_code() => match field.choices() {
                [] => Ok(Self::Text),
                _ => find_picklist_value(name, field).map(Self::Value),
            },
            None if name.is_text_code() => Ok(Self::Text),
            Some(field) if field.picklist.is_some() => {
                find_picklist_value(name, field).map(Self::Value)
            }
            Some(field) if field.is_unlisted => Err(picklist_unlisted_error(name)),
            field => {
                let referred = field.and_then(|field| field.refers_to);
                Ok(Self::Record(name.refers_to().or(referred)))
            }
        }
    }
}
