//! The declaration of a tool's argument.

/// One argument of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArgumentDef {
    pub name: &'static str,
    pub kind: ArgumentType,
    pub required: bool,
    /// How a search compares it, and with which fields; a write sets these fields.
    pub field_use: FieldUse,
    pub fields: &'static [&'static str],
    /// The only values it accepts; empty if it accepts any.
    pub options: &'static [&'static str],
    /// Another name that is accepted.
    pub alias: Option<&'static str>,
}

/// The type of an argument's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentType {
    Id,
    PageSize,
    Hours,
    Number,
    Flag,
    Text,
    Code,
    Codes,
    Ref,
    Refs,
    Date,
    Ticket,
    Keys,
    Entity,
    Object,
    Query,
    Names,
    Integers,
    Confirm,
}

/// How a search compares an argument with its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldUse {
    Eq,
    Contains,
    Words,
    Phone,
    Gte,
    Lte,
    Exist,
    NotExist,
}

pub(super) const fn optional(name: &'static str, kind: ArgumentType) -> ArgumentDef {
    ArgumentDef {
        name,
        kind,
        required: false,
        field_use: FieldUse::Eq,
        fields: &[],
        options: &[],
        alias: None,
    }
}

pub(super) const fn required(name: &'static str, kind: ArgumentType) -> ArgumentDef {
    let mut argument = optional(name, kind);
    argument.required = true;
    argument
}

impl ArgumentDef {
    pub(super) const fn on(mut self, on: FieldUse, fields: &'static [&'static str]) -> Self {
        self.field_use = on;
        self.fields = fields;
        self
    }

    pub(super) const fn one_of(mut self, options: &'static [&'static str]) -> Self {
        self.options = options;
        self
    }

    pub(super) const fn or(mut self, alias: &'static str) -> Self {
        self.alias = Some(alias);
        self
    }
}
