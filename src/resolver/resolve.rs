//! Resolves the names in a filter, a record or a projection to ids and codes.

use futures_util::future::join_all;
use serde_json::Value;

use super::errors::{labels_unreadable_error, no_names_error, unchecked_warning};
use super::metadata::{FieldList, is_local_failure};
use super::name_ref::{self, NameVisitor, NamedField, cache_key};
use super::resolved::ResolutionNotes;
use super::target::Target;
use super::{NameCandidate, NameRef, Resolver};
use crate::catalog::tenant_fields::TenantField;
use crate::catalog::udf_types::unknown_udf_error;
use crate::catalog::{Entity, Field};
use crate::error::{Code, Error};
use crate::filter::{Condition, has_udf, has_unresolved_udf, resolve_udfs, ticket_status};
use crate::plan::{Projection, RecordKey, SelectedFields};
use crate::value::cache::{ERROR_TTL, VALUE_TTL};
use crate::value::record::Record;

/// Names looked up at a time; more would wait for a permit anyway.
const MAX_CONCURRENT_LOOKUPS: usize = 3;

/// After this many names that match nothing, the rest of a long list is not looked up.
const MAX_NAME_PROBLEMS: usize = 3;
/// More names can only come from a list.
const MAX_NAMES_OF_A_RECORD: usize = 12;

/// The result of resolving a name.
enum Resolution {
    Found(NameCandidate),
    /// The field has no list: the text is the value.
    AsGiven,
    /// The field's list could not be read; the text is sent unchanged, with a warning.
    Unchecked(String),
}

impl Resolver {
    /// Resolves the UDFs and names of a filter.
    ///
    /// # Errors
    /// `unknown-field`, `ambiguous-name` or `no-such-name`, or the error of reading a list or a record.
    pub async fn resolve_filter(
        &self,
        entity: Entity,
        conditions: &[Condition],
        notes: &mut ResolutionNotes,
    ) -> Result<Vec<Condition>, Error> {
        let conditions = self.resolve_udfs(entity, conditions, notes).await?;
        let mut conditions = self.expand_status_words(entity, conditions).await;
        self.apply_cached(entity, &mut conditions, notes);
        let mut visit =
            |visitor: &mut NameVisitor| name_ref::visit_filter(entity, &mut conditions, visitor);
        let unchecked = self.resolve_in_rounds(notes, &mut visit).await?;
        for warning in unchecked {
            if !notes.warnings.contains(&warning) {
                notes.warnings.push(warning);
            }
        }
        let closed = &self.closed_status_ids;
        notes.warnings.extend(ticket_status::partly_closed_warning(entity, &conditions, closed));
        Ok(conditions)
    }

    /// Replaces `open` and `closed` by the statuses they mean, unless the tenant has such a label.
    async fn expand_status_words(
        &self,
        entity: Entity,
        conditions: Vec<Condition>,
    ) -> Vec<Condition> {
        if !ticket_status::uses_status_words(entity, &conditions) {
            return conditions;
        }
        let fields = self.tenant_fields(entity, FieldList::Fields).await.ok();
        let status = fields.as_ref().and_then(|fields| fields.find("status"));
        let is_label = |word: &str| {
            let mut values = status.into_iter().flat_map(TenantField::choices);
            values.any(|value| value.label.eq_ignore_ascii_case(word))
        };
        ticket_status::expand_status_words(conditions, &self.closed_status_ids, &is_label)
    }

    /// Resolves the names of a record; its UDFs are checked with the rest of a write.
    ///
    /// # Errors
    /// As for a filter.
    pub async fn resolve_record(
        &self,
        entity: Entity,
        record: &mut Record,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        let schema = self.discovered_schema();
        // A confirmation uses the names that its preview has just resolved.
        name_ref::visit_record((&schema, entity), record, &mut |name| {
            let (found, age) = self.names.get_with_age(&cache_key(&name)?)?;
            (age < ERROR_TTL).then(|| notes.record(&name, found))
        });
        let mut visit =
            |visitor: &mut NameVisitor| name_ref::visit_record((&schema, entity), record, visitor);
        // A list that cannot be read is reported once, when the write is checked.
        self.resolve_in_rounds(notes, &mut visit).await.map(drop)
    }

    /// Resolves the name of a field.
    ///
    /// # Errors
    /// As for a filter.
    pub async fn resolve_name(
        &self,
        entity: Entity,
        field: &'static Field,
        name: &str,
        notes: &mut ResolutionNotes,
    ) -> Result<Value, Error> {
        let name = NameRef::new(entity, field, name);
        match self.resolve_one(&name, notes.me()).await? {
            Resolution::Found(found) => Ok(notes.record(&name, found)),
            Resolution::AsGiven | Resolution::Unchecked(_) => Err(no_names_error(&name)),
        }
    }

    /// Resolves the names of a filter that are cached.
    fn apply_cached(
        &self,
        entity: Entity,
        conditions: &mut [Condition],
        notes: &mut ResolutionNotes,
    ) {
        let mut is_new = true;
        // A name that depends on another is visited once that one is resolved.
        while is_new {
            is_new = false;
            name_ref::visit_filter(entity, conditions, &mut |name| {
                let found = self.names.get(&cache_key(&name)?)?;
                is_new = true;
                Some(notes.record(&name, found))
            });
        }
    }

    /// The conditions with the UDFs in the tenant's spelling.
    async fn resolve_udfs(
        &self,
        entity: Entity,
        conditions: &[Condition],
        notes: &mut ResolutionNotes,
    ) -> Result<Vec<Condition>, Error> {
        if !has_udf(conditions) {
            return Ok(conditions.to_vec());
        }
        let list = (entity, FieldList::Udfs);
        let resolved = self.check_fields(list, |udfs| resolve_udfs(entity, conditions, udfs)).await;
        match resolved {
            Ok(resolved) => resolved,
            Err(error) if is_local_failure(&error) => Err(error),
            Err(error) if has_unresolved_udf(conditions) => Err(error.next(format!(
                "The user-defined fields of {} could not be read; with \"udf\":true the field is sent unchecked.",
                entity.name()
            ))),
            Err(error) => {
                notes.warnings.push(unchecked_warning(entity, FieldList::Udfs, &error));
                Ok(conditions.to_vec())
            }
        }
    }

    /// Resolves all names that a walk visits; names that depend on others follow in a later round. Returns a warning for
    /// each list that could not be read.
    async fn resolve_in_rounds(
        &self,
        notes: &mut ResolutionNotes,
        visit: &mut (dyn FnMut(&mut NameVisitor) + Send),
    ) -> Result<Vec<String>, Error> {
        let mut resolutions: Vec<(NameRef, Option<Value>)> = Vec::new();
        let mut unchecked = Vec::new();
        loop {
            let mut names: Vec<NameRef> = Vec::new();
            visit(&mut |name| {
                let is_known = resolutions.iter().any(|(known, _)| *known == name);
                if !is_known && !names.contains(&name) {
                    names.push(name);
                }
                None
            });
            if names.is_empty() {
                return Ok(unchecked);
            }
            let known = self.resolve_batch(&names).await?;
            let names: Vec<_> = names.into_iter().zip(known).collect();
            let mut failures = Vec::new();
            for chunk in names.chunks(MAX_CONCURRENT_LOOKUPS) {
                // A few names that match nothing are reported together before many more are looked up.
                if failures.len() >= MAX_NAME_PROBLEMS && names.len() > MAX_NAMES_OF_A_RECORD {
                    break;
                }
                let me = notes.me();
                let found = chunk
                    .iter()
                    .map(|(name, known)| self.use_or_resolve(known.as_ref(), name, me.clone()));
                for ((name, _), found) in chunk.iter().zip(join_all(found).await) {
                    let value = match found {
                        Err(error) if is_name_problem(&error) => {
                            failures.push(error);
                            None
                        }
                        Err(error) => return Err(error),
                        Ok(Resolution::Found(found)) => {
                            self.cache_name(name, &found);
                            Some(notes.record(name, found))
                        }
                        Ok(Resolution::AsGiven) => None,
                        Ok(Resolution::Unchecked(warning)) => {
                            unchecked.push(warning);
                            None
                        }
                    };
                    resolutions.push((name.clone(), value));
                }
            }
            if let Some(error) = failures.into_iter().reduce(|all, error| all.and(&error)) {
                return Err(error);
            }
            visit(&mut |name| {
                let resolution = resolutions.iter().find(|(known, _)| *known == name);
                resolution.and_then(|(_, value)| value.clone())
            });
        }
    }

    /// Caches a resolved name; labels are not cached, because the metadata that contains them is.
    fn cache_name(&self, name: &NameRef, found: &NameCandidate) {
        if let Some(key) = cache_key(name) {
            self.names.insert(key, found.clone(), VALUE_TTL);
        }
    }

    async fn use_or_resolve(
        &self,
        known: Option<&NameCandidate>,
        name: &NameRef,
        me: Option<RecordKey>,
    ) -> Result<Resolution, Error> {
        match known {
            Some(found) => Ok(Resolution::Found(found.clone())),
            None => self.resolve_one(name, me).await,
        }
    }

    async fn resolve_one(
        &self,
        name: &NameRef,
        me: Option<RecordKey>,
    ) -> Result<Resolution, Error> {
        if name.is_me() {
            return self.resolve_me(name, me).await.map(Resolution::Found);
        }
        if !name.may_be_picklist() {
            return self.resolve_reference(name, name.refers_to()).await;
        }
        let list = match name.field {
            NamedField::Standard(_) => FieldList::Fields,
            NamedField::Udf(_) => FieldList::Udfs,
        };
        let target = self.check_fields((name.entity, list), |fields| {
            let field = match &name.field {
                NamedField::Standard(field) => fields.for_field(field),
                NamedField::Udf(udf) => fields.find(udf),
            };
            Target::new(name, field)
        });
        match target.await {
            Ok(target) => match target? {
                Target::Value(found) => Ok(Resolution::Found(found)),
                Target::Text => Ok(Resolution::AsGiven),
                Target::Record(entity) => self.resolve_reference(name, entity).await,
            },
            // Without the list the text is sent unchanged, because most UDFs are not lists.
            Err(error) if name.is_text_code() => {
                Ok(Resolution::Unchecked(unchecked_warning(name.entity, list, &error)))
            }
            Err(_) if name.refers_to().is_some() => {
                self.resolve_reference(name, name.refers_to()).await
            }
            Err(error) => Err(labels_unreadable_error(name, error)),
        }
    }

    async fn resolve_reference(
        &self,
        name: &NameRef,
        entity: Option<Entity>,
    ) -> Result<Resolution, Error> {
        match entity {
            Some(entity) => self.find_by_name(entity, name).await.map(Resolution::Found),
            None => Err(no_names_error(name)),
        }
    }

    /// The fields to show, with the UDFs in the tenant's spelling.
    ///
    /// # Errors
    /// `unknown-field`, with the closest names.
    pub async fn resolve_projection(
        &self,
        entity: Entity,
        shown: Projection,
        notes: &mut ResolutionNotes,
    ) -> Result<Projection, Error> {
        let Projection::Selected(SelectedFields { fields, udfs }) = shown else {
            return Ok(shown);
        };
        let mut resolved = SelectedFields { fields, udfs: Vec::new() };
        for name in udfs {
            let found = self.check_fields((entity, FieldList::Udfs), |fields| {
                let udf = fields.find(&name).map(|udf| udf.name.clone());
                udf.ok_or_else(|| unknown_udf_error(entity, &name, fields))
            });
            match found.await {
                Ok(udf) => resolved.udfs.push(udf?),
                Err(error) if is_local_failure(&error) => return Err(error),
                // All fields are read anyway; only the spelling cannot be checked.
                Err(error) => {
                    notes.warnings.push(unchecked_warning(entity, FieldList::Udfs, &error));
                    resolved.udfs.push(name);
                }
            }
        }
        Ok(Projection::Selected(resolved))
    }
}

/// Whether the name caused the error, rather than the network.
fn is_name_problem(error: &Error) -> bool {
    matches!(error.code(), Code::NoSuchName | Code::AmbiguousName | Code::BadArgument)
}
