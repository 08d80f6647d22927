//! Customers as tickets see them: a company and those of its records that a ticket can name.

use serde_json::Value;

use crate::catalog::Entity;

use super::super::store::{Store, whole};

/// A company and those of its records that a ticket can name.
pub(super) struct Customer {
    pub(super) company: i64,
    pub(super) location: Option<i64>,
    pub(super) contract: Option<i64>,
    pub(super) contacts: Vec<i64>,
    pub(super) devices: Vec<i64>,
}

impl Customer {
    /// All active customers.
    pub(super) fn all(store: &Store) -> Vec<Self> {
        let companies = store.all(Entity::Companies).filter(|(_, company)| {
            let active = company.get("isActive") == Some(&Value::Bool(true));
            active && whole(company, "companyType") == Some(1)
        });
        companies.map(|(id, _)| Self::of(store, id)).collect()
    }

    fn of(store: &Store, company: i64) -> Self {
        let mine = |entity: Entity| {
            let rows = store.all(entity);
            rows.filter(move |(_, row)| whole(row, "companyID") == Some(company))
        };
        let contracts = mine(Entity::Contracts);
        let mut valid = contracts.filter(|(_, row)| whole(row, "status") == Some(1));
        let contacts = mine(Entity::Contacts);
        let contacts = contacts.filter(|(_, row)| whole(row, "isActive") == Some(1));
        Self {
            company,
            location: mine(Entity::CompanyLocations).map(|(id, _)| id).next(),
            contract: valid.next().map(|(id, _)| id),
            contacts: contacts.map(|(id, _)| id).collect(),
            devices: mine(Entity::ConfigurationItems).map(|(id, _)| id).collect(),
        }
    }
}
