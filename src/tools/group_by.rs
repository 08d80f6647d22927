//! The keys that `count-entity` groups by, and the measures it sums or averages.

use crate::catalog::{DiscoveredSchema, Entity, Field};
use crate::error::{Code, Error};
use crate::filter::{may_be_udf, unknown_field};
use crate::plan::{Bucket, GroupKey, Measure};

/// The keys of `groupBy`, such as `status`, `createDate:month` or `ticketID.companyID`.
///
/// # Errors
/// `unknown-field` or `bad-argument`, with the accepted values.
pub(super) fn keys(
    discovered: &DiscoveredSchema,
    entity: Entity,
    names: &[String],
) -> Result<Vec<GroupKey>, Error> {
    names.iter().map(|name| key(discovered, entity, name)).collect()
}

fn key(discovered: &DiscoveredSchema, entity: Entity, name: &str) -> Result<GroupKey, Error> {
    let (path, bucket) = match name.split_once(':') {
        Some((path, bucket)) => (path, Some(bucket)),
        None => (name, None),
    };
    let (reference, entity, name) = match path.split_once('.') {
        None => (None, entity, path),
        Some((_, rest)) if rest.contains('.') => return Err(too_many_steps_error(path)),
        Some((first, rest)) => {
            let reference = field(discovered, entity, first)?;
            let target = reference.refers_to.ok_or_else(|| no_reference_error(reference))?;
            (Some(reference), target, rest)
        }
    };
    let field = field(discovered, entity, name)?;
    let bucket = bucket.map(|word| parse_bucket(field, word)).transpose()?;
    Ok(GroupKey { reference, field, bucket })
}

fn parse_bucket(field: &Field, word: &str) -> Result<Bucket, Error> {
    if !field.kind.is_date() {
        let message = format!("{} is not a date field, so it has no {word}.", field.name);
        return Err(Error::new(Code::BadArgument, message)
            .accepts(format!("{} alone, or a date field such as createDate:month", field.name)));
    }
    let bucket = Bucket::ALL.into_iter().find(|bucket| bucket.name().eq_ignore_ascii_case(word));
    bucket.ok_or_else(|| {
        let names: Vec<_> = Bucket::ALL.iter().map(|bucket| bucket.name()).collect();
        Error::new(Code::BadArgument, format!("{} cannot be grouped by {word}.", field.name))
            .accepts(format!("{}: followed by {}", field.name, names.join(", ")))
    })
}

/// The measures of `sum` or `avg`, such as `hoursWorked` or `createDate..completedDate`.
///
/// # Errors
/// `unknown-field` or `bad-argument`, with the accepted values.
pub(super) fn measures(
    discovered: &DiscoveredSchema,
    entity: Entity,
    names: &[String],
) -> Result<Vec<Measure>, Error> {
    let measure = |name: &String| match name.split_once("..") {
        Some((from, to)) => {
            let from = date_field(discovered, entity, from)?;
            Ok(Measure::Duration { from, to: date_field(discovered, entity, to)? })
        }
        None => quantity(field(discovered, entity, name)?).map(Measure::Field),
    };
    names.iter().map(measure).collect()
}

fn date_field(
    discovered: &DiscoveredSchema,
    entity: Entity,
    name: &str,
) -> Result<&'static Field, Error> {
    let field = field(discovered, entity, name)?;
    match field.kind.is_date() {
        true => Ok(field),
        false => Err(Error::new(Code::BadArgument, format!("{} is not a date field.", field.name))
            .accepts("two date fields, such as createDate..completedDate")),
    }
}

/// A number that is neither an id nor a code.
fn quantity(field: &'static Field) -> Result<&'static Field, Error> {
    let is_code = field.name == "id" || field.has_names() || field.reference.is_yes();
    if field.kind.is_fraction() || field.kind.is_whole() && !is_code {
        Ok(field)
    } else {
        let message = format!("{} is not a quantity and cannot be summed.", field.name);
        Err(Error::new(Code::BadArgument, message).accepts(
            "number fields, such as hoursWorked, or two dates, such as createDate..completedDate",
        ))
    }
}

fn field(
    discovered: &DiscoveredSchema,
    entity: Entity,
    name: &str,
) -> Result<&'static Field, Error> {
    discovered.field(entity, name).ok_or_else(|| match may_be_udf(discovered, entity, name) {
        true => unknown_field(entity, name).next(
            "groupBy, sum and avg accept no user-defined fields; a filter counts one value of one.",
        ),
        false => unknown_field(entity, name),
    })
}

fn no_reference_error(field: &Field) -> Error {
    let message = format!("{} is not a reference to another record.", field.name);
    Error::new(Code::BadArgument, message)
        .accepts("a reference and a field of its record, such as ticketID.companyID")
}

fn too_many_steps_error(path: &str) -> Error {
    let message = format!("{path} has more than one step.");
    Error::new(Code::BadArgument, message).accepts("one step, such as ticketID.companyID")
}
