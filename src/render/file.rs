//! The file of an attachment: as text, as an image, or as a link to its content; never as base64 in text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::catalog::Entity;
use crate::executor::FileContent;
use crate::text::sanitize;

/// The largest image that is returned as image content.
const MAX_IMAGE_BYTES: usize = 1 << 20;
/// The largest file that can be read as a resource.
pub const MAX_BLOB_BYTES: usize = 10 << 20;

/// Content of a response that is not text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attachment {
    /// An image, as base64.
    Image { data: String, media_type: String },
    /// A link to a resource.
    Link { uri: String, name: String, media_type: String, bytes: u64 },
    /// The content of a resource, as base64.
    Blob { data: String, media_type: String },
}

/// What a response says about a file, and its content.
pub struct ShownFile {
    /// Members of the response: `file`, and for a text file `content`.
    pub members: Vec<(&'static str, Value)>,
    pub attachment: Option<Attachment>,
    pub warning: Option<String>,
}

/// How a tool shows a file.
pub fn show(entity: Entity, file: &FileContent) -> ShownFile {
    let media_type = media_type(file);
    let uri = format!("autotask://attachments/{}/{}", entity.name(), file.id);
    let described = json!({ "contentType": media_type, "bytes": file.bytes.len(), "uri": uri });
    let mut members = vec![("file", described)];
    if let Some(text) = text(file, &media_type) {
        members.push(("content", text.into()));
        return ShownFile { members, attachment: None, warning: None };
    }
    let is_image = media_type.starts_with("image/");
    let is_valid = has_image_signature(&file.bytes);
    if is_image && is_valid && file.bytes.len() <= MAX_IMAGE_BYTES {
        let image = Attachment::Image { data: STANDARD.encode(&file.bytes), media_type };
        return ShownFile { members, attachment: Some(image), warning: None };
    }
    let warning = (is_image && !is_valid)
        .then(|| format!("The content is not an image, although its type is {media_type}."));
    let name = sanitize::single_line(&file.name);
    let link = Attachment::Link { uri, name, media_type, bytes: file.bytes.len() as u64 };
    ShownFile { members, attachment: Some(link), warning }
}

/// A file as the content of a resource; none if it is too large.
pub fn blob(file: &FileContent) -> Option<Attachment> {
    let media_type = media_type(file);
    (file.bytes.len() <= MAX_BLOB_BYTES)
        .then(|| Attachment::Blob { data: STANDARD.encode(&file.bytes), media_type })
}

/// The reported type, if it is one; else the usual type of the extension.
fn media_type(file: &FileContent) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "/+-.".contains(c);
    let reported = file.content_type.split(';').next().unwrap_or_default().trim();
    let is_type = reported.contains('/') && reported.chars().all(is_token);
    if is_type && reported != "application/octet-stream" {
        return reported.to_ascii_lowercase();
    }
    let extension = file.name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let known = match extension.as_deref() {
        Some("txt" | "log" | "ini" | "conf" | "md" | "ps1" | "sh" | "bat" | "eml") => "text/plain",
        Some("csv") => "text/csv",
        Some("html" | "htm") => "text/html",
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("pdf") => "application/pdf",
        _ => "application/octet-stream",
    };
    known.to_owned()
}

/// The text of a text file.
fn text(file: &FileContent, media_type: &str) -> Option<String> {
    const TEXT_TYPES: [&str; 4] =
        ["application/json", "application/xml", "application/yaml", "application/x-yaml"];
    let is_text = media_type.starts_with("text/") || TEXT_TYPES.contains(&media_type);
    let text =
        std::str::from_utf8(&file.bytes).ok().filter(|text| is_text && !text.contains('\0'))?;
    Some(text.trim_start_matches('\u{feff}').to_owned())
}

/// Whether the content starts as PNG, JPEG, GIF, WebP or BMP files do.
fn has_image_signature(bytes: &[u8]) -> bool {
    const SIGNATURES: [&[u8]; 5] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM"];
    SIGNATURES.iter().any(|signature| bytes.starts_with(signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content_type: &str, bytes: &[u8]) -> FileContent {
        let (name, content_type) = (name.to_owned(), content_type.to_owned());
        FileContent { id: 5, name, content_type, bytes: bytes.to_vec() }
    }

    #[test]
    fn each_kind_of_file_has_its_form() {
        const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0";
        let large = [PNG, &vec![0; MAX_IMAGE_BYTES]].concat();
        for (name, content_type, bytes, form) in [
            ("a.txt", "", &b"hello"[..], "text"),
            ("a.log", "application/octet-stream", b"hello", "text"),
            ("a.txt", "text/plain; charset=utf-8", b"hello", "text"),
            ("a.txt", "text/plain", b"\xff\xfe", "link"),
            ("a.txt", "text/plain", b"a\0b", "link"),
            ("a.png", "image/png", PNG, "image"),
            ("a.png", "", PNG, "image"),
            ("a.png", "image/png", b"hello", "link with a warning"),
            ("a.png", "image/png", &large, "link"),
            ("a.pdf", "application/pdf", b"%PDF", "link"),
            ("a", "<script>", b"hello", "link"),
        ] {
            let shown = show(Entity::TicketAttachments, &file(name, content_type, bytes));
            let found = match (&shown.attachment, &shown.warning) {
                (None, _) => "text",
                (Some(Attachment::Image { .. }), _) => "image",
                (Some(_), None) => "link",
                (Some(_), Some(_)) => "link with a warning",
            };
            assert_eq!(found, form, "{name} {content_type}");
            let members = format!("{:?}", shown.members);
            assert!(members.contains("autotask://attachments/TicketAttachments/5"), "{members}");
        }
    }

    #[test]
    fn blobs_are_bounded() {
        assert!(blob(&file("a", "", &vec![0; MAX_BLOB_BYTES])).is_some());
        assert!(blob(&file("a", "", &vec![0; MAX_BLOB_BYTES + 1])).is_none());
    }
}
