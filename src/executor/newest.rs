//! Pages that Autotask cannot order or join: the newest records first, and time entries by company.

use serde_json::Value;

use super::search::PageQuery;
use super::{Executor, RecordFields};
use crate::catalog::{Entity, Field};
use crate::client::page::{MAX_PAGE_SIZE, MAX_WALK_REQUESTS};
use crate::error::{Code, Error};
use crate::filter::{Condition, Op};
use crate::value::row::Row;

/// Records in a window of ids, oldest first, and whether there are more than fit on a page.
struct Window {
    items: Vec<Row>,
    is_full: bool,
}

/// A company's tickets or tasks beyond this many are not read.
const MAX_PARENT_IDS: usize = 20 * MAX_PAGE_SIZE;
/// Ids in one `in`, so that there is room for other conditions.
const MAX_IDS: usize = 400;

impl Executor {
    /// The newest records, in descending order of id.
    ///
    /// Autotask sorts by ascending id only, so the last page is searched for: the lower bound of the ids is raised while
    /// more records follow than fit on a page, and lowered while too few do.
    pub(super) async fn find_newest(&self, query: &PageQuery) -> Result<(Vec<Row>, bool), Error> {
        let max = usize::from(query.max);
        let (mut low, mut high, mut step) = (-1_i64, query.after, 0_i64);
        let mut window = self.window(query, low).await?;
        let mut requests = 1;
        while window.is_full {
            if requests >= MAX_WALK_REQUESTS {
                return Err(endless_error());
            }
            requests += 1;
            let first = window.items.first().and_then(Row::id).unwrap_or(low);
            let last = window.items.last().and_then(Row::id).unwrap_or(low);
            // Enough records follow the first one.
            low = low.max(first);
            step = step.saturating_mul(2).max(last.saturating_sub(first)).max(1);
            let bound = match high {
                Some(high) if high.saturating_sub(low) <= 1 => low,
                Some(high) => low + (high - low) / 2,
                None => low.saturating_add(step),
            };
            let found = self.window(query, bound).await?;
            if found.is_full || found.items.len() >= max || bound == low {
                (low, window) = (bound, found);
            } else {
                // Too few: the page begins before this bound.
                high = Some(bound);
            }
        }
        let mut items = window.items;
        items.reverse();
        let more = items.len() > max || low >= 0;
        items.truncate(max);
        Ok((items, more))
    }

    /// The records with a greater id than the bound, before the previous page.
    async fn window(&self, query: &PageQuery, low: i64) -> Result<Window, Error> {
        let id = id_field(query.entity)?;
        let before = query.after.map(|id_before| Condition::test(id, Op::Lt, id_before.into()));
        let after = (low >= 0).then(|| query.after(low)).transpose()?;
        let request = query.request(before.into_iter().chain(after), 500);
        let reply = self.client.read_rows(&request).await?;
        Ok(Window { items: reply.items, is_full: reply.next.is_some() })
    }

    /// Time entries whose ticket, or whose task's project, belongs to a company.
    pub(super) async fn find_by_company(
        &self,
        query: &PageQuery,
        company: i64,
    ) -> Result<(Vec<Row>, bool), Error> {
        let begin = query.after.map(|id| query.after(id)).transpose()?;
        let projects = self.ids_where(Entity::Projects, "companyID", &[company]).await?;
        let tasks = self.ids_where(Entity::Tasks, "projectID", &projects).await?;
        let tickets = self.ids_where(Entity::Tickets, "companyID", &[company]).await?;
        let (mut items, mut more) = (Vec::new(), false);
        for (field, ids) in [("ticketID", tickets), ("taskID", tasks)] {
            let field = query.entity.field(field);
            let field = field.ok_or_else(|| Error::internal("Time entries have no parent."))?;
            for ids in ids.chunks(MAX_IDS) {
                let belongs = Condition::test(field, Op::In, ids.into());
                let request = query.request([belongs].into_iter().chain(begin.clone()), query.max);
                let reply = self.client.read_rows(&request).await?;
                more |= reply.next.is_some();
                items.extend(reply.items);
            }
        }
        items.sort_by_key(Row::id);
        more |= items.len() > usize::from(query.max);
        items.truncate(query.max.into());
        Ok((items, more))
    }

    /// The ids of the records whose field has one of these values.
    async fn ids_where(
        &self,
        entity: Entity,
        field: &str,
        values: &[i64],
    ) -> Result<Vec<i64>, Error> {
        let field = entity.field(field);
        let field = field.ok_or_else(|| Error::internal("A parent has no such field."))?;
        let (mut ids, mut requests) = (Vec::new(), 0);
        for values in values.chunks(MAX_IDS) {
            let condition = match values {
                [value] => Condition::test(field, Op::Eq, (*value).into()),
                values => Condition::test(field, Op::In, values.into()),
            };
            let mut after: Option<i64> = None;
            loop {
                let begin = after.map(|id| Condition::after(entity, id)).transpose()?;
                let conditions: Vec<_> = [condition.clone()].into_iter().chain(begin).collect();
                let reply =
                    self.client.query(entity, &conditions, (&["id"], MAX_PAGE_SIZE)).await?;
                requests += 1;
                let last = reply.items.last().and_then(id);
                ids.extend(reply.items.iter().filter_map(id));
                if reply.next.is_none() || last <= after {
                    break;
                }
                if ids.len() >= MAX_PARENT_IDS || requests >= MAX_WALK_REQUESTS {
                    return Err(too_many_error(entity));
                }
                after = last;
            }
        }
        Ok(ids)
    }
}

fn id(record: &RecordFields) -> Option<i64> {
    record.get("id").and_then(Value::as_i64)
}

fn id_field(entity: Entity) -> Result<&'static Field, Error> {
    entity.field("id").ok_or_else(|| Error::internal(format!("{} has no id.", entity.name())))
}

fn endless_error() -> Error {
    Error::new(Code::UpstreamUnavailable, "Autotask's pages do not lead to the newest records.")
        .next("Repeat the search without newest, which returns the oldest records first.")
}

fn too_many_error(entity: Entity) -> Error {
    let message = format!("The company has too many {} to search its time entries.", entity.name());
    Error::new(Code::BadFilter, message)
        .accepts("a search by ticketID, taskID or resourceID")
        .next("count-entity with groupBy ticketID.companyID adds up hours by company.")
}
