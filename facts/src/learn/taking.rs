//! Fact after fact of a field: what was taken, and what a correction by hand says already.

use super::LIVE;
use super::row::{Named, Row};
use crate::schema::Field;

/// The facts of one field so far.
pub(super) struct Taking<'a> {
    field: Field,
    /// The same field with the corrections by hand.
    corrected: Option<&'a Field>,
    taken: Vec<&'static str>,
    /// The facts that a correction by hand sets as they are told.
    pub(super) confirmed: Vec<&'static str>,
}

impl<'a> Taking<'a> {
    /// Begins with the field as it is written.
    pub(super) fn from(field: Field, corrected: Option<&'a Field>) -> Self {
        Self { field, corrected, taken: Vec::new(), confirmed: Vec::new() }
    }

    /// Takes what is told, unless it is known or a correction stands for it.
    pub(super) fn fact<T: PartialEq>(
        &mut self,
        name: &'static str,
        at: fn(&mut Field) -> &mut T,
        told: Option<T>,
    ) {
        let Some(told) = told.filter(|told| at(&mut self.field) != told) else {
            return;
        };
        let stands = self.corrected.is_some_and(|field| *at(&mut field.clone()) == told);
        if stands {
            self.confirmed.push(name);
        } else {
            *at(&mut self.field) = told;
            self.taken.push(name);
        }
    }

    /// Takes a name that is told, also that there is none.
    pub(super) fn named(
        &mut self,
        fact: &'static str,
        at: fn(&mut Field) -> &mut Option<String>,
        told: Named,
    ) {
        match told {
            Named::Untold => {}
            Named::Nothing => self.fact(fact, at, Some(None)),
            Named::Name(name) => self.fact(fact, at, Some(Some(name))),
        }
    }

    /// Takes the six flags.
    pub(super) fn flags(&mut self, row: &Row) {
        self.fact("isRequired", |f| &mut f.is_required, row.is_required.map(Some));
        self.fact("isReadOnly", |f| &mut f.is_read_only, row.is_read_only.map(Some));
        self.fact("isQueryable", |f| &mut f.is_queryable, row.is_queryable.map(Some));
        self.fact("isPickList", |f| &mut f.is_pick_list, row.is_pick_list.map(Some));
        self.fact("isReference", |f| &mut f.is_reference, row.is_reference.map(Some));
        let webhook = row.is_supported_webhook_field.map(Some);
        self.fact("isSupportedWebhookField", |f| &mut f.is_supported_webhook_field, webhook);
    }

    /// A record's spelling is the name; the endpoint's own is kept beside it where it differs.
    pub(super) fn name(&mut self, told: &str, spellings: &[String]) {
        if let Some(spelling) = spellings.iter().find(|name| name.eq_ignore_ascii_case(told)) {
            self.field.name.clone_from(spelling);
        }
        self.field.field_info_name = (self.field.name != told).then(|| told.to_owned());
    }

    /// The field; what was taken is no longer inferred, and its flags have a new source with the first flag taken.
    pub(super) fn done(mut self, is_new: bool) -> Field {
        self.field.inferred.retain(|fact| !self.taken.contains(&fact.as_str()));
        if is_new || self.taken.iter().any(|fact| fact.starts_with("is")) {
            self.field.flags_from = Some(LIVE.to_owned());
        }
        self.field
    }
}
