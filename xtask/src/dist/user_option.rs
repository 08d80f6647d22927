//! The settings that packages ask the user for, with the help text of the settings table.

use serde_json::{Map, Value, json};

use crate::setting::SETTINGS;

/// What a user enters.
pub enum OptionKind {
    Text,
    Secret,
    /// A check box, and whether it is checked by default.
    Flag(bool),
}

/// One setting in the dialog of a client.
pub struct UserOption {
    pub key: &'static str,
    pub variable: &'static str,
    pub title: &'static str,
    pub kind: OptionKind,
}

/// All options, in the order of the dialog.
pub const USER_OPTIONS: [UserOption; 5] = [
    option("username", "AUTOTASK_USERNAME", "API user name (key)", OptionKind::Text),
    option("secret", "AUTOTASK_SECRET", "API user secret", OptionKind::Secret),
    option(
        "integration_code",
        "AUTOTASK_INTEGRATION_CODE",
        "Integration code (API tracking identifier)",
        OptionKind::Secret,
    ),
    option("read_only", "AUTOTASK_READ_ONLY", "Read only", OptionKind::Flag(true)),
    option("sandbox", "AUTOTASK_SANDBOX", "Sandbox", OptionKind::Flag(false)),
];

const fn option(
    key: &'static str,
    variable: &'static str,
    title: &'static str,
    kind: OptionKind,
) -> UserOption {
    UserOption { key, variable, title, kind }
}

impl UserOption {
    /// The help text of the settings table.
    pub fn help(&self) -> &'static str {
        SETTINGS.iter().find(|s| s.name == self.variable).map_or("", |setting| setting.help)
    }

    /// Whether clients must hide the value.
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, OptionKind::Secret)
    }

    /// Whether it is one of the three credentials.
    pub fn is_credential(&self) -> bool {
        !matches!(self.kind, OptionKind::Flag(_))
    }

    /// The value until the user enters one; the sandbox needs no credentials.
    pub fn default(&self) -> Value {
        match self.kind {
            OptionKind::Flag(on) => json!(on),
            OptionKind::Text | OptionKind::Secret => json!(""),
        }
    }

    /// The default value as the text of an environment variable.
    pub fn default_text(&self) -> String {
        self.default().as_str().map_or_else(|| self.default().to_string(), str::to_owned)
    }

    /// The declaration that MCPB and Claude Code share.
    fn declaration(&self) -> Value {
        let kind = if self.is_credential() { "string" } else { "boolean" };
        let mut declared = json!({
            "type": kind,
            "title": self.title,
            "description": self.help(),
            "required": false,
            "default": self.default(),
        });
        if self.is_secret() {
            declared["sensitive"] = json!(true);
        }
        declared
    }
}

/// `user_config` of MCPB and `userConfig` of Claude Code.
pub fn declarations() -> Value {
    USER_OPTIONS.iter().map(|option| (option.key.to_owned(), option.declaration())).collect()
}

/// The environment of the server; `value` returns a client's reference to the value of an option.
pub fn environment(value: impl Fn(&UserOption) -> String) -> Value {
    let variables = USER_OPTIONS.iter().map(|option| {
        let value = json!(value(option));
        (option.variable.to_owned(), value)
    });
    Value::Object(variables.collect::<Map<_, _>>())
}

/// The reference to an option in MCPB and Claude Code.
pub fn user_config(option: &UserOption) -> String {
    format!("${{user_config.{}}}", option.key)
}
