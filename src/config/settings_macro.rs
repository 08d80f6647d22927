//! The macro that turns the table in `settings.rs` into structs, their reader and `SETTINGS`.

/// One row as a `Setting`.
macro_rules! setting_row {
    ($kind:ident, [$name:literal $(, $alias:literal)?], [$($default:literal)?], $accepts:expr, [$($help:literal),+]) => {
        Setting {
            name: $name,
            alias: concat!("" $(, $alias)?),
            default: concat!("" $(, $default)?),
            kind: Kind::$kind,
            accepts: $accepts,
            help: concat!($($help),+).trim_ascii_start(),
        }
    };
}

/// A field is an `Option` unless its setting has a default.
macro_rules! field_type {
    ($type:ty) => { Option<$type> };
    ($type:ty, $default:literal) => { $type };
}

/// Reads one setting with its parser.
macro_rules! read_setting {
    ($reader:ident, $setting:expr, $parse:expr) => {
        $reader.optional($setting, $parse)?
    };
    ($reader:ident, $setting:expr, $parse:expr, $default:literal) => {
        $reader.required($setting, $parse)?
    };
}

/// Declares the settings; see `settings.rs` for the form of a row.
///
/// The macro contains the imports for the rows, because `xtask` expands the same file with its own macro without them.
macro_rules! settings {
    ($(
        $(#[doc = $about:literal])+
        $group:ident($reader:ident) {
            $(
                $(#[doc = $help:literal])+
                $field:ident: $type:ty = $kind:ident($name:literal $(, $alias:literal)?) $(or $default:literal)?, $parse:expr, $accepts:expr;
            )+
            $(derived {
                $($(#[doc = $note:literal])+ $derived:ident: $derived_type:ty = $value:expr;)+
            })?
        }
    )+) => {
        use std::path::PathBuf;
        use std::time::Duration;

        use jiff::Timestamp;
        use jiff::tz::TimeZone;
        use secrecy::SecretString;

        use super::reader::{Kind, Reader, Setting};
        use super::{BaseUrl, ConfigError, ConfirmMode, LogFormat, Transport, parse};
        use crate::catalog::Entity;

        /// Every setting, in the order of the README.
        pub const SETTINGS: &[Setting] = &[$($(
            setting_row!($kind, [$name $(, $alias)?], [$($default)?], $accepts, [$($help),+])
        ),+),+];

        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone)]
            pub struct $group {
                $($(#[doc = $help])+ pub $field: field_type!($type $(, $default)?),)+
                $($($(#[doc = $note])+ pub $derived: $derived_type,)+)?
            }

            impl $group {
                pub(super) fn from_reader($reader: &mut Reader<'_>) -> Result<Self, ConfigError> {
                    Ok(Self {
                        $($field: read_setting!(
                            $reader,
                            &setting_row!($kind, [$name $(, $alias)?], [$($default)?], $accepts, [$($help),+]),
                            $parse
                            $(, $default)?
                        ),)+
                        $($($derived: $value,)+)?
                    })
                }
            }
        )+
    };
}
