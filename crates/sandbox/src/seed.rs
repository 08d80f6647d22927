//! The records of a new sandbox; each table is parsed when it is first used.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use serde_json::value::RawValue;

use crate::clock::Shift;
use crate::record::{Record, Table, integer};

static TEXT: LazyLock<String> = LazyLock::new(|| {
    autotask_schema::inflate(include_bytes!(concat!(env!("OUT_DIR"), "/tenant.json.deflate")))
});

/// By entity.
static SEED: LazyLock<BTreeMap<&str, SeedTable>> = LazyLock::new(|| {
    let tables: BTreeMap<&str, &RawValue> = serde_json::from_str(&TEXT).unwrap_or_default();
    let seed = |text| SeedTable { text, table: OnceLock::new() };
    tables.into_iter().map(|(entity, text)| (entity, seed(text))).collect()
});

static EMPTY: Table = Table::new();

struct SeedTable {
    text: &'static RawValue,
    table: OnceLock<Table>,
}

impl SeedTable {
    fn parse(&self, prepare: impl Fn(&mut Record)) -> Table {
        let rows: Vec<Record> = serde_json::from_str(self.text.get()).unwrap_or_default();
        let rows = rows.into_iter().filter_map(|mut row| {
            prepare(&mut row);
            Some((integer(&row, "id")?, row))
        });
        rows.collect()
    }
}

/// The seed of one sandbox.
#[derive(Default)]
pub(crate) struct Seed(Option<ShiftedSeed>);

/// A seed with shifted dates; unshifted seeds share their tables.
struct ShiftedSeed {
    shift: Shift,
    tables: BTreeMap<&'static str, OnceLock<Table>>,
}

impl Seed {
    /// A seed with shifted dates.
    pub(crate) fn new(shift: Shift) -> Self {
        let tables = || SEED.keys().map(|entity| (*entity, OnceLock::new())).collect();
        Self((!shift.is_none()).then(|| ShiftedSeed { shift, tables: tables() }))
    }

    /// The records of an entity.
    pub(crate) fn table(&self, entity: &str) -> &Table {
        let Some(seed) = SEED.get(entity) else {
            return &EMPTY;
        };
        let shifted = self.0.as_ref().and_then(|own| Some((own.shift, own.tables.get(entity)?)));
        match shifted {
            Some((shift, table)) => table.get_or_init(|| seed.parse(|row| shift.apply(row))),
            None => seed.table.get_or_init(|| seed.parse(|_| {})),
        }
    }
}
