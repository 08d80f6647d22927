//! What MCP asks of us, through rmcp: each method a few lines, every call handed to the desk.

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
use crate::tools;

/// How long clients may keep lists that never change while the process runs.
const LIST_TTL_MS: u64 = 3_600_000;
/// How long clients may keep what was read from the tenant.
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

/// An MCP server in front of a desk; clones share it.
#[derive(Clone)]
pub struct McpServer {
    desk: Arc<App>,
    caller: Caller,
    tools: Arc<Vec<Tool>>,
    instructions: Arc<str>,
    /// Told when no call is waited for any longer.
    end: CancellationToken,
}

impl McpServer {
    /// A server that brings this caller's calls to the desk.
    #[must_use]
    pub fn new(desk: Arc<App>, caller: Caller) -> Self {
        let is_open =
            |tool: &&Tool| caller.gate().tools().iter().any(|open| open.name() == tool.name);
        let tools = LISTED_TOOLS.iter().filter(is_open).cloned().collect();
        let instructions = lists::instructions(caller.gate()).into();
        Self { desk, caller, tools: Arc::new(tools), instructions, end: CancellationToken::new() }
    }

    /// The same server, whose open calls are answered with an error when `end` is told.
    #[must_use]
    pub fn with_shutdown(self, end: CancellationToken) -> Self {
        Self { end, ..self }
    }
}

fn implementation() -> Implementation {
    Implementation::new(NAME, env!("CARGO_PKG_VERSION"))
        .with_title("Autotask PSA")
        .with_description(env!("CARGO_PKG_DESCRIPTION"))
}

/// The specification of 2026-07-28 wants the server's name on every result.
fn add_server_info(meta: &mut Option<MetaObject>) {
    let me = json!({ "name": NAME, "version": env!("CARGO_PKG_VERSION") });
    meta.get_or_insert_default().0.insert("io.modelcontextprotocol/serverInfo".into(), me);
}

/// No older client asks for it.
fn add_server_info_if_stateless(cx: &RequestContext<RoleServer>, meta: &mut Option<MetaObject>) {
    if is_stateless_protocol(cx) {
        add_server_info(meta);
    }
}

fn is_stateless_protocol(cx: &RequestContext<RoleServer>) -> bool {
    cx.protocol_version().is_some_and(|version| !version.has_initialize())
}

/// Lists come on one page: hosts read no second one.
fn reject_cursor(request: Option<&PaginatedRequestParams>) -> Result<(), ErrorData> {
    match request.and_then(|request| request.cursor.as_deref()) {
        None | Some("") => Ok(()),
        Some(_) => {
            Err(ErrorData::invalid_params("The list has a single page; omit the cursor.", None))
        }
    }
}

impl ServerHandler for McpServer {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_prompts()
            .enable_completions()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(implementation())
            .with_instructions(self.instructions.to_string())
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
        reject_cursor(request.as_ref())?;
        let mut result = ListToolsResult::with_all_items(self.tools.to_vec())
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Private);
        add_server_info_if_stateless(&cx, &mut result.meta);
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        // Boxed: rmcp moves a request's future from place to place, and this one is large.
        Box::pin(self.handle_call(request, cx)).await
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        reject_cursor(request.as_ref())?;
        let resources = lists::resources(self.caller.gate());
        let mut result = ListResourcesResult::with_all_items(resources)
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Private);
        add_server_info_if_stateless(&cx, &mut result.meta);
        Ok(result)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        reject_cursor(request.as_ref())?;
        let templates = lists::templates(self.caller.gate());
        let mut result = ListResourceTemplatesResult::with_all_items(templates)
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Private);
        add_server_info_if_stateless(&cx, &mut result.meta);
        Ok(result)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let read = tokio::select! {
            biased;
            read = Box::pin(self.desk.read_resource(&self.caller, &request.uri)) => read,
            () = self.end.cancelled() => return Err(shutting_down_error()),
            () = cx.ct.cancelled() => None,
        };
        let answer =
            read.ok_or_else(|| resource_not_found_error(&self.desk.redact(&request.uri)))?;
        if answer.error.is_some() {
            return Err(ErrorData::internal_error(answer.text, None));
        }
        let contents =
            ResourceContents::text(answer.text, request.uri).with_mime_type("application/json");
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
        reject_cursor(request.as_ref())?;
        let prompts = lists::prompts(self.caller.gate());
        let mut result = ListPromptsResult::with_all_items(prompts)
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Private);
        add_server_info_if_stateless(&cx, &mut result.meta);
        Ok(result)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let filled = self.desk.get_prompt(&self.caller, &request.name, &arguments);
        let (prompt, text) = filled.map_err(|why| ErrorData::invalid_params(why, None))?;
        let message = PromptMessage::new_text(Role::User, text);
        let mut result = GetPromptResult::new(vec![message]).with_description(prompt.about);
        add_server_info_if_stateless(&cx, &mut result.meta);
        Ok(result.into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let Some(of) = completion::completion_ref(&request.r#ref) else {
            return Err(ErrorData::invalid_params("Nothing such is completed.", None));
        };
        let (name, beginning) = (&request.argument.name, &request.argument.value);
        let suggested = tokio::select! {
            suggested = Box::pin(self.desk.complete(&self.caller, of, name, beginning)) => suggested,
            () = cx.ct.cancelled() => Ok(Completions::default()),
            () = self.end.cancelled() => Ok(Completions::default()),
        };
        let suggested = suggested.map_err(|why| ErrorData::invalid_params(why, None))?;
        let mut result = completion::to_complete_result(suggested);
        add_server_info_if_stateless(&cx, &mut result.meta);
        Ok(result)
    }

    /// rmcp hands a known method with malformed parameters to this one.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        cx: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        const KNOWN: [&str; 8] = [
            "completion/complete",
            "prompts/get",
            "prompts/list",
            "tools/call",
            "tools/list",
            "resources/read",
            "resources/list",
            "resources/templates/list",
        ];
        let method = self.desk.redact(&request.method);
        let method: String = method.chars().take(64).collect();
        // The newer protocol has no handshake any more.
        let is_greeting = method == "initialize" && !is_stateless_protocol(&cx);
        if is_greeting || KNOWN.contains(&method.as_str()) {
            return Err(ErrorData::invalid_params(
                format!("The parameters of {method} do not read."),
                None,
            ));
        }
        Err(ErrorData::new(
            ErrorCode::METHOD_NOT_FOUND,
            format!("Method not found: {method}"),
            None,
        ))
    }
}

fn shutting_down_error() -> ErrorData {
    let words = "The server ends before the answer is there; where the call was a write, look for what it wrote before calling again.";
    ErrorData::internal_error(words, None)
}

fn resource_not_found_error(uri: &str) -> ErrorData {
    let uri: String = uri.chars().take(200).collect();
    ErrorData::resource_not_found("There is no such resource.", Some(json!({ "uri": uri })))
}
