//! The configuration file of a client: read as a whole, replaced atomically.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process;

/// The configuration file, which may not exist yet.
pub struct ConfigFile {
    path: PathBuf,
    /// The file itself, after following all links.
    target: PathBuf,
    /// None for a file that does not exist.
    permissions: Option<Permissions>,
    text: String,
}

impl ConfigFile {
    /// Reads the file; a missing one is empty.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let failed = |error: &io::Error| {
            io::Error::other(format!("{} cannot be read: {error}.", path.display()))
        };
        match fs::canonicalize(&path) {
            Ok(target) => {
                let text = fs::read_to_string(&target).map_err(|error| failed(&error))?;
                let permissions =
                    fs::metadata(&target).map_err(|error| failed(&error))?.permissions();
                Ok(Self { path, target, permissions: Some(permissions), text })
            }
            Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => {
                let target = path.clone();
                Ok(Self { path, target, permissions: None, text: String::new() })
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// The path that the client uses.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Fails if the file is read-only, because replacing the file would ignore that.
    pub fn check_writable(&self) -> io::Result<()> {
        match &self.permissions {
            Some(permissions) if permissions.readonly() => Err(io::Error::other(format!(
                "{} is not changed: it is read-only.",
                self.path.display()
            ))),
            _ => Ok(()),
        }
    }

    /// Replaces the content. The file keeps its permissions; a new one is private to its user.
    pub fn replace(&self, text: &str) -> io::Result<()> {
        self.check_writable()?;
        self.write(text).map_err(|error| {
            io::Error::other(format!("{} cannot be written: {error}.", self.path.display()))
        })
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let folder = self.target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let draft = folder.join(format!(".autotask-mcp-{}.tmp", process::id()));
        let written =
            self.write_draft(&draft, text).and_then(|()| fs::rename(&draft, &self.target));
        if written.is_err() {
            fs::remove_file(&draft).ok();
        }
        written
    }

    fn write_draft(&self, draft: &Path, text: &str) -> io::Result<()> {
        let mut file = create_private(draft)?;
        file.write_all(text.as_bytes())?;
        if let Some(permissions) = &self.permissions {
            file.set_permissions(permissions.clone())?;
        }
        file.sync_all()
    }
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
