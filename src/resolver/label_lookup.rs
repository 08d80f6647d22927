//! Looks up the labels for a response: of picklists in the tenant's metadata, of references by name. If they cannot be
//! read, the response contains numbers and a warning.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join, join_all, join3, try_join};
use serde_json::Value;

use super::metadata::FieldList;
use super::{Labels, RecordNames, Resolver, name_search};
use crate::catalog::tenant_fields::{TenantField, TenantFields};
use crate::catalog::{Entity, Field, UDFS};
use crate::error::Error;
use crate::plan::{LabelMode, Projection};
use crate::value::coerce::join_first;
use crate::value::record::RecordFields;
use crate::value::row::{Cell, RecordList};

/// The most fields with numbers without a label that a warning lists.
const MAX_LISTED_FIELDS: usize = 10;
/// The numbers in a field.
type Numbers = (&'static Field, Vec<i64>);
/// The text codes in a field.
type Texts = (&'static Field, BTreeSet<String>);
/// A list of fields, or why it could not be read.
type ReadFields = Result<Arc<TenantFields>, Error>;

impl Resolver {
    /// The labels for the shown fields of these records.
    pub async fn labels<R: RecordList + ?Sized>(
        &self,
        entity: Entity,
        records: &R,
        (shown, mode): (&Projection, LabelMode),
        warnings: &mut Vec<String>,
    ) -> Labels {
        let mut labels = Labels::default();
        if mode == LabelMode::CodesOnly {
            return labels;
        }
        let schema = self.discovered_schema();
        let fields = schema.fields(entity);
        let text_lists = fields.clone().filter(|field| field.is_text_list());
        let text_lists = text_lists.filter(|field| shown.includes(field.name));
        let texts = text_lists.map(|field| (field, texts(field, records)));
        let texts: Vec<Texts> = texts.filter(|(_, texts)| !texts.is_empty()).collect();
        let named = fields.filter(|field| field.has_names() && shown.includes(field.name));
        let numbers = named.map(|field| (field, numbers(field, records)));
        let numbers = numbers.filter(|(_, numbers)| !numbers.is_empty());
        let (codes, references): (Vec<Numbers>, Vec<_>) =
            numbers.partition(|(field, _)| field.picklist.is_yes());
        let by_entity = by_entity(&references);
        let has_codes = !codes.is_empty() || !texts.is_empty();
        let (lists, names, udfs) = join3(
            self.fields_if(has_codes, entity, FieldList::Fields),
            self.names_of(&by_entity),
            self.fields_if(shows_udfs(records, shown), entity, FieldList::Udfs),
        )
        .await;
        let mut missing = Vec::new();
        if let Some(lists) = lists {
            let codes = (codes.as_slice(), texts);
            missing.extend(add_picklist_labels(entity, (lists, codes), &mut labels, warnings));
        }
        let names = by_entity.into_keys().zip(names);
        missing.extend(add_reference_names(&references, names, &mut labels, warnings));
        add_udf_labels(entity, udfs, &mut labels, warnings);
        warnings.extend(unlabeled_warning(&missing));
        labels
    }

    /// Does this, and meanwhile reads the lists that labels of the shown fields will need, unless they are cached.
    ///
    /// # Errors
    /// Why it failed, at once.
    pub async fn with_lists<T>(
        &self,
        entity: Entity,
        (shown, mode): (&Projection, LabelMode),
        work: BoxFuture<'_, Result<T, Error>>,
    ) -> Result<T, Error> {
        let is_cached = self.is_cached(entity, FieldList::Fields);
        let has_no_lists = || shown_lists(entity, shown).next().is_none();
        if mode == LabelMode::CodesOnly || is_cached || has_no_lists() {
            return work.await;
        }
        let lists = self.tenant_fields(entity, FieldList::Fields);
        // Labels report why lists cannot be read.
        let (done, _) = try_join(work, lists.map(Ok)).await?;
        Ok(done)
    }

    /// Reads what the labels of several lists of records need, and the names of more records, each entity once and all
    /// at once; failures are reported with their lists.
    pub async fn prefetch(
        &self,
        all: &[(Entity, &[RecordFields], &Projection)],
        more: impl IntoIterator<Item = (Entity, i64)>,
    ) {
        let schema = self.discovered_schema();
        let mut references = Vec::new();
        for (entity, records, shown) in all {
            let fields = schema.fields(*entity);
            let named = |field: &&Field| field.has_names() && !field.picklist.is_yes();
            let fields = fields.filter(named).filter(|field| shown.includes(field.name));
            references.extend(fields.map(|field| (field, numbers(field, *records))));
        }
        let mut by_entity = by_entity(&references);
        for (entity, id) in more {
            by_entity.entry(entity).or_default().push(id);
        }
        by_entity.retain(|_, ids| !ids.is_empty());
        let lists = all.iter().map(|(entity, records, shown)| async {
            let has_codes = shown_lists(*entity, shown)
                .any(|field| records.values_of(field.name).next().is_some());
            let fields = self.fields_if(has_codes, *entity, FieldList::Fields);
            let udfs = self.fields_if(shows_udfs(*records, shown), *entity, FieldList::Udfs);
            join(fields, udfs).await
        });
        join(self.names_of(&by_entity), join_all(lists)).await;
    }

    /// A list of fields, if it is needed.
    async fn fields_if(
        &self,
        is_needed: bool,
        entity: Entity,
        list: FieldList,
    ) -> Option<ReadFields> {
        match is_needed {
            true => Some(self.tenant_fields(entity, list).await),
            false => None,
        }
    }

    /// The names of records: one query for each entity, all at once.
    pub async fn names_of(
        &self,
        by_entity: &BTreeMap<Entity, Vec<i64>>,
    ) -> Vec<Result<RecordNames, Error>> {
        join_all(by_entity.iter().map(|(entity, ids)| self.names_by_id(*entity, ids))).await
    }
}

/// Adds labels of picklists; returns the codes that the tenant does not list.
fn add_picklist_labels(
    entity: Entity,
    (lists, (codes, texts)): (ReadFields, (&[Numbers], Vec<Texts>)),
    labels: &mut Labels,
    warnings: &mut Vec<String>,
) -> Vec<String> {
    let mut missing = Vec::new();
    let tenant = match lists {
        Ok(tenant) => tenant,
        Err(error) => {
            let (name, code) = (entity.name(), error.code().name());
            warnings
                .push(format!("Labels for {name} are not available ({code}); showing codes only."));
            return missing;
        }
    };
    for (field, numbers) in codes {
        let listed = tenant.for_field(field);
        for number in numbers {
            let choice = listed.and_then(|listed| listed.choice(&Value::from(*number)));
            match choice {
                Some(choice) => labels.put(field.name, *number, choice.label.as_str().into()),
                None => missing.push(format!("{} {number}", field.name)),
            }
        }
    }
    for (field, texts) in texts {
        add_text_labels(tenant.for_field(field), (field, texts), labels);
    }
    missing
}

/// Adds the names of references; returns those without one.
fn add_reference_names(
    references: &[Numbers],
    found: impl Iterator<Item = (Entity, Result<RecordNames, Error>)>,
    labels: &mut Labels,
    warnings: &mut Vec<String>,
) -> Vec<String> {
    let mut missing = Vec::new();
    for (entity, names) in found {
        let names = match names {
            Ok(names) => names,
            Err(error) => {
                let (name, code) = (entity.name(), error.code().name());
                warnings
                    .push(format!("Names of {name} are not available ({code}); showing ids only."));
                continue;
            }
        };
        let fields = references.iter().filter(|(field, _)| field.refers_to == Some(entity));
        for (field, id) in fields.flat_map(|(field, ids)| ids.iter().map(move |id| (field, id))) {
            match names.get(id).and_then(Option::as_ref) {
                Some(record) if !record.name.is_empty() => {
                    labels.put(field.name, *id, record.name.clone());
                }
                _ => missing.push(format!("{} {id}", field.name)),
            }
        }
    }
    missing
}

/// Adds labels of list UDFs.
fn add_udf_labels(
    entity: Entity,
    udfs: Option<ReadFields>,
    labels: &mut Labels,
    warnings: &mut Vec<String>,
) {
    match udfs {
        None => {}
        Some(Ok(udfs)) => labels.put_udfs(udfs),
        Some(Err(error)) => {
            let (name, code) = (entity.name(), error.code().name());
            warnings.push(format!(
                "User-defined fields of {name} are not available ({code}); showing their codes only."
            ));
        }
    }
}

/// Groups references by entity, without entities whose records have no names.
fn by_entity(references: &[Numbers]) -> BTreeMap<Entity, Vec<i64>> {
    let mut by_entity: BTreeMap<Entity, Vec<i64>> = BTreeMap::new();
    for (field, ids) in references {
        let entity = field.refers_to.filter(|entity| name_search::has_searchable_names(*entity));
        if let Some(entity) = entity {
            by_entity.entry(entity).or_default().extend(ids);
        }
    }
    by_entity
}

/// The distinct numbers that records have in a field.
fn numbers<R: RecordList + ?Sized>(field: &Field, records: &R) -> Vec<i64> {
    let mut numbers: Vec<_> = records.values_of(field.name).filter_map(Cell::as_i64).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The distinct text codes that records have in a picklist.
fn texts<R: RecordList + ?Sized>(field: &Field, records: &R) -> BTreeSet<String> {
    let texts = records.values_of(field.name).filter_map(Cell::as_str);
    texts.map(str::to_owned).collect()
}

/// Adds the labels of text codes, except those that only repeat the code.
fn add_text_labels(listed: Option<&TenantField>, (field, texts): Texts, labels: &mut Labels) {
    for text in texts {
        let choice = listed.and_then(|listed| listed.choice(&text.as_str().into()));
        if let Some(choice) = choice.filter(|choice| choice.label != text) {
            labels.put_text(field.name, text, choice.label.as_str().into());
        }
    }
}

fn has_udf(udfs: Cell) -> bool {
    let Cell::Nested(Value::Array(udfs)) = udfs else { return false };
    udfs.iter().any(|udf| !udf["value"].is_null())
}

/// The shown fields whose values the tenant lists.
fn shown_lists(entity: Entity, shown: &Projection) -> impl Iterator<Item = &'static Field> {
    let is_list =
        |field: &&Field| field.picklist.is_yes() && (field.has_names() || field.is_text_list());
    entity.fields().iter().filter(is_list).filter(|field| shown.includes(field.name))
}

/// Whether any UDF is shown that has a value.
fn shows_udfs<R: RecordList + ?Sized>(records: &R, shown: &Projection) -> bool {
    shown.includes(UDFS) && records.values_of(UDFS).any(has_udf)
}

fn unlabeled_warning(missing: &[String]) -> Option<String> {
    let listed = || join_first(missing, ", ", MAX_LISTED_FIELDS);
    (!missing.is_empty()).then(|| format!("Without a label or name: {}.", listed()))
}
