//! The texts of the server's settings table, read from its source: xtask must build while the server does not.

/// One environment variable, as docs/configuration.md lists it.
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// The value if the variable is unset; empty if there is none.
    pub default: &'static str,
    /// Whether `NAME_FILE` may name a file with the value.
    pub is_secret: bool,
    /// The accepted values: the object of the sentence "Accepts …".
    pub accepts: &'static str,
    /// What the setting does, in sentences.
    pub help: &'static str,
}

/// Reads the rows that `src/config/settings.rs` describes.
macro_rules! settings {
    ($(
        $(#[doc = $about:literal])+
        $group:ident($reader:ident) {
            $(
                $(#[doc = $help:literal])+
                $field:ident: $type:ty = $kind:ident($name:literal $(, $alias:literal)?) $(or $default:literal)?, $parse:expr, $accepts:expr;
            )+
            $(derived { $($derived:tt)* })?
        }
    )+) => {
        /// Every setting, in the order of the documentation.
        pub const SETTINGS: &[super::Setting] = &[$($(super::Setting {
            name: $name,
            default: concat!("" $(, $default)?),
            is_secret: matches!(stringify!($kind).as_bytes(), b"Secret"),
            accepts: $accepts,
            help: concat!($($help),+).trim_ascii_start(),
        }),+),+];
    };
}

#[path = "../../src/config/settings.rs"]
mod table;

pub use table::SETTINGS;
