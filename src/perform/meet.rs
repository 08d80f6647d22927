//! An entity that the schema does not know: asked for once, and known from then on.

use serde_json::Value;

use super::Performer;
use super::metadata::List;
use crate::address::unknown;
use crate::error::{Code, Error};
use crate::live::Live;
use crate::plan::{Describe, Meet};
use crate::request::Request;
use crate::schema::{Entity, Novelty};

impl Performer {
    /// The description of an entity that only the tenant knows.
    pub(super) async fn meet(&self, meet: Meet) -> Result<Value, Error> {
        let address = format!("{}/entityInformation", meet.name);
        let told = match self.read(&Request::get(address)).await {
            Err(error) if error.code() == Code::NotFound => return Err(unknown(&meet.name)),
            told => told?,
        };
        let fields = self.list_of(&meet.name, List::Fields).await?;
        let entity = self.introduced(&meet.name, &told["info"], &fields);
        let describe = Describe {
            entity: entity.ok_or_else(|| unknown(&meet.name))?,
            field: meet.field,
            about: meet.about,
        };
        self.describe(&describe).await
    }

    /// The entity that `entityInformation` tells of; none where it tells nothing.
    fn introduced(&self, name: &str, info: &Value, live: &Live) -> Option<Entity> {
        let rights = [
            ("canQuery", 'Q'),
            ("canCreate", 'C'),
            ("canUpdate", 'U'),
            ("canDelete", 'D'),
        ];
        let has = |key: &str| info[key] == Value::Bool(true);
        let can = rights.into_iter().filter(|(key, _)| has(key));
        let can: String = can.map(|(_, letter)| letter).collect();
        let fields = live
            .iter()
            .map(|field| (field.name.as_str(), field.as_field()));
        let new = Novelty {
            name,
            singular: info.get("name")?.as_str()?,
            can: &can,
            has_udfs: has("hasUserDefinedFields"),
            fields: fields.collect(),
        };
        self.metadata.meet(new, live.clone())
    }
}
