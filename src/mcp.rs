//! The MCP server: each request of the protocol, handled by the app.

mod apps;
mod call_tool;
mod completion;
mod elicitation;
pub mod lists;
mod progress;

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult,
    CustomRequest, CustomResult, DiscoverResult, ErrorCode, GetPromptRequestParams,
    GetPromptResponse, GetPromptResult, Implementation, InitializeRequestParams, InitializeResult,
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    MetaObject, PaginatedRequestParams, PromptMessage, ProtocolVersion, ReadResourceRequestParams,
    ReadResourceResponse, ReadResourceResult, ResourceContents, Role, ServerCapabilities,
    ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::access::caller::Caller;
use crate::app::App;
use crate::app::prompts::Completions;
use crate::render::Attachment;
use crate::text::sanitize;
use crate::tools;

/// How long clients may cache lists: they never change while the process runs, but an update should soon be seen.
const LIST_TTL_MS: u64 = 300_000;
/// How long clients may cache records.
const RECORD_TTL_MS: u64 = 10_000;

const NAME: &str = "autotask-mcp";

/// Every tool, its schema parsed once: over HTTP, a restricted request has a server of its own.
static LISTED_TOOLS: LazyLock<Vec<Tool>> =
    LazyLock::new(|| tools::Tool::ALL.into_iter().map(lists::tool).collect());

const SUPPORTED_VERSIONS: [ProtocolVersion; 4] = [
    ProtocolVersion::V_2024_11_05,
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2026_07_28,
];

/// An MCP server for one caller; clones share it.
#[derive(Clone)]
pub struct McpServer {
    app: Arc<App>,
    caller: Caller,
    tools: Arc<Vec<Tool>>,
    /// Whether the transport can carry requests of the server to the client.
    can_send_requests: bool,
    /// Cancelled when responses are no longer waited for.
    shutdown: CancellationToken,
}

impl McpServer {
    /// A server that makes calls for this caller.
    #[must_use]
    pub fn new(app: Arc<App>, caller: Caller) -> Self {
        let enabled = caller.access().tools();
        let is_enabled = |tool: &&Tool| enabled.iter().any(|enabled| enabled.name() == tool.name);
        let tools = LISTED_TOOLS.iter().filter(is_enabled).cloned().collect();
        Self {
            app,
            caller,
            tools: Arc::new(tools),
            can_send_requests: false,
            shutdown: CancellationToken::new(),
        }
    }

    /// The same server, which answers pending calls with an error when `shutdown` is cancelled.
    #[must_use]
    pub fn with_shutdown(self, shutdown: CancellationToken) -> Self {
        Self { shutdown, ..self }
    }

    /// The same server on a transport that carries requests in both directions, such as stdio.
    #[must_use]
    pub fn with_client_requests(self) -> Self {
        Self { can_send_requests: true, ..self }
    }
}

fn implementation() -> Implementation {
    Implementation::new(NAME, env!("CARGO_PKG_VERSION"))
        .with_title("Autotask PSA")
        .with_description(env!("CARGO_PKG_DESCRIPTION"))
}

/// Version 2026-07-28 of the protocol requires the server's name on every result.
fn add_server_info(meta: &mut Option<MetaObject>) {
    let info = json!({ "name": NAME, "version": env!("CARGO_PKG_VERSION") });
    meta.get_or_insert_default().0.insert("io.modelcontextprotocol/serverInfo".into(), info);
}

fn add_server_info_if_stateless(cx: &RequestContext<RoleServer>, meta: &mut Option<MetaObject>) {
    if is_stateless_protocol(cx) {
        add_server_info(meta);
    }
}

fn is_stateless_protocol(cx: &RequestContext<RoleServer>) -> bool {
    cx.protocol_version().is_some_and(|version| !version.has_initialize())
}

/// Lists have one page: some hosts read no second one.
fn reject_cursor(request: Option<&PaginatedRequestParams>) -> Result<(), ErrorData> {
    match request.and_then(|request| request.cursor.as_deref()) {
        None | Some("") => Ok(()),
        Some(_) => {
            Err(ErrorData::invalid_params("The list has a single page; omit the cursor.", None))
        }
    }
}

/// The result of a list request.
macro_rules! list {
    ($result:ident, $request:expr, $cx:expr, $items:expr) => {{
        reject_cursor($request.as_ref())?;
        let mut result = $result::with_all_items($items)
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Private);
        add_server_info_if_stateless(&$cx, &mut result.meta);
        Ok(result)
    }};
}

impl ServerHandler for McpServer {
    fn get_info(&self) -> ServerConfig {
        let mut capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_prompts()
            .enable_completions()
            .build();
        capabilities.extensions = self.caller.access().has_views().then(apps::extension);
        ServerConfig::new(capabilities)
            .with_server_info(implementation())
            .with_instructions(self.app.instructions(self.caller.access()))
    }

    /// 2025-03-26 is the one version that requires batches, which rmcp does not support.
    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(&SUPPORTED_VERSIONS)
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        context.peer.set_peer_info(request.clone());
        let mut result = self.negotiate_initialize(&request)?;
        if request.protocol_version == ProtocolVersion::V_2025_03_26 {
            result.protocol_version = ProtocolVersion::V_2025_06_18;
        }
        Ok(result)
    }

    async fn discover(&self, _: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        Ok(DiscoverResult::from_server_info(versions, self.get_info())
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Private))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut tools = self.tools.to_vec();
        if self.may_show_views(&cx) {
            apps::add_views(&mut tools);
        }
        list!(ListToolsResult, request, cx, tools)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        // Boxed: rmcp moves the future of a request, and this one is large.
        Box::pin(self.handle_call(request, cx)).await
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        list!(ListResourcesResult, request, cx, lists::resources(self.caller.access()))
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        list!(ListResourceTemplatesResult, request, cx, lists::templates(self.caller.access()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        if let Some(mut result) = self.read_view(&request.uri) {
            add_server_info_if_stateless(&cx, &mut result.meta);
            return Ok(result.into());
        }
        let response = tokio::select! {
            biased;
            response = Box::pin(self.app.read_resource(&self.caller, &request.uri)) => response,
            () = self.shutdown.cancelled() => return Err(shutting_down_error()),
            () = cx.ct.cancelled() => None,
        };
        let response =
            response.ok_or_else(|| resource_not_found_error(&self.app.redact(&request.uri)))?;
        if response.error.is_some() {
            return Err(ErrorData::internal_error(response.text, None));
        }
        let contents = match response.attachment {
            Some(Attachment::Blob { data, media_type }) => {
                ResourceContents::blob(data, request.uri).with_mime_type(media_type)
            }
            _ => ResourceContents::text(response.text, request.uri)
                .with_mime_type("application/json"),
        };
        let mut result = ReadResourceResult::new(vec![contents])
            .with_ttl_ms(RECORD_TTL_MS)
            .with_cache_scope(CacheScope::Private);
        add_server_info_if_stateless(&cx, &mut result.meta);
        Ok(result.into())
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        list!(ListPromptsResult, request, cx, lists::prompts(self.caller.access()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let found = self.app.get_prompt(&self.caller, &request.name, &arguments);
        let (prompt, text) = found.map_err(|message| ErrorData::invalid_params(message, None))?;
        let message = PromptMessage::new_text(Role::User, text);
        let mut result = GetPromptResult::new(vec![message]).with_description(prompt.description);
        add_server_info_if_stateless(&cx, &mut result.meta);
        Ok(result.into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let Some(reference) = completion::completion_ref(&request.r#ref) else {
            let message = "Completion is not supported for this reference.";
            return Err(ErrorData::invalid_params(message, None));
        };
        let (name, prefix) = (&request.argument.name, &request.argument.value);
        let completions = tokio::select! {
            found = Box::pin(self.app.complete(&self.caller, reference, name, prefix)) => found,
            () = cx.ct.cancelled() => Ok(Completions::default()),
            () = self.shutdown.cancelled() => Ok(Completions::default()),
        };
        let completions =
            completions.map_err(|message| ErrorData::invalid_params(message, None))?;
        let mut result = completion::to_complete_result(completions);
        add_server_info_if_stateless(&cx, &mut result.meta);
        Ok(result)
    }

    /// rmcp passes known methods with malformed parameters to this handler.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        cx: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        const METHODS: [&str; 8] = [
            "completion/complete",
            "prompts/get",
            "prompts/list",
            "tools/call",
            "tools/list",
            "resources/read",
            "resources/list",
            "resources/templates/list",
        ];
        let method = sanitize::short_word(&self.app.redact(&request.method));
        // The stateless protocol has no handshake.
        let is_initialize = method == "initialize" && !is_stateless_protocol(&cx);
        if is_initialize || METHODS.contains(&method.as_str()) {
            let message = format!("Invalid parameters for {method}.");
            return Err(ErrorData::invalid_params(message, None));
        }
        let message = format!("Method not found: {method}");
        Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, message, None))
    }
}

fn shutting_down_error() -> ErrorData {
    let message = "The server is shutting down. If this call was a write, check whether it happened before repeating it.";
    ErrorData::internal_error(message, None)
}

fn resource_not_found_error(uri: &str) -> ErrorData {
    let uri: String = sanitize::single_line(uri).chars().take(200).collect();
    ErrorData::resource_not_found("There is no such resource.", Some(json!({ "uri": uri })))
}
