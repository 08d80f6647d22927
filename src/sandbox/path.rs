//! From a path to a route; what no route answers is the web server's 404.

use crate::catalog::{Child, Entity, Verb};

use super::reply::Refusal;
use super::store::is_attachment;

/// An address the tenant answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Zone,
    Versions,
    Swagger,
    Version,
    Threshold,
    Entities,
    Modules,
    Collection(Entity),
    Item(Entity, i64),
    Query(Entity),
    Count(Entity),
    Next(Entity),
    Info(Entity, Info),
    Under(&'static Child, i64),
    UnderItem(&'static Child, i64, i64),
}

/// What is asked about an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Info {
    Summary,
    Fields,
    Udfs,
}

/// The route of a path, in any letter case.
pub(super) fn route(path: &str) -> Result<Route, Refusal> {
    find(&path.to_ascii_lowercase()).ok_or(Refusal::NoRoute)
}

fn find(path: &str) -> Option<Route> {
    let (_, rest) = path.split_once("/atservicesrest/")?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest == "versioninformation" {
        return Some(Route::Versions);
    }
    if rest == "swagger/docs/v1" {
        return Some(Route::Swagger);
    }
    let segments: Vec<&str> = rest.strip_prefix("v1.0/")?.split('/').collect();
    match segments.as_slice() {
        [name] => special(name).or_else(|| collection(name)),
        [name, "query"] => Some(Route::Query(queried(name)?)),
        [name, "query", "count"] => Some(Route::Count(queried(name)?)),
        [name, "query", "next"] => Some(Route::Next(queried(name)?)),
        [name, "entityinformation", rest @ ..] => Some(Route::Info(entity(name)?, info(rest)?)),
        [name, id] => item(entity(name)?, id.parse().ok()?),
        [segment, id, name, rest @ ..] => below(child(segment, name)?, id.parse().ok()?, rest),
        _ => None,
    }
    .filter(|route| !udfless(*route))
}

fn special(name: &str) -> Option<Route> {
    match name {
        "zoneinformation" => Some(Route::Zone),
        "version" => Some(Route::Version),
        "thresholdinformation" => Some(Route::Threshold),
        "entityinformation" => Some(Route::Entities),
        "modules" => Some(Route::Modules),
        _ => None,
    }
}

fn entity(name: &str) -> Option<Entity> {
    Entity::find(name).filter(|entity| entity.name().eq_ignore_ascii_case(name))
}

fn queried(name: &str) -> Option<Entity> {
    entity(name).filter(|entity| entity.root_supports(Verb::Query))
}

fn collection(name: &str) -> Option<Route> {
    let entity = entity(name)?;
    let exists = entity.root_supports(Verb::Create) || entity.root_supports(Verb::Update);
    exists.then_some(Route::Collection(entity))
}

fn item(entity: Entity, id: i64) -> Option<Route> {
    let exists = entity.root_supports(Verb::Get) || entity.root_supports(Verb::Delete);
    exists.then_some(Route::Item(entity, id))
}

fn info(rest: &[&str]) -> Option<Info> {
    match rest {
        [] => Some(Info::Summary),
        ["fields"] => Some(Info::Fields),
        ["userdefinedfields"] => Some(Info::Udfs),
        _ => None,
    }
}

fn child(segment: &str, name: &str) -> Option<&'static Child> {
    Child::all().iter().find(|child| {
        child.segment.eq_ignore_ascii_case(segment) && child.name.eq_ignore_ascii_case(name)
    })
}

fn below(child: &'static Child, parent: i64, rest: &[&str]) -> Option<Route> {
    match rest {
        [] => Some(Route::Under(child, parent)),
        ["entityinformation", ..] if is_attachment(child.entity) => None,
        ["entityinformation", rest @ ..] => Some(Route::Info(child.entity, info(rest)?)),
        [id] if has_items(child) => Some(Route::UnderItem(child, parent, id.parse().ok()?)),
        _ => None,
    }
}

fn has_items(child: &Child) -> bool {
    let by_year = child.entity == Entity::ResourceTimeOffBalances;
    by_year || child.supports(Verb::Get) || child.supports(Verb::Delete)
}

fn udfless(route: Route) -> bool {
    matches!(route, Route::Info(entity, Info::Udfs) if is_attachment(entity))
}
