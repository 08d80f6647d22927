//! Labels for a response: picklists from the tenant's metadata, references by name. What cannot be read stays a
//! number, and a warning says so.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::Value;

use super::metadata::FieldList;
use super::{Labels, Resolver, name_search};
use crate::catalog::tenant_fields::TenantField;
use crate::catalog::{Entity, Field, UDFS};
use crate::plan::{LabelMode, Projection};
use crate::value::coerce::join_first;
use crate::value::record::RecordFields;
use crate::value::row::{Cell, RecordList};

/// At most this many numbers without a label are listed in a warning.
const MAX_LISTED_FIELDS: usize = 10;
/// Numbers of one field.
type Numbers = (&'static Field, Vec<i64>);
/// Codes of one picklist that are texts.
type Texts = (&'static Field, BTreeSet<String>);

impl Resolver {
    /// Labels for the fields of these records that are shown.
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
        let mut missing = Vec::new();
        let (codes, references): (Vec<Numbers>, Vec<_>) =
            numbers.partition(|(field, _)| field.picklist.is_yes());
        missing
            .extend(self.add_picklist_labels(entity, (&codes, texts), &mut labels, warnings).await);
        missing.extend(self.add_reference_names(&references, &mut labels, warnings).await);
        self.add_udf_labels(entity, (records, shown), &mut labels, warnings).await;
        warnings.extend(unlabeled_warning(&missing));
        labels
    }

    /// Reads the names that several lists of records need, each entity once; failures are reported with their lists.
    pub async fn prefetch(&self, all: &[(Entity, &[RecordFields], &Projection)]) {
        let schema = self.discovered_schema();
        let mut references = Vec::new();
        for (entity, records, shown) in all {
            let fields = schema.fields(*entity);
            let named = |field: &&Field| field.has_names() && !field.picklist.is_yes();
            let fields = fields.filter(named).filter(|field| shown.includes(field.name));
            references.extend(fields.map(|field| (field, numbers(field, *records))));
        }
        let by_entity = by_entity(&references);
        let lookups = by_entity.iter().filter(|(_, ids)| !ids.is_empty());
        join_all(lookups.map(|(entity, ids)| self.names_by_id(*entity, ids))).await;
    }

    /// Labels of picklists; returns the codes that the tenant does not list.
    async fn add_picklist_labels(
        &self,
        entity: Entity,
        (codes, texts): (&[Numbers], Vec<Texts>),
        labels: &mut Labels,
        warnings: &mut Vec<String>,
    ) -> Vec<String> {
        let mut missing = Vec::new();
        if codes.is_empty() && texts.is_empty() {
            return missing;
        }
        let tenant = match self.tenant_fields(entity, FieldList::Fields).await {
            Ok(tenant) => tenant,
            Err(error) => {
                let (name, code) = (entity.name(), error.code().name());
                warnings.push(format!(
                    "Labels for {name} are not available ({code}); showing codes only."
                ));
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
            put_texts(tenant.for_field(field), (field, texts), labels);
        }
        missing
    }

    /// Names of references: one query for each entity that is referred to, all at once.
    async fn add_reference_names(
        &self,
        references: &[Numbers],
        labels: &mut Labels,
        warnings: &mut Vec<String>,
    ) -> Vec<String> {
        let by_entity = by_entity(references);
        let lookups = by_entity.iter().map(|(entity, ids)| self.names_by_id(*entity, ids));
        let found = join_all(lookups).await;
        let mut missing = Vec::new();
        for (entity, names) in by_entity.keys().zip(found) {
            let names = match names {
                Ok(names) => names,
                Err(error) => {
                    let (name, code) = (entity.name(), error.code().name());
                    warnings.push(format!(
                        "Names of {name} are not available ({code}); showing ids only."
                    ));
                    continue;
                }
            };
            let fields = references.iter().filter(|(field, _)| field.refers_to == Some(*entity));
            for (field, id) in fields.flat_map(|(field, ids)| ids.iter().map(move |id| (field, id)))
            {
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

    /// Labels of list UDFs, where any is shown.
    async fn add_udf_labels<R: RecordList + ?Sized>(
        &self,
        entity: Entity,
        (records, shown): (&R, &Projection),
        labels: &mut Labels,
        warnings: &mut Vec<String>,
    ) {
        if !shown.includes(UDFS) || !records.values_of(UDFS).any(has_udf) {
            return;
        }
        match self.tenant_fields(entity, FieldList::Udfs).await {
            Ok(udfs) => labels.put_udfs(udfs),
            Err(error) => {
                let (name, code) = (entity.name(), error.code().name());
                warnings.push(format!(
                    "User-defined fields of {name} are not available ({code}); showing their codes only."
                ));
            }
        }
    }
}

/// The ids of each entity whose records have names.
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

/// The numbers that records have in a field, each once.
fn numbers<R: RecordList + ?Sized>(field: &Field, records: &R) -> Vec<i64> {
    let mut numbers: Vec<_> = records.values_of(field.name).filter_map(Cell::as_i64).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The texts that records have in a picklist, each once.
fn texts<R: RecordList + ?Sized>(field: &Field, records: &R) -> BTreeSet<String> {
    let texts = records.values_of(field.name).filter_map(Cell::as_str);
    texts.map(str::to_owned).collect()
}

/// A text is readable by itself; a label that only repeats it is left out.
fn put_texts(listed: Option<&TenantField>, (field, texts): Texts, labels: &mut Labels) {
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

fn unlabeled_warning(missing: &[String]) -> Option<String> {
    let listed = || join_first(missing, ", ", MAX_LISTED_FIELDS);
    (!missing.is_empty()).then(|| format!("Without a label or name: {}.", listed()))
}
