//! The resource (person) of an e-mail address, for callers who act as one.

use super::Resolver;
use super::name_search::inactive_reason;
use crate::catalog::Entity;
use crate::error::{Code, Error};
use crate::filter::{Condition, Op};
use crate::value::cache::{ERROR_TTL, VALUE_TTL};
use crate::value::record::RecordFields;

/// More people share an address only in a refreshed sandbox, where all have the same.
const MAX_NAMESAKES: usize = 10;

impl Resolver {
    /// The id of the one active person with this address, in any letter case; looked up once in 15 minutes.
    ///
    /// # Errors
    /// `no-such-name` or `ambiguous-name`, which are remembered for a minute.
    pub async fn resource_id_of(&self, email: &str) -> Result<i64, Error> {
        let email = email.to_lowercase();
        if let Some(known) = self.people.get(&email) {
            return known;
        }
        let found = self.query_people(&email).await?;
        let ttl = if found.is_ok() { VALUE_TTL } else { ERROR_TTL };
        self.people.insert(email, found.clone(), ttl);
        found
    }

    async fn query_people(&self, email: &str) -> Result<Result<i64, Error>, Error> {
        let field = |name: &str| {
            let field = Entity::Resources.field(name);
            field.ok_or_else(|| Error::internal(format!("Resources have no {name}.")))
        };
        let conditions = [
            Condition::test(field("email")?, Op::Eq, email.into()),
            Condition::test(field("isActive")?, Op::Eq, true.into()),
        ];
        let fields = (&["id", "email", "isActive", "licenseType"][..], MAX_NAMESAKES);
        let found = self.client.query(Entity::Resources, &conditions, fields).await?;
        let mut ids = found.items.iter().filter_map(|record| person_id(record, email));
        Ok(match (ids.next(), ids.next()) {
            (Some(id), None) => Ok(id),
            (None, _) => Err(no_resource_error(Code::NoSuchName, "No active resource has", email)),
            _ => {
                Err(no_resource_error(Code::AmbiguousName, "Several active resources have", email))
            }
        })
    }
}

fn person_id(record: &RecordFields, email: &str) -> Option<i64> {
    let is_same = record.get("email")?.as_str()?.trim().to_lowercase() == email;
    let can_act = inactive_reason(Entity::Resources, record).is_none();
    record.get("id")?.as_i64().filter(|_| is_same && can_act)
}

fn no_resource_error(code: Code, problem: &str, email: &str) -> Error {
    let message = format!(
        "{problem} the e-mail address {email}, which names the person for this caller's writes and for \"me\"."
    );
    Error::new(code, message).next(
        "The administrator can correct the address in Autotask, in the tokens file or in the claim of the token.",
    )
}
