//! Lists of records: one page, or every page up to a bound.

use serde_json::json;

use super::Client;
use super::response::body::Body;
use crate::catalog::Entity;
use crate::error::{Code, Error};
use crate::filter::{Condition, json_of};
use crate::plan::request::Request;
use crate::value::record::RecordFields;
use crate::value::row::Row;

/// The largest page that Autotask sends, and so the largest `in` of ids.
pub const MAX_PAGE_SIZE: usize = 500;
/// A list without an order by id is read from its beginning, and no further than this.
const MAX_PAGES: usize = 20;

/// Requests of one walk over many pages, whatever Autotask answers.
pub const MAX_WALK_REQUESTS: usize = 200;

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct PageReply<R = RecordFields> {
    pub items: Vec<R>,
    /// Autotask's URL of the next page.
    pub next: Option<String>,
}

impl Client {
    /// One page of a list.
    ///
    /// # Errors
    /// As for a read; `upstream-unavailable` for a body that is not a list.
    pub async fn read_page(&self, request: &Request) -> Result<PageReply, Error> {
        self.page(request, Body::into_records).await
    }

    /// The same, with records that share the names of their fields.
    ///
    /// # Errors
    /// As for one page.
    pub async fn read_rows(&self, request: &Request) -> Result<PageReply<Row>, Error> {
        self.page(request, Body::into_rows).await
    }

    async fn page<R>(
        &self,
        request: &Request,
        items: fn(Body) -> Option<Vec<R>>,
    ) -> Result<PageReply<R>, Error> {
        let body = self.read_body(request).await?;
        let next = body.json["pageDetails"]["nextPageUrl"].as_str().map(str::to_owned);
        let items = items(body).ok_or_else(|| bad_list_error("without a list of items"))?;
        Ok(PageReply { items, next })
    }

    /// Every record of a list, page by page.
    ///
    /// # Errors
    /// As for one page; `bad-filter` if the list has too many pages.
    pub async fn read_all(&self, first: Request) -> Result<Vec<RecordFields>, Error> {
        let (mut all, mut request) = (Vec::new(), first.clone());
        for _ in 0..MAX_PAGES {
            let reply = self.read_page(&request).await?;
            all.extend(reply.items);
            match reply.next {
                Some(url) => request.path = next_page_path(&first.path, &url)?,
                None => return Ok(all),
            }
        }
        Err(Error::new(Code::BadFilter, "The list is too long to be read completely.")
            .next("Narrow it by its parent."))
    }

    /// A page of an entity's records with these fields only.
    ///
    /// # Errors
    /// As for one page.
    pub async fn query(
        &self,
        entity: Entity,
        conditions: &[Condition],
        (fields, max_records): (&[&str], usize),
    ) -> Result<PageReply, Error> {
        let filter = json_of(conditions);
        let body = json!({ "filter": filter, "MaxRecords": max_records, "IncludeFields": fields });
        self.read_page(&Request::post(format!("{}/query", entity.name()), body)).await
    }
}

/// The next page's path below `V1.0/`. Whatever host the URL names, only our own zone is requested; and it must be a
/// page of the same list, because some addresses change data when they are read.
fn next_page_path(list: &str, url: &str) -> Result<String, Error> {
    const VERSION: &str = "/v1.0/";
    let start = url.to_ascii_lowercase().find(VERSION).map(|start| start + VERSION.len());
    let path = start.and_then(|start| url.get(start..));
    let rest = path.and_then(|path| {
        let (prefix, rest) = path.split_at_checked(list.len())?;
        prefix.eq_ignore_ascii_case(list).then_some(rest)
    });
    match rest {
        Some(rest) if rest.starts_with('?') || rest.starts_with("/next?") => {
            Ok(format!("{list}{rest}"))
        }
        _ => Err(bad_list_error("with a next page that does not belong to this list")),
    }
}

fn bad_list_error(how: &str) -> Error {
    Error::new(Code::UpstreamUnavailable, format!("Autotask answered {how}."))
        .next("Try again in a moment.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_page_belongs_to_the_same_list() {
        let list = "Resources/4/TimeOffBalances";
        let base = "https://webservices14.autotask.net/ATServicesRest";
        for (url, next) in [
            (
                format!("{base}/V1.0/Resources/4/TimeOffBalances?paging=1"),
                Some(format!("{list}?paging=1")),
            ),
            (
                "https://evil.example/v1.0/resources/4/timeoffbalances/next?a".to_owned(),
                Some(format!("{list}/next?a")),
            ),
            (format!("{base}/V1.0/TimeOffRequests/5/Approve"), None),
            (format!("{base}/V1.0/Resources/4/TimeOffBalances/5"), None),
            (format!("{base}/V1.0/Resources/4/TimeOffBalances/../../x?"), None),
            (format!("{base}/elsewhere"), None),
        ] {
            assert_eq!(next_page_path(list, &url).ok(), next, "{url}");
        }
    }
}
