//! The table of settings: what the environment may say, and how it is explained.

/// One environment variable; the README's table is made from these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// The text that counts when the variable is unset or blank.
    pub default: Option<&'static str>,
    /// Whether `NAME_FILE` may name a file that holds the value.
    pub secret: bool,
    /// What a value must be, to follow the words "NAME takes".
    pub takes: &'static str,
    /// What the setting does, in sentences.
    pub help: &'static str,
}

const fn plain(
    name: &'static str,
    default: Option<&'static str>,
    takes: &'static str,
    help: &'static str,
) -> Setting {
    Setting { name, default, secret: false, takes, help }
}

const fn secret(name: &'static str, help: &'static str) -> Setting {
    Setting { name, default: None, secret: true, takes: "printable text on one line", help }
}

const URL: &str =
    "an https URL without user, query or fragment; http is taken for a loopback host only";
const FLAG: &str = "true, 1, yes or on; or false, 0, no or off; in any letter case";

pub(crate) const USERNAME: Setting =
    secret("AUTOTASK_USERNAME", "The user name (key) of an API-only user.");
pub(crate) const SECRET: Setting = secret("AUTOTASK_SECRET", "The secret of that API user.");
pub(crate) const INTEGRATION_CODE: Setting =
    secret("AUTOTASK_INTEGRATION_CODE", "The API tracking identifier of the integration.");
pub(crate) const API_URL: Setting = plain(
    "AUTOTASK_API_URL",
    None,
    URL,
    "Pins the zone, such as `https://webservices2.autotask.net/atservicesrest/`; the zone is then not looked up.",
);
pub(crate) const ZONE_URL: Setting = plain(
    "AUTOTASK_ZONE_URL",
    Some("https://webservices.autotask.net/atservicesrest/"),
    URL,
    "Where the zone of the user is looked up.",
);
pub(crate) const READ_ONLY: Setting =
    plain("AUTOTASK_READ_ONLY", Some("false"), FLAG, "Whether the tools that write are left out.");
pub(crate) const CLOSED_STATUS_IDS: Setting = plain(
    "AUTOTASK_CLOSED_STATUS_IDS",
    Some("5,16"),
    "ticket status codes, whole numbers separated by commas",
    "The ticket statuses that `openOnly` leaves out.",
);
pub(crate) const TRANSPORT: Setting =
    plain("AUTOTASK_TRANSPORT", Some("stdio"), "stdio or http", "How clients reach the server.");
pub(crate) const HTTP_TOKEN: Setting = Setting {
    takes: "16 characters at least, printable and without spaces",
    ..secret(
        "AUTOTASK_HTTP_TOKEN",
        "The bearer token that HTTP clients show; without it, or tokens in a file, the HTTP door stays shut.",
    )
};
pub(crate) const HTTP_TOKENS_FILE: Setting = plain(
    "AUTOTASK_HTTP_TOKENS_FILE",
    None,
    "the path of a text file, a token a line: name, token, full or read-only, and perhaps tools with commas between them",
    "Further tokens, each for one client; read again on SIGHUP.",
);
pub(crate) const HTTP_HOST: Setting = plain(
    "AUTOTASK_HTTP_HOST",
    Some("127.0.0.1"),
    "an address of this machine, or a name of it",
    "The address that the HTTP door listens on.",
);
pub(crate) const HTTP_PORT: Setting = plain(
    "AUTOTASK_HTTP_PORT",
    Some("3000"),
    "a port from 0 to 65535; 0 is any free one",
    "The port that the HTTP door listens on; where it is unset, `PORT` counts.",
);
pub(crate) const ALLOWED_ORIGINS: Setting = plain(
    "AUTOTASK_ALLOWED_ORIGINS",
    None,
    "origins such as https://app.example.com, separated by commas",
    "Web pages let in besides the server's own; unset lets in none.",
);
pub(crate) const ALLOWED_HOSTS: Setting = plain(
    "AUTOTASK_ALLOWED_HOSTS",
    None,
    "host names, perhaps with a port, separated by commas; * is any",
    "The names by which clients may reach the HTTP door, besides loopback and the bound host.",
);
pub(crate) const HTTP_TLS_CERT: Setting = plain(
    "AUTOTASK_HTTP_TLS_CERT",
    None,
    "the path of a PEM file; it goes with AUTOTASK_HTTP_TLS_KEY",
    "The certificate chain of the HTTP door, which then speaks TLS alone; read again on SIGHUP.",
);
pub(crate) const HTTP_TLS_KEY: Setting = plain(
    "AUTOTASK_HTTP_TLS_KEY",
    None,
    "the path of a PEM file; it goes with AUTOTASK_HTTP_TLS_CERT",
    "The private key of that certificate.",
);
pub(crate) const HTTP_BEHIND_PROXY: Setting = plain(
    "AUTOTASK_HTTP_BEHIND_PROXY",
    Some("false"),
    FLAG,
    "Says that a proxy in front does TLS, so that listening beyond loopback without it is no reason to warn.",
);
pub(crate) const HTTP_MAX_CALLS: Setting = plain(
    "AUTOTASK_HTTP_MAX_CALLS",
    Some("1024"),
    "a whole number from 1 to 100000",
    "The most HTTP requests worked on at the same time; further ones are answered 429.",
);
pub(crate) const HTTP_MAX_CALLS_PER_TOKEN: Setting = plain(
    "AUTOTASK_HTTP_MAX_CALLS_PER_TOKEN",
    Some("512"),
    "a whole number from 1 to 100000",
    "The most of them with one token.",
);
pub(crate) const REDIS_URL: Setting = Setting {
    takes: "a URL such as redis://127.0.0.1:6379, or rediss:// for TLS",
    ..secret(
        "AUTOTASK_REDIS_URL",
        "The Redis through which replicas share the tenant's limits; unset, each process keeps them for itself.",
    )
};
pub(crate) const STATE_KEY: Setting = Setting {
    takes: "32 characters at least",
    ..secret(
        "AUTOTASK_HTTP_STATE_KEY",
        "The same on every replica, so that each takes the codes of the others' previews; unset, or without AUTOTASK_REDIS_URL, a code is good where it was shown.",
    )
};
pub(crate) const METRICS: Setting = plain(
    "AUTOTASK_METRICS",
    Some("false"),
    FLAG,
    "Whether the HTTP door has `/metrics`, in Prometheus' text format.",
);
pub(crate) const TOOLS: Setting = plain(
    "AUTOTASK_TOOLS",
    None,
    "names of tools and groups, separated by commas",
    "The tools and groups of tools to offer; `-name` leaves one out; unset offers all.",
);
pub(crate) const WRITE_ENTITIES: Setting = plain(
    "AUTOTASK_WRITE_ENTITIES",
    None,
    "names of entities, separated by commas",
    "The only entities that may be written; unset allows all.",
);
pub(crate) const CONFIRM_MODE: Setting = plain(
    "AUTOTASK_CONFIRM_MODE",
    Some("token"),
    "token, bound or elicit",
    "How a write is confirmed: with the tool's own word; with a code from its preview, good once, for ten minutes, for exactly that write; or by the person, whom the client asks (a client that cannot ask needs the code).",
);
pub(crate) const IMPERSONATION: Setting = plain(
    "AUTOTASK_IMPERSONATION_RESOURCE_ID",
    None,
    "the id of a resource, a whole number above 0",
    "The resource (person) in whose name records are written; reads stay the API user's own.",
);
pub(crate) const AUDIT_LOG: Setting = plain(
    "AUTOTASK_AUDIT_LOG",
    None,
    "the path of a file in a folder that exists",
    "A file that gets a line of JSON for every attempted write, also a refused one; while it cannot be written, nothing is written to Autotask.",
);
pub(crate) const MAX_ANSWER_CHARS: Setting = plain(
    "AUTOTASK_MAX_ANSWER_CHARS",
    Some("40000"),
    "a whole number, 1000 at least",
    "The largest answer to a tool call, in characters.",
);
pub(crate) const TIMEOUT_SECONDS: Setting = plain(
    "AUTOTASK_TIMEOUT_SECONDS",
    Some("60"),
    "a whole number of seconds from 1 to 300",
    "How long one request to Autotask may take, in seconds.",
);
pub(crate) const THRESHOLD_STOP_PERCENT: Setting = plain(
    "AUTOTASK_THRESHOLD_STOP_PERCENT",
    Some("95"),
    "a whole number of percent from 1 to 100",
    "At this use of the tenant's hourly threshold, by all its integrations, nothing more is sent.",
);
pub(crate) const LOG: Setting = plain(
    "AUTOTASK_LOG",
    Some("info"),
    "a filter in the syntax of RUST_LOG, such as info or autotask_mcp=debug",
    "What is logged to standard error.",
);

/// Every setting, in the order of the README.
pub const SETTINGS: &[Setting] = &[
    USERNAME,
    SECRET,
    INTEGRATION_CODE,
    API_URL,
    ZONE_URL,
    READ_ONLY,
    CLOSED_STATUS_IDS,
    TRANSPORT,
    HTTP_TOKEN,
    HTTP_TOKENS_FILE,
    HTTP_HOST,
    HTTP_PORT,
    ALLOWED_ORIGINS,
    ALLOWED_HOSTS,
    HTTP_TLS_CERT,
    HTTP_TLS_KEY,
    HTTP_BEHIND_PROXY,
    HTTP_MAX_CALLS,
    HTTP_MAX_CALLS_PER_TOKEN,
    METRICS,
    REDIS_URL,
    STATE_KEY,
    TOOLS,
    WRITE_ENTITIES,
    CONFIRM_MODE,
    IMPERSONATION,
    AUDIT_LOG,
    MAX_ANSWER_CHARS,
    TIMEOUT_SECONDS,
    THRESHOLD_STOP_PERCENT,
    LOG,
];
