//! The calls that are measured, and the bare server that they are compared with.

use autotask_sandbox::{INTEGRATION_CODE, SECRET, USERNAME};
use reqwest::Client;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Value, json};

/// A call, and the request that the bare server sends for it.
pub struct HotPath {
    pub name: &'static str,
    pub method: &'static str,
    pub params: Value,
    /// Whether the gate counts its instructions.
    pub is_checked: bool,
    forwards: Option<(&'static str, Value)>,
}

/// Each path that is measured.
pub fn all() -> Vec<HotPath> {
    let every = json!([{ "op": "exist", "field": "id" }]);
    let all = json!({ "filter": every, "MaxRecords": 500 });
    let nine = [
        "id",
        "ticketNumber",
        "title",
        "companyID",
        "status",
        "priority",
        "queueID",
        "assignedResourceID",
        "dueDateTime",
    ];
    let fields = json!({ "filter": every, "MaxRecords": 500, "IncludeFields": nine });
    let page = json!({ "filter": every, "MaxRecords": 25 });
    let create = json!({ "title": "Scanner jams", "companyID": 412, "status": 1, "priority": 2, "queueID": 29_680_007 });
    let query = |body: &Value| Some(("Tickets/query", body.clone()));
    vec![
        HotPath {
            name: "ping",
            method: "ping",
            params: json!({}),
            is_checked: true,
            forwards: None,
        },
        HotPath {
            name: "tools/list",
            method: "tools/list",
            params: json!({}),
            is_checked: true,
            forwards: None,
        },
        HotPath::call(
            "get",
            "get-ticket",
            &json!({ "id": 8147 }),
            Some(("Tickets/8147", json!(null))),
        ),
        HotPath::call("search of 25", "search-tickets", &json!({ "maxRecords": 25 }), query(&page)),
        HotPath::call(
            "search of 500, nine fields",
            "search-tickets",
            &json!({ "maxRecords": 500, "fields": nine }),
            query(&fields),
        ),
        HotPath::call(
            "search of 500, all fields",
            "search-tickets",
            &json!({ "maxRecords": 500, "fields": "*" }),
            query(&all),
        ),
        HotPath::call("preview", "create-ticket", &create, None),
    ]
}

impl HotPath {
    fn call(
        name: &'static str,
        tool: &str,
        arguments: &Value,
        forwards: Option<(&'static str, Value)>,
    ) -> Self {
        let params = json!({ "name": tool, "arguments": arguments });
        // An unoptimized program would take too long for all fields.
        let is_checked = !name.ends_with("all fields");
        Self { name, method: "tools/call", params, is_checked, forwards }
    }

    /// Whether the bare server does the same.
    pub fn has_bare(&self) -> bool {
        self.method != "tools/call" || self.forwards.is_some()
    }
}

/// The least possible server: it lists the same tools, and forwards one request without looking at it.
pub struct Bare {
    pub client: Client,
    pub base: String,
    pub tools: Vec<Tool>,
    pub path: HotPath,
}

impl Bare {
    async fn forward(&self) -> reqwest::Result<String> {
        let (path, body) = self.path.forwards.clone().unwrap_or_default();
        let url = format!("{}V1.0/{path}", self.base);
        let request = match body {
            Value::Null => self.client.get(url),
            body => self
                .client
                .post(url)
                .header("Content-Type", "application/json")
                .body(body.to_string()),
        };
        let request = request.header("UserName", USERNAME).header("Secret", SECRET);
        request.header("ApiIntegrationCode", INTEGRATION_CODE).send().await?.text().await
    }
}

impl ServerHandler for Bare {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.clone()))
    }

    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let text = self.forward().await;
        let text = text.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
    }
}
