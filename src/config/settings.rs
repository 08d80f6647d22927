//! The table of settings: each one is declared here, once.
//!
//! A row is `field: Type = Kind("NAME", "ALIAS")? or "default"?, parser, "accepted values";` below its help.
//! Without a default the field is an `Option`.
//! `Plain` is any variable; a `Secret` can also be given as `NAME_FILE`; a `Guard` must not be empty when it is set.

const PRINTABLE: &str = "printable text on one line";
const URL: &str = "an https URL without user, query or fragment, or an http URL of a loopback host";
const FLAG: &str = "true, 1, yes, on, false, 0, no or off, in any letter case";
const CALLS: &str = "an integer from 1 to 100000";

settings! {
    /// All settings, checked and parsed; its debug output contains no secret.
    Config(reader) {
        /// User name (key) of an API-only user.
        username: String = Secret("AUTOTASK_USERNAME"), parse::text, PRINTABLE;
        /// Secret of that API user.
        secret: SecretString = Secret("AUTOTASK_SECRET"), parse::text, PRINTABLE;
        /// API tracking identifier of the integration.
        integration_code: SecretString = Secret("AUTOTASK_INTEGRATION_CODE"), parse::text, PRINTABLE;
        /// Base URL of the zone, such as `https://webservices2.autotask.net/atservicesrest/`; skips zone detection.
        api_url: BaseUrl = Plain("AUTOTASK_API_URL"), parse::base_url, URL;
        /// Base URL for zone detection.
        zone_url: BaseUrl = Plain("AUTOTASK_ZONE_URL") or "https://webservices.autotask.net/atservicesrest/", parse::base_url, URL;
        /// Hide all write tools.
        read_only: bool = Guard("AUTOTASK_READ_ONLY") or "false", parse::flag, FLAG;
        /// Ticket statuses that count as closed: for `openOnly`, for the values `open` and `closed` of a ticket status,
        /// and for the warning that a write closes a ticket.
        closed_status_ids: Vec<i64> = Plain("AUTOTASK_CLOSED_STATUS_IDS") or "5,16", parse::ids, "ticket status ids, integers separated by commas";
        /// Time zone of dates and times that are given without one, of days such as `today`, and of the times shown.
        /// If unset, times are in UTC.
        time_zone: TimeZone = Plain("AUTOTASK_TIME_ZONE"), parse::time_zone, "an IANA time zone such as America/New_York";
        /// Use the built-in sandbox tenant; needs no credentials or network.
        sandbox: bool = Plain("AUTOTASK_SANDBOX") or "false", parse::flag, FLAG;
        /// Time at which the clock of the sandbox stands still; by default its dates are relative to the present.
        sandbox_now: Timestamp = Plain("AUTOTASK_SANDBOX_NOW"), parse::instant, "a time with an offset such as 2026-05-01T12:00:00Z";
        /// Transport between client and server.
        transport: Transport = Plain("AUTOTASK_TRANSPORT") or "stdio", parse::choice(&[("stdio", Transport::Stdio), ("http", Transport::Http)]), "stdio or http";
        /// Tools and groups of tools to register; `-name` removes one. By default all are registered.
        tools: Vec<String> = Plain("AUTOTASK_TOOLS") or "", parse::list, "names of tools and groups, separated by commas";
        /// Show results in views in clients that render MCP Apps; other clients see no difference.
        apps: bool = Plain("AUTOTASK_APPS") or "true", parse::flag, FLAG;
        /// The only entities that can be written. If unset, all can.
        write_entities: Vec<Entity> = Guard("AUTOTASK_WRITE_ENTITIES"), parse::entities, "names of entities, separated by commas";
        /// How writes are confirmed: `token` (the tool's fixed token), `bound` (a single-use code from the preview, valid
        /// ten minutes for that exact write), or `elicit` (the user approves in the client; falls back to `bound`).
        confirm_mode: ConfirmMode = Plain("AUTOTASK_CONFIRM_MODE") or "token", parse::choice(&[("token", ConfirmMode::Token), ("bound", ConfirmMode::Bound), ("elicit", ConfirmMode::Elicit)]), "token, bound or elicit";
        /// Resource to impersonate for writes; reads use the API user. It is also the person that `me` refers to.
        impersonation: i64 = Plain("AUTOTASK_IMPERSONATION_RESOURCE_ID"), parse::number(1..=i64::MAX), "the id of a resource, a positive integer";
        /// Reject writes of callers for whom no person is known: over HTTP that of the token, else that of
        /// `AUTOTASK_IMPERSONATION_RESOURCE_ID`.
        require_person: bool = Guard("AUTOTASK_REQUIRE_PERSON") or "false", parse::flag, FLAG;
        /// JSON-lines audit log of every attempted write, including rejected ones.
        /// Writes are blocked while the log is not writable.
        audit_log: PathBuf = Plain("AUTOTASK_AUDIT_LOG"), parse::text, "the path of a file in an existing folder";
        /// Maximum length of a response, in characters.
        max_answer_chars: usize = Plain("AUTOTASK_MAX_ANSWER_CHARS") or "40000", parse::number(1000..=usize::MAX), "an integer of at least 1000";
        /// Timeout of one request to Autotask.
        timeout: Duration = Plain("AUTOTASK_TIMEOUT_SECONDS") or "60", parse::seconds(1..=300), "seconds, an integer from 1 to 300";
        /// Stop sending at this percentage of the tenant's hourly request threshold (all integrations).
        threshold_stop_percent: u8 = Plain("AUTOTASK_THRESHOLD_STOP_PERCENT") or "95", parse::number(1..=100), "an integer from 1 to 100";
        /// Redis server that shares rate limits between replicas; if unset, each process enforces them alone.
        redis_url: SecretString = Secret("AUTOTASK_REDIS_URL"), parse::redis_url, "a URL such as redis://127.0.0.1:6379, or rediss:// for TLS";
        /// What is logged to standard error. By default servers log at `info` and commands at `error`.
        log: String = Plain("AUTOTASK_LOG"), parse::log_filter, "a filter in the syntax of RUST_LOG (levels and targets), such as info or autotask_mcp=debug";
        /// Format of the log.
        log_format: LogFormat = Plain("AUTOTASK_LOG_FORMAT") or "text", parse::choice(&[("text", LogFormat::Text), ("json", LogFormat::Json)]), "text or json";
        derived {
            /// Settings of the HTTP server.
            http: Http = Http::from_reader(reader)?;
            /// Whether OpenTelemetry's own variables name a collector for traces.
            traces: bool = reader.has_trace_collector();
            /// Problems that do not prevent the start, as sentences.
            warnings: Vec<String> = Vec::new();
        }
    }

    /// Settings of the HTTP server.
    Http(reader) {
        /// Bearer token for HTTP clients. The HTTP server does not start without it, a tokens file or
        /// `AUTOTASK_OAUTH_ISSUER`.
        token: SecretString = Secret("AUTOTASK_HTTP_TOKEN"), parse::http_token, "at least 16 printable characters without spaces";
        /// File with one bearer token per client; reloaded on SIGHUP.
        tokens_file: PathBuf = Plain("AUTOTASK_HTTP_TOKENS_FILE"), parse::text, "the path of a text file with one token per line: name, token, full or read-only, and optionally tools separated by commas";
        /// Identity provider whose access tokens are accepted, exactly as in their claim `iss`; needs
        /// `AUTOTASK_OAUTH_AUDIENCE`.
        oauth_issuer: String = Plain("AUTOTASK_OAUTH_ISSUER"), parse::issuer, URL;
        /// Value that the claim `aud` of an access token must contain.
        oauth_audience: String = Plain("AUTOTASK_OAUTH_AUDIENCE"), parse::text, "the audience of the access tokens, together with AUTOTASK_OAUTH_ISSUER";
        /// Scopes that every access token must carry, as clients request them. Of a URI, a token may carry the part
        /// after the last `/`.
        oauth_scopes: Vec<String> = Guard("AUTOTASK_OAUTH_SCOPES") or "", parse::scopes, "scopes separated by spaces";
        /// Claim with the role of a caller: `full`, `read-only`, or names of tools and groups as in `AUTOTASK_TOOLS`, as
        /// a text or a list. Without a known role a caller only reads. A nested claim is written with dots.
        oauth_role_claim: String = Plain("AUTOTASK_OAUTH_ROLE_CLAIM") or "roles", parse::text, "the name of a claim";
        /// Claim with the e-mail address of the person that a caller acts for.
        oauth_person_claim: String = Plain("AUTOTASK_OAUTH_PERSON_CLAIM") or "email", parse::text, "the name of a claim";
        /// Address to listen on.
        host: String = Plain("AUTOTASK_HTTP_HOST") or "127.0.0.1", parse::text, "an IP address or host name of this machine";
        /// Port to listen on; `PORT` is used if it is unset.
        port: u16 = Plain("AUTOTASK_HTTP_PORT", "PORT") or "3000", parse::number(0..=u16::MAX), "a port from 0 to 65535, where 0 is any free port";
        /// Additional allowed web origins; none by default.
        origins: Vec<String> = Plain("AUTOTASK_ALLOWED_ORIGINS") or "", parse::list, "origins such as https://app.example.com, separated by commas";
        /// Additional allowed `Host` values in addition to loopback and the bound host.
        hosts: Vec<String> = Plain("AUTOTASK_ALLOWED_HOSTS") or "", parse::list, "host names with or without a port, separated by commas, or * for any";
        /// TLS certificate chain; enables HTTPS only. Reloaded on SIGHUP.
        tls_cert: PathBuf = Plain("AUTOTASK_HTTP_TLS_CERT"), parse::text, "the path of a PEM file, together with AUTOTASK_HTTP_TLS_KEY";
        /// Private key of the TLS certificate.
        tls_key: PathBuf = Plain("AUTOTASK_HTTP_TLS_KEY"), parse::text, "the path of a PEM file, together with AUTOTASK_HTTP_TLS_CERT";
        /// Set when a reverse proxy terminates TLS; suppresses the warning about listening without TLS.
        behind_proxy: bool = Plain("AUTOTASK_HTTP_BEHIND_PROXY") or "false", parse::flag, FLAG;
        /// Maximum concurrent HTTP requests; more get 429.
        max_calls: usize = Plain("AUTOTASK_HTTP_MAX_CALLS") or "1024", parse::number(1..=100_000), CALLS;
        /// Maximum concurrent requests per token.
        max_calls_per_token: usize = Plain("AUTOTASK_HTTP_MAX_CALLS_PER_TOKEN") or "512", parse::number(1..=100_000), CALLS;
        /// Serve `/metrics` in the Prometheus text format.
        metrics: bool = Plain("AUTOTASK_METRICS") or "false", parse::flag, FLAG;
        /// Shared key for confirmation codes.
        /// With the same key and Redis, a code from one replica works on all; otherwise only where it was issued.
        state_key: SecretString = Secret("AUTOTASK_HTTP_STATE_KEY"), parse::state_key, "at least 32 characters";
    }
}
