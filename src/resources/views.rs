//! The views of `apps/`, which `build.rs` assembles: one HTML file each, for clients that render MCP Apps.

use crate::tools::View;

/// The media type of a view.
pub const MEDIA_TYPE: &str = "text/html;profile=mcp-app";
/// The page of a report, which is no view of a tool.
pub const REPORT_HTML: &str = include_str!(concat!(env!("OUT_DIR"), "/report.html"));

impl View {
    /// The URI of the view.
    #[must_use]
    pub fn uri(self) -> String {
        format!("ui://autotask/{}", self.name())
    }

    /// The view of a URI, if it is one.
    #[must_use]
    pub fn find(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.uri() == uri)
    }

    /// The whole page; it loads nothing else.
    #[must_use]
    pub fn html(self) -> &'static str {
        match self {
            Self::Chart => include_str!(concat!(env!("OUT_DIR"), "/chart.html")),
            Self::Ticket => include_str!(concat!(env!("OUT_DIR"), "/ticket.html")),
            Self::Triage => include_str!(concat!(env!("OUT_DIR"), "/triage.html")),
            Self::Write => include_str!(concat!(env!("OUT_DIR"), "/write.html")),
        }
    }
}
