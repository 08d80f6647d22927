//! Decides what may be written: read-only mode and the list of writable entities.

use crate::catalog::Entity;
use crate::config::Config;
use crate::error::{Code, Error};

/// The settings about writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritePolicy {
    read_only: bool,
    writable: Option<Vec<Entity>>,
}

/// Proof that the settings allow writing an entity; no write is planned without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritePermit(());

impl WritePolicy {
    /// The policy of the settings.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self { read_only: config.read_only, writable: config.write_entities.clone() }
    }

    /// The same policy without any writes.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    /// Whether all writes are forbidden.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The only entities that may be written, if the settings name any.
    #[must_use]
    pub fn allowed_entities(&self) -> Option<&[Entity]> {
        self.writable.as_deref()
    }

    /// Checks whether the settings allow writing records of an entity.
    ///
    /// # Errors
    /// `read-only` or `not-allowed`.
    pub fn authorize(&self, entity: Entity) -> Result<WritePermit, Error> {
        match &self.writable {
            _ if self.read_only => Err(read_only_error(entity.name())),
            Some(entities) if !entities.contains(&entity) => {
                Err(entity_not_writable_error(entity, entities))
            }
            _ => Ok(WritePermit(())),
        }
    }
}

/// The error of a read-only server.
#[must_use]
pub fn read_only_error(what: &str) -> Error {
    Error::new(
        Code::ReadOnly,
        format!("Only reading is allowed here; writing with {what} is disabled."),
    )
    .next("The administrator can set AUTOTASK_READ_ONLY=false, or give this token the role full.")
}

fn entity_not_writable_error(entity: Entity, entities: &[Entity]) -> Error {
    let names: Vec<_> = entities.iter().map(|entity| entity.name()).collect();
    Error::new(Code::NotAllowed, format!("This server does not write {}.", entity.name()))
        .accepts(format!("writes of {}", names.join(", ")))
        .next("The administrator can change AUTOTASK_WRITE_ENTITIES.")
}
