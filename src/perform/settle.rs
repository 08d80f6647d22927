//! Settling: each name in a plan becomes the number that Autotask takes.

use futures_util::future::try_join_all;
use serde_json::Value;

use super::metadata::{List, is_ours};
use super::texts::unchecked;
use super::{Fields, Performer};
use crate::address::Parent;
use crate::body::{left_out, rules, udfs};
use crate::error::{Code, Error, Retry};
use crate::filter::{Clause, has_udf, is_unsettled, settle};
use crate::live::LiveField;
use crate::names::asked::{self, See};
use crate::names::candidate::{Missed, ambiguous, listed, unknown};
use crate::names::{Asked, Candidate, Resolved, pick};
use crate::plan::{Change, Columns, Shown, Write};
use crate::record::Record;
use crate::schema::{Entity, Field};

/// Names asked for at a time; more would wait for a place anyway.
const AT_ONCE: usize = 3;

/// What is to be told of a plan besides its outcome.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub resolved: Resolved,
    pub warnings: Vec<String>,
    /// The record as it is, where a change had to be held against it.
    pub present: Option<Fields>,
}

impl Performer {
    /// A filter in which every UDF is known and every name is a number.
    pub(super) async fn settled(
        &self,
        entity: Entity,
        clauses: &[Clause],
        notes: &mut Notes,
    ) -> Result<Vec<Clause>, Error> {
        let mut clauses = self.with_udfs(entity, clauses, notes).await?;
        self.settle_known(entity, &mut clauses, notes);
        let mut walk = |see: &mut See| asked::in_clauses(entity, &mut clauses, see);
        self.rounds(notes, &mut walk).await?;
        self.settle_texts(entity, &mut clauses, notes).await?;
        Ok(clauses)
    }

    /// Names that a filter held a moment ago mean what they meant then.
    fn settle_known(&self, entity: Entity, clauses: &mut [Clause], notes: &mut Notes) {
        let mut is_new = true;
        // A name below another is seen once that one is a number.
        while is_new {
            is_new = false;
            asked::in_clauses(entity, clauses, &mut |one| {
                let found = self.meant.of(&one)?;
                is_new = true;
                Some(notes.take(&one, found))
            });
        }
    }

    /// The clauses with each UDF as the tenant lists it; what the caller calls one is taken for one where it lists none.
    async fn with_udfs(
        &self,
        entity: Entity,
        clauses: &[Clause],
        notes: &mut Notes,
    ) -> Result<Vec<Clause>, Error> {
        if !has_udf(clauses) {
            return Ok(clauses.to_vec());
        }
        match self.live(entity, List::Udfs).await {
            Ok(udfs) => settle(entity, clauses, &udfs),
            Err(error) if is_ours(&error) => Err(error),
            Err(error) if is_unsettled(clauses) => Err(error.next(format!(
                "The user-defined fields of {} could not be read; \"udf\":true asks for one unchecked.",
                entity.name()
            ))),
            Err(error) => {
                notes.warnings.push(unchecked(entity, List::Udfs, &error));
                Ok(clauses.to_vec())
            }
        }
    }

    /// A write in which every name is a number, checked, with what is to be told of it among its warnings.
    pub(super) async fn settled_write(
        &self,
        mut write: Write,
        notes: &mut Notes,
    ) -> Result<Write, Error> {
        let entity = write.entity;
        self.complete(&write).await?;
        if let Parent::Named(field, name) = &write.parent {
            let number = self.settled_name(entity, field, name, notes).await?;
            if let Change::Create(record) = &mut write.change {
                record.set(field.name, number.clone());
            }
            let id = number.as_i64();
            let id = id.ok_or_else(|| Error::internal("A parent's id is no number."))?;
            write.parent = Parent::Id(id);
        }
        if let Change::Create(record) | Change::Update(_, record) = &mut write.change {
            self.settle_record(entity, record, notes).await?;
        }
        if let Change::Create(record) = &write.change {
            // What a label stands for may want more.
            let lacks = rules::lacks(entity, record);
            if !lacks.is_empty() {
                return Err(left_out(entity, &lacks));
            }
        }
        self.preflight(&mut write, notes).await?;
        // A label and its code may have the same remark.
        for warning in notes.warnings.drain(..) {
            if !write.warnings.contains(&warning) {
                write.warnings.push(warning);
            }
        }
        Ok(write)
    }

    async fn settle_record(
        &self,
        entity: Entity,
        record: &mut Record,
        notes: &mut Notes,
    ) -> Result<(), Error> {
        let learnt = self.learnt();
        let mut walk = |see: &mut See| asked::in_record((&learnt, entity), record, see);
        self.rounds(notes, &mut walk).await?;
        self.settle_listed(entity, record, notes).await
    }

    /// One name of one field, settled.
    pub(super) async fn settled_name(
        &self,
        entity: Entity,
        field: &'static Field,
        name: &str,
        notes: &mut Notes,
    ) -> Result<Value, Error> {
        let asked = Asked::of(entity, field, name);
        let found = self.answer(&asked).await?;
        Ok(notes.take(&asked, found))
    }

    /// Names under other names are settled in a later round than those.
    async fn rounds(
        &self,
        notes: &mut Notes,
        walk: &mut (dyn FnMut(&mut See) + Send),
    ) -> Result<(), Error> {
        loop {
            let mut asked: Vec<Asked> = Vec::new();
            walk(&mut |one| {
                if !asked.contains(&one) {
                    asked.push(one);
                }
                None
            });
            if asked.is_empty() {
                return Ok(());
            }
            let known = self.together(&asked).await?;
            let asked: Vec<_> = asked.into_iter().zip(known).collect();
            let mut answers = Vec::new();
            // The first that means nothing ends it, before many are asked for.
            for some in asked.chunks(AT_ONCE) {
                let found = some.iter().map(|(one, known)| self.unless(known.as_ref(), one));
                for ((one, _), found) in some.iter().zip(try_join_all(found).await?) {
                    self.meant.keep(one, &found);
                    answers.push((one, notes.take(one, found)));
                }
            }
            walk(&mut |one| {
                let answer = answers.iter().find(|(asked, _)| **asked == one);
                answer.map(|(_, number)| number.clone())
            });
        }
    }

    /// What is known already, else the answer.
    async fn unless(&self, known: Option<&Candidate>, asked: &Asked) -> Result<Candidate, Error> {
        match known {
            Some(found) => Ok(found.clone()),
            None => self.answer(asked).await,
        }
    }

    async fn answer(&self, asked: &Asked) -> Result<Candidate, Error> {
        if asked.field.picklist.is_no() {
            return self.answer_by_record(asked, asked.field.refers_to).await;
        }
        let live = match self.live(asked.entity, List::Fields).await {
            Ok(live) => live,
            Err(_) if asked.field.refers_to.is_some() => {
                return self.answer_by_record(asked, asked.field.refers_to).await;
            }
            Err(error) => return Err(unreadable(asked, error)),
        };
        match live.of(asked.field) {
            Some(field) if field.picklist.is_some() => answer_by_choice(asked, field),
            Some(field) if field.is_unlisted => Err(unlisted(asked)),
            field => {
                let refers_to = field.and_then(|field| field.refers_to);
                let refers_to = asked.field.refers_to.or(refers_to);
                self.answer_by_record(asked, refers_to).await
            }
        }
    }

    async fn answer_by_record(
        &self,
        asked: &Asked,
        refers_to: Option<Entity>,
    ) -> Result<Candidate, Error> {
        match refers_to {
            Some(entity) => self.record_called(entity, asked).await,
            None => Err(numeric(asked)),
        }
    }

    /// What is to be shown, every UDF in the tenant's spelling.
    pub(super) async fn settled_shown(
        &self,
        entity: Entity,
        shown: Shown,
        notes: &mut Notes,
    ) -> Result<Shown, Error> {
        let Shown::Only(Columns { fields, udfs }) = shown else {
            return Ok(shown);
        };
        let mut settled = Columns { fields, udfs: Vec::new() };
        for name in udfs {
            match self.live(entity, List::Udfs).await {
                Ok(live) => {
                    let udf = live.find(&name);
                    let udf = udf.ok_or_else(|| udfs::unknown(entity, &name, &live))?;
                    settled.udfs.push(udf.name.clone());
                }
                Err(error) if is_ours(&error) => return Err(error),
                // Records come whole anyway; only the name's spelling cannot be checked.
                Err(error) => {
                    notes.warnings.push(unchecked(entity, List::Udfs, &error));
                    settled.udfs.push(name);
                }
            }
        }
        Ok(Shown::Only(settled))
    }
}

impl Notes {
    /// Notes what a name came to, and answers its number.
    pub(super) fn take(&mut self, asked: &Asked, found: Candidate) -> Value {
        self.resolved.note(asked.argument, &asked.name, &found.number);
        self.warnings.extend(found.remarks(asked.argument, &asked.name));
        found.number
    }
}

/// Picklists that depend on another field are matched under its code, where that is given.
fn answer_by_choice(asked: &Asked, field: &LiveField) -> Result<Candidate, Error> {
    let is_under = |under: &Option<Value>| match (asked.under, under) {
        (Some(wanted), Some(under)) => under.as_i64() == Some(wanted),
        _ => true,
    };
    let choices = field.choices().iter().filter(|choice| is_under(&choice.under));
    let choices = choices.filter(|choice| choice.code.is_i64());
    let candidates: Vec<_> = choices.map(Candidate::of_choice).collect();
    let describe = format!(
        "describe-entity-fields {{\"entity\":\"{}\",\"field\":\"{}\"}} lists them.",
        asked.entity.name(),
        asked.field.name
    );
    match pick(&asked.name, &candidates) {
        Ok(one) => Ok(one),
        Err(Missed::Several(several)) => Err(ambiguous(asked, &several)),
        Err(Missed::Nothing) => {
            let thing = format!("value of {}", asked.entity.name());
            let error = unknown(asked, &thing, &candidates).next(describe);
            Err(match listed(&candidates) {
                Some(all) => error.accepts(all),
                None => error,
            })
        }
    }
}

fn numeric(asked: &Asked) -> Error {
    let message = format!("{} does not take the name {:?}.", asked.argument, asked.name);
    Error::new(Code::BadArgument, message)
        .accepts(format!("{}: a whole number, such as 5", asked.argument))
}

/// Without the tenant's picklists a label means nothing; a code still does, where requests are answered at all.
fn unreadable(asked: &Asked, error: Error) -> Error {
    if is_ours(&error) || error.code() == Code::RateLimited {
        return error;
    }
    error.next(format!(
        "The labels of {} could not be read, so give {} as a code.",
        asked.entity.name(),
        asked.argument
    ))
}

/// A picklist whose values the tenant keeps to itself.
fn unlisted(asked: &Asked) -> Error {
    let (argument, entity) = (asked.argument, asked.entity.name());
    let message =
        format!("{argument}: the values of {entity} could not be read: Autotask lists none.");
    Error::new(Code::UpstreamUnavailable, message)
        .with_retry(Retry::AfterChange)
        .next(format!("Give {argument} as a code."))
}
