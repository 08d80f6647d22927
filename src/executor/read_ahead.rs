//! What a write is checked against, read while its names are looked up.

use std::sync::Arc;

use futures_util::future::join4;

use super::{Executor, RecordFields};
use crate::catalog::{Entity, UDFS};
use crate::error::Error;
use crate::plan::address::ParentRef;
use crate::plan::{Change, RecordKey, Write};
use crate::resolver::FieldList;
use crate::validate::roles::{self, HeldRole};

/// The record of an update, if it can be read by its id, or why there is none.
pub(super) type StoredRecord = Result<Option<RecordFields>, Error>;

/// The active roles of a person, or why they could not be read.
pub(super) type HeldRoles = Result<Arc<[HeldRole]>, Error>;

/// What a write needs whatever its names stand for.
pub(super) struct ReadAhead {
    entity: Entity,
    /// An update of a record whose id is known.
    update: Option<Write>,
    /// The person whose roles are checked.
    resource: Option<i64>,
    has_udfs: bool,
}

impl ReadAhead {
    /// None for a delete, which is checked against nothing.
    pub fn new(write: &Write) -> Option<Self> {
        let record = write.change.record()?;
        let has_id = matches!(write.change, Change::Update(RecordKey::Id(_), _));
        let is_update = has_id && !matches!(write.parent, ParentRef::ByName(..));
        let role = roles::required_role(write.entity, &write.change);
        Some(Self {
            entity: write.entity,
            update: is_update.then(|| write.clone()),
            resource: role.map(|role| role.resource),
            has_udfs: record.get(UDFS).is_some(),
        })
    }
}

impl Executor {
    /// Reads what a write is checked against, all at once. What cannot be read is reported by the check that needs it.
    pub(super) async fn read_ahead(
        &self,
        ahead: ReadAhead,
    ) -> (Option<StoredRecord>, Option<HeldRoles>) {
        let ReadAhead { entity, update, resource, has_udfs } = ahead;
        let stored = async { Some(self.current_record(&update?).await) };
        let fields = self.resolver.tenant_fields(entity, FieldList::Fields);
        let udfs = async {
            match has_udfs {
                true => self.resolver.tenant_fields(entity, FieldList::Udfs).await.ok(),
                false => None,
            }
        };
        let roles = async { Some(self.roles_of(resource?).await) };
        let (stored, roles, ..) = join4(stored, roles, fields, udfs).await;
        (stored, roles)
    }
}
