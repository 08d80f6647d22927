//! Stores a tenant's metadata in a folder, so that an interrupted fetch can be resumed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::SchemaError;
use crate::swagger::Swagger;
use crate::tenant_metadata::{MetadataPage, TenantMetadata};

/// The folder of one tenant's metadata.
#[derive(Debug, Clone)]
pub struct MetadataFolder(PathBuf);

/// What the folder contained when a fetch into it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderState {
    /// Nothing, or a complete fetch that was removed.
    New,
    /// An interrupted fetch, which is resumed.
    Resumed,
    /// An interrupted fetch that was too old, and was removed.
    Expired,
}

/// Marks a folder whose fetch is complete.
const COMPLETE: &str = "complete";
/// Marks when the fetch started.
const STARTED: &str = "started";
/// Older pages are not reused: the tenant may have changed, and the pages would not be consistent.
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);

impl MetadataFolder {
    /// A folder, which need not exist yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Loads everything in the folder.
    ///
    /// # Errors
    /// A folder without a Swagger document, or a file that cannot be parsed.
    pub fn load(&self) -> Result<TenantMetadata, SchemaError> {
        let swagger = self.swagger()?;
        let mut pages = BTreeMap::new();
        for page in MetadataPage::list(&Swagger::parse(&swagger)?) {
            let body = match (self.page(&page)?, self.reason(&page)) {
                (Some(body), _) => Ok(body),
                (None, Some(reason)) => Err(reason),
                (None, None) => continue,
            };
            pages.insert(page, body);
        }
        Ok(TenantMetadata { swagger, pages })
    }

    /// The saved Swagger document.
    ///
    /// # Errors
    /// A document that is missing or cannot be parsed.
    pub fn swagger(&self) -> Result<Value, SchemaError> {
        read_json(&self.0.join("swagger.json"))
    }

    /// Saves the Swagger document.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn save_swagger(&self, document: &Value) -> Result<(), SchemaError> {
        self.write("swagger.json", &document.to_string())
    }

    /// A saved page, if there is one.
    ///
    /// # Errors
    /// A page that cannot be parsed.
    pub fn page(&self, page: &MetadataPage) -> Result<Option<Value>, SchemaError> {
        let path = self.0.join(file_name(page, "json"));
        if path.exists() { read_json(&path).map(Some) } else { Ok(None) }
    }

    /// Saves a page, or why it could not be read; such a page is requested again when resuming.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn save(
        &self,
        page: &MetadataPage,
        body: &Result<Value, String>,
    ) -> Result<(), SchemaError> {
        match body {
            Ok(body) => self.write(&file_name(page, "json"), &body.to_string()),
            Err(reason) => self.write(&file_name(page, "refused"), reason),
        }
    }

    /// Starts a fetch: resumes one that was interrupted within the last day, or empties the folder.
    ///
    /// # Errors
    /// A folder that cannot be removed or written.
    pub fn start(&self) -> Result<FolderState, SchemaError> {
        let state = match (self.0.join(COMPLETE).exists(), self.is_recent()) {
            (false, Some(true)) => return Ok(FolderState::Resumed),
            (false, Some(false)) => FolderState::Expired,
            (true, _) | (_, None) => FolderState::New,
        };
        if self.0.exists() {
            fs::remove_dir_all(&self.0).map_err(|e| SchemaError::in_file(&self.0, &e))?;
        }
        self.write(STARTED, "").map(|()| state)
    }

    /// Whether the fetch started within `MAX_AGE`; none if there was no fetch.
    fn is_recent(&self) -> Option<bool> {
        let marker = fs::metadata(self.0.join(STARTED)).ok()?;
        let age = marker.modified().ok()?.elapsed().unwrap_or_default();
        Some(age < MAX_AGE)
    }

    /// Marks the fetch as complete.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn mark_complete(&self) -> Result<(), SchemaError> {
        self.write(COMPLETE, "")
    }

    fn reason(&self, page: &MetadataPage) -> Option<String> {
        fs::read_to_string(self.0.join(file_name(page, "refused"))).ok()
    }

    /// Writes under a temporary name first, so that an interruption leaves no partial file.
    fn write(&self, name: &str, text: &str) -> Result<(), SchemaError> {
        let (path, temporary) = (self.0.join(name), self.0.join("temporary"));
        let written = fs::create_dir_all(&self.0)
            .and_then(|()| fs::write(&temporary, text))
            .and_then(|()| fs::rename(&temporary, &path));
        written.map_err(|e| SchemaError::in_file(&path, &e))
    }
}

fn file_name(page: &MetadataPage, extension: &str) -> String {
    format!("{}.{}.{extension}", page.entity, page.kind.name())
}

fn read_json(path: &Path) -> Result<Value, SchemaError> {
    let text = fs::read_to_string(path).map_err(|e| SchemaError::in_file(path, &e))?;
    serde_json::from_str(&text).map_err(|e| SchemaError::in_file(path, &e))
}
