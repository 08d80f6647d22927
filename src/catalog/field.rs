//! A field of an entity: its type, length, flags and references.

use super::Entity;

/// A field of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub kind: DataType,
    /// The most characters of a text, if known.
    pub length: Option<u32>,
    pub required: Tristate,
    pub read_only: Tristate,
    pub queryable: Tristate,
    pub picklist: Tristate,
    pub reference: Tristate,
    pub webhook: Tristate,
    /// The entity whose id the field contains.
    pub refers_to: Option<Entity>,
    /// The field whose code decides which of the picklist's codes are valid.
    pub picklist_parent: Option<&'static str>,
    /// The name at the fields endpoint, if records use another one.
    pub described_as: Option<&'static str>,
}

/// A field's type on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataType {
    Boolean,
    Bytes,
    /// A datetime with a calendar day: Autotask discards the time.
    Date,
    Datetime,
    Decimal,
    Double,
    Float,
    Integer,
    Long,
    Short,
    Text,
    /// A type that this program does not know: values are sent unchanged.
    Unknown,
}

/// A fact that may be unknown; a check never rejects anything because of an unknown fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tristate {
    Yes,
    No,
    Unknown,
}

impl From<bool> for Tristate {
    fn from(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}

impl Tristate {
    /// Whether the fact is known to be true.
    #[must_use]
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }

    /// Whether the fact is known to be false.
    #[must_use]
    pub fn is_no(self) -> bool {
        self == Self::No
    }
}

impl DataType {
    /// Whether values are whole numbers.
    #[must_use]
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Integer | Self::Long | Self::Short)
    }

    /// Whether values may have decimal places.
    #[must_use]
    pub fn is_fraction(self) -> bool {
        matches!(self, Self::Decimal | Self::Double | Self::Float)
    }

    /// Whether values are days or instants.
    #[must_use]
    pub fn is_date(self) -> bool {
        matches!(self, Self::Date | Self::Datetime)
    }

    /// The type with this `dataType`, in any letter case.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let is = |kind: &Self| kind.name().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(is)
    }

    const ALL: [Self; 10] = [
        Self::Boolean,
        Self::Bytes,
        Self::Datetime,
        Self::Decimal,
        Self::Double,
        Self::Float,
        Self::Integer,
        Self::Long,
        Self::Short,
        Self::Text,
    ];

    /// The `dataType` of the fields endpoint.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Bytes => "byte[]",
            Self::Date | Self::Datetime => "datetime",
            Self::Decimal => "decimal",
            Self::Double => "double",
            Self::Float => "float",
            Self::Integer => "integer",
            Self::Long => "long",
            Self::Short => "short",
            Self::Text => "string",
            Self::Unknown => "unknown",
        }
    }
}

/// A field: name, type, and six flags `ROQPLW` (required, read-only, queryable, picklist, reference or link, webhook),
/// each of which is its letter, `-` for no, or `?` for unknown.
pub(super) const fn field(name: &'static str, kind: DataType, flags: &str) -> Field {
    let flags = flags.as_bytes();
    Field {
        name,
        kind,
        length: None,
        required: tristate(flags[0]),
        read_only: tristate(flags[1]),
        queryable: tristate(flags[2]),
        picklist: tristate(flags[3]),
        reference: tristate(flags[4]),
        webhook: tristate(flags[5]),
        refers_to: None,
        picklist_parent: None,
        described_as: None,
    }
}

/// A text field with a known length.
pub(super) const fn text(name: &'static str, length: u32, flags: &str) -> Field {
    let mut row = field(name, DataType::Text, flags);
    row.length = Some(length);
    row
}

const fn tristate(flag: u8) -> Tristate {
    match flag {
        b'-' => Tristate::No,
        b'?' => Tristate::Unknown,
        _ => Tristate::Yes,
    }
}

impl Field {
    /// Whether its numbers have names: they are codes of a picklist, or ids of records.
    #[must_use]
    pub fn has_names(&self) -> bool {
        self.kind.is_whole()
            && (!self.picklist.is_no() || self.refers_to.is_some())
            && self.name != "id"
    }

    /// Whether it is a picklist whose codes are strings.
    #[must_use]
    pub fn is_text_list(&self) -> bool {
        self.kind == DataType::Text && self.picklist.is_yes()
    }

    pub(super) const fn references(mut self, entity: Entity) -> Self {
        self.refers_to = Some(entity);
        self
    }

    pub(super) const fn depends_on(mut self, field: &'static str) -> Self {
        self.picklist_parent = Some(field);
        self
    }

    pub(super) const fn described_as(mut self, name: &'static str) -> Self {
        self.described_as = Some(name);
        self
    }
}
