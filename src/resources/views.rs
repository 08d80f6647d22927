//! The views of `apps/`, which `build.rs` assembles: one HTML file each, for clients that render MCP Apps.

use autotask_schema::inflate;

use crate::tools::View;

/// A view that `build.rs` assembled and compressed.
macro_rules! view {
    ($name:literal) => {
        inflate(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".html.deflate")))
    };
}

/// The media type of a view.
pub const MEDIA_TYPE: &str = "text/html;profile=mcp-app";

/// The page of a report, which is not the view of a tool.
#[must_use]
pub fn report_html() -> String {
    view!("report")
}

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
    pub fn html(self) -> String {
        match self {
            Self::Chart => view!("chart"),
            Self::Ticket => view!("ticket"),
            Self::Triage => view!("triage"),
            Self::Write => view!("write"),
        }
    }
}
