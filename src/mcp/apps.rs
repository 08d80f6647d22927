//! MCP Apps: which clients get views, and how tools, results and resources name them.

use rmcp::RoleServer;
use rmcp::model::{
    CacheScope, ExtensionCapabilities, MetaObject, ReadResourceResult, ResourceContents, Tool,
};
use rmcp::service::RequestContext;
use serde_json::{Value, json};

use super::{LIST_TTL_MS, McpServer};
use crate::resources::views::MEDIA_TYPE;
use crate::tools::{self, View};

/// The name of the extension in capabilities.
const EXTENSION: &str = "io.modelcontextprotocol/ui";
/// The member of a preview's `_meta` with the value of `confirm` for exactly this write. Hosts pass it to the view only.
const CONFIRM_KEY: &str = "autotask/confirm";

impl McpServer {
    /// Whether the client renders views, or may: over HTTP, an older client's capabilities are unknown after
    /// `initialize`.
    pub(super) fn may_show_views(&self, cx: &RequestContext<RoleServer>) -> bool {
        let initialized = || cx.client_capabilities().filter(|_| self.can_send_requests);
        let declared = cx.meta.client_capabilities().or_else(initialized);
        let renders = |extensions: ExtensionCapabilities| extensions.contains_key(EXTENSION);
        self.caller.access().has_views()
            && declared.is_none_or(|declared| declared.extensions.is_some_and(renders))
    }

    /// A view as a resource; none if the URI names none, or none of a tool that the caller may use.
    pub(super) fn read_view(&self, uri: &str) -> Option<ReadResourceResult> {
        let view = View::find(uri).filter(|view| self.caller.access().offers(*view))?;
        let contents = ResourceContents::text(view.html(), uri)
            .with_mime_type(MEDIA_TYPE)
            .with_meta(meta([("ui", json!({ "prefersBorder": true }))]));
        let result = ReadResourceResult::new(vec![contents]).with_ttl_ms(LIST_TTL_MS);
        Some(result.with_cache_scope(CacheScope::Private))
    }
}

/// The extension as the server's capabilities declare it.
pub(super) fn extension() -> ExtensionCapabilities {
    let settings = meta([("mimeTypes", json!([MEDIA_TYPE]))]).0;
    ExtensionCapabilities::from([(EXTENSION.to_owned(), settings)])
}

/// Adds its view to each tool that has one; some hosts still read only the older, flat key.
pub(super) fn add_views(tools: &mut [Tool]) {
    for tool in tools {
        if let Some(view) = tools::Tool::find(&tool.name).and_then(tools::Tool::view) {
            let uri = view.uri();
            let members = [("ui", json!({ "resourceUri": uri })), ("ui/resourceUri", json!(uri))];
            tool.meta = Some(meta(members));
        }
    }
}

/// Adds the `confirm` of a previewed write to a result.
pub(super) fn add_view_confirm(confirm: Option<&String>, meta: &mut Option<MetaObject>) {
    if let Some(confirm) = confirm {
        meta.get_or_insert_default().0.insert(CONFIRM_KEY.to_owned(), confirm.as_str().into());
    }
}

fn meta<const N: usize>(members: [(&str, Value); N]) -> MetaObject {
    MetaObject(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
