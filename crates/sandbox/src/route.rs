//! Parses a path into a route; the paths and their methods are those of the schema.

use http::Method;

use crate::catalog::{self, Entity};
use crate::error::ApiError;

/// A path that the tenant serves.
#[derive(Clone, Copy)]
pub(crate) enum Route {
    Zone,
    Versions,
    Swagger,
    Version,
    Threshold,
    Entities,
    Modules,
    Entity(EntityRoute),
}

/// A path of an entity, perhaps below a parent.
#[derive(Clone, Copy)]
pub(crate) struct EntityRoute {
    pub(crate) entity: &'static Entity,
    /// The parent's id, if the path is below a parent.
    pub(crate) parent: Option<i64>,
    pub(crate) target: Target,
}

/// What a path of an entity addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Collection,
    Item(i64),
    /// An item that is addressed by its year.
    Year(i64),
    Query,
    Count,
    NextPage,
    Metadata(MetadataKind),
}

/// The metadata pages of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetadataKind {
    Rights,
    Fields,
    Udfs,
}

/// The route of a path, in any letter case.
pub(crate) fn parse(path: &str) -> Result<Route, ApiError> {
    find(&path.to_ascii_lowercase()).ok_or(ApiError::UnknownPath)
}

/// The part of a lower-case path after the prefix of all paths.
pub(crate) fn below_prefix(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once("/atservicesrest/")?;
    Some(rest.strip_suffix('/').unwrap_or(rest))
}

fn find(path: &str) -> Option<Route> {
    match below_prefix(path)? {
        "versioninformation" => Some(Route::Versions),
        "swagger/docs/v1" => Some(Route::Swagger),
        "v1.0/zoneinformation" => Some(Route::Zone),
        "v1.0/version" => Some(Route::Version),
        "v1.0/thresholdinformation" => Some(Route::Threshold),
        "v1.0/entityinformation" => Some(Route::Entities),
        "v1.0/modules" => Some(Route::Modules),
        path => {
            let segments: Vec<&str> = path.strip_prefix("v1.0/")?.split('/').collect();
            let route = entity_route(&segments).filter(|route| !route.methods().is_empty());
            route.map(Route::Entity)
        }
    }
}

/// The route of the segments; the schema may not list it.
fn entity_route(segments: &[&str]) -> Option<EntityRoute> {
    let (entity, parent, rest) = match segments {
        [name, rest @ ..] if addresses_no_child(rest) => (catalog::find_entity(name)?, None, rest),
        [segment, id, child, rest @ ..] => {
            (catalog::find_child(segment, child)?, Some(id.parse().ok()?), rest)
        }
        _ => return None,
    };
    let target = match rest {
        [] => Target::Collection,
        ["query"] => Target::Query,
        ["query", "count"] => Target::Count,
        ["query", "next"] => Target::NextPage,
        ["entityinformation"] => Target::Metadata(MetadataKind::Rights),
        ["entityinformation", "fields"] => Target::Metadata(MetadataKind::Fields),
        ["entityinformation", "userdefinedfields"] => Target::Metadata(MetadataKind::Udfs),
        [id] => item(entity, id.parse().ok()?),
        _ => return None,
    };
    Some(EntityRoute { entity, parent, target })
}

/// Whether the segments after an entity do not address a child.
fn addresses_no_child(rest: &[&str]) -> bool {
    matches!(rest, [] | [_] | ["query" | "entityinformation", ..])
}

fn item(entity: &Entity, id: i64) -> Target {
    let has_year = entity.routes.keys().any(|path| path.ends_with("/{year}"));
    if has_year { Target::Year(id) } else { Target::Item(id) }
}

impl Route {
    /// Whether the route supports a method.
    pub(crate) fn allows(self, method: &Method) -> bool {
        match self {
            Self::Entity(route) => route.methods().contains(&method.as_str()),
            _ => method == Method::GET,
        }
    }

    /// The endpoint on which concurrent requests are counted together; a child is a separate endpoint.
    pub(crate) fn endpoint(self) -> Option<&'static str> {
        match self {
            Self::Zone | Self::Swagger => None,
            Self::Versions => Some("versionInformation"),
            Self::Version => Some("Version"),
            Self::Threshold => Some("ThresholdInformation"),
            Self::Entities => Some("EntityInformation"),
            Self::Modules => Some("Modules"),
            Self::Entity(route) => Some(route.entity.name),
        }
    }
}

impl EntityRoute {
    /// The path in the schema, such as `Tickets/{parentId}/Notes/{id}`.
    pub(crate) fn template(self) -> String {
        let base = match self.entity.parent.as_ref().filter(|_| self.parent.is_some()) {
            Some(parent) => format!("{}/{{parentId}}/{}", parent.segment, parent.child),
            None => self.entity.name.to_owned(),
        };
        let rest = match self.target {
            Target::Collection => "",
            Target::Item(_) => "/{id}",
            Target::Year(_) => "/{year}",
            Target::Query | Target::NextPage => "/query",
            Target::Count => "/query/count",
            Target::Metadata(MetadataKind::Rights) => "/entityInformation",
            Target::Metadata(MetadataKind::Fields) => "/entityInformation/fields",
            Target::Metadata(MetadataKind::Udfs) => "/entityInformation/userDefinedFields",
        };
        base + rest
    }

    fn methods(self) -> &'static [&'static str] {
        self.entity.routes.get(self.template().as_str()).map_or(&[], Vec::as_slice)
    }

    /// Whether a GET of this route changes data, such as the approval of time off.
    pub(crate) fn is_action(self) -> bool {
        self.entity.actions.contains(&self.template().as_str())
    }
}
