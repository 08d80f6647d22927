//! The documents in which a tenant describes itself: kept in a folder, read from it, without its picklists.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs};

use serde_json::Value;

use crate::Problem;
use crate::swagger::Swagger;

/// Which document of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Page {
    /// `entityInformation`: what may be done.
    Rights,
    /// `entityInformation/fields`.
    Fields,
}

/// A document of an entity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    pub entity: String,
    pub page: Page,
}

/// What a tenant said, and what it refused to say and why.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Documents {
    pub swagger: Value,
    pub pages: BTreeMap<Question, Result<Value, String>>,
}

/// How many pages told something, of how many that were to be asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    pub read: usize,
    pub of: usize,
}

/// The folder of one tenant's documents.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Page {
    const ALL: [Self; 2] = [Self::Rights, Self::Fields];

    fn word(self) -> &'static str {
        match self {
            Self::Rights => "rights",
            Self::Fields => "fields",
        }
    }
}

impl Question {
    /// The address below `V1.0/`; a child is asked at its own root, which says the same.
    #[must_use]
    pub fn path(&self) -> String {
        match self.page {
            Page::Rights => format!("{}/entityInformation", self.entity),
            Page::Fields => format!("{}/entityInformation/fields", self.entity),
        }
    }

    /// Every question that a Swagger document leads to.
    pub fn all(swagger: &Swagger) -> impl Iterator<Item = Self> {
        swagger
            .entities
            .keys()
            .flat_map(|entity| Page::ALL.map(|page| Self { entity: entity.clone(), page }))
    }
}

impl Documents {
    /// What was said to a question, or a sentence why nothing was.
    ///
    /// # Errors
    /// The sentence.
    pub fn page(&self, entity: &str, page: Page) -> Result<&Value, String> {
        let entity = entity.to_owned();
        match self.pages.get(&Question { entity, page }) {
            Some(Ok(said)) => Ok(said),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err("it was not asked".to_owned()),
        }
    }

    /// How far the documents go.
    ///
    /// # Errors
    /// Where no page told anything: nothing can be learnt then.
    pub fn extent(&self, swagger: &Swagger) -> Result<Extent, Problem> {
        let told = Question::all(swagger).map(|question| self.tells(&question));
        let told: Vec<_> = told.collect();
        let read = told.iter().filter(|tells| **tells).count();
        let of = told.len();
        match read {
            0 => Err(Problem::new(format!(
                "nothing was learnt: none of {of} pages could be read ({}); let `autotask-mcp doctor` say whether zone and \
                 credentials are right, and grant the API user the right to read its entities, then begin again",
                self.reason()
            ))),
            _ => Ok(Extent { read, of }),
        }
    }

    fn tells(&self, question: &Question) -> bool {
        let said = self.page(&question.entity, question.page);
        said.is_ok_and(|page| match question.page {
            Page::Rights => page["info"].is_object(),
            Page::Fields => page["fields"].is_array(),
        })
    }

    fn reason(&self) -> &str {
        let mut refusals = self.pages.values().filter_map(|said| said.as_ref().err());
        refusals.next().map_or("they do not read", String::as_str)
    }
}

/// Follows a claim about the whole, where not all of it was read.
impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.read == self.of {
            true => Ok(()),
            false => write!(f, ", as far as {} of {} pages tell", self.read, self.of),
        }
    }
}

/// The same document without what belongs to this tenant alone.
#[must_use]
pub fn impersonal(mut page: Value) -> Value {
    let rows = page["fields"].as_array_mut();
    for row in rows.into_iter().flatten().filter_map(Value::as_object_mut) {
        row.remove("picklistValues");
        row.remove("label");
    }
    page
}

impl Folder {
    /// A folder, which need not be there yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// All that is kept.
    ///
    /// # Errors
    /// A folder without a Swagger document, or a file that does not read.
    pub fn read(&self) -> Result<Documents, Problem> {
        let swagger = self.swagger()?;
        let mut pages = BTreeMap::new();
        for question in Question::all(&Swagger::read(&swagger)?) {
            let page = match (self.page(&question)?, self.refusal(&question)) {
                (Some(page), _) => Ok(page),
                (None, Some(reason)) => Err(reason),
                (None, None) => continue,
            };
            pages.insert(question, page);
        }
        Ok(Documents { swagger, pages })
    }

    /// The kept Swagger document.
    ///
    /// # Errors
    /// One that is missing or does not read.
    pub fn swagger(&self) -> Result<Value, Problem> {
        json(&self.0.join("swagger.json"))
    }

    /// Keeps the Swagger document.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn keep_swagger(&self, document: &Value) -> Result<(), Problem> {
        self.write("swagger.json", &document.to_string())
    }

    /// A kept page, where there is one.
    ///
    /// # Errors
    /// One that does not read.
    pub fn page(&self, question: &Question) -> Result<Option<Value>, Problem> {
        let path = self.0.join(file(question, "json"));
        if path.exists() { json(&path).map(Some) } else { Ok(None) }
    }

    /// Keeps what was said; a refusal is kept too, and asked again.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn keep(&self, question: &Question, said: &Result<Value, String>) -> Result<(), Problem> {
        match said {
            Ok(page) => self.write(&file(question, "json"), &page.to_string()),
            Err(reason) => self.write(&file(question, "refused"), reason),
        }
    }

    /// Empties the folder where its last survey was carried to its end, or is too old; otherwise it goes on from
    /// there.
    ///
    /// # Errors
    /// A folder that cannot be removed or written.
    pub fn begin(&self) -> Result<Begun, Problem> {
        let begun = match (self.0.join(WHOLE).exists(), self.is_fresh()) {
            (false, Some(true)) => return Ok(Begun::Before),
            (false, Some(false)) => Begun::TooLongAgo,
            (true, _) | (_, None) => Begun::Now,
        };
        if self.0.exists() {
            fs::remove_dir_all(&self.0).map_err(|e| Problem::at(&self.0, &e))?;
        }
        self.write(BEGUN, "").map(|()| begun)
    }

    /// Whether the survey that fills the folder began within a day; none where no survey fills it.
    fn is_fresh(&self) -> Option<bool> {
        let mark = fs::metadata(self.0.join(BEGUN)).ok()?;
        let age = mark.modified().ok()?.elapsed().unwrap_or_default();
        Some(age < FRESH)
    }

    /// Marks the survey as carried to its end.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn end(&self) -> Result<(), Problem> {
        self.write(WHOLE, "")
    }

    fn refusal(&self, question: &Question) -> Option<String> {
        fs::read_to_string(self.0.join(file(question, "refused"))).ok()
    }

    /// Under another name first, so that an interruption leaves no half of a file.
    fn write(&self, name: &str, text: &str) -> Result<(), Problem> {
        let (path, draft) = (self.0.join(name), self.0.join("draft"));
        let written = fs::create_dir_all(&self.0)
            .and_then(|()| fs::write(&draft, text))
            .and_then(|()| fs::rename(&draft, &path));
        written.map_err(|e| Problem::at(&path, &e))
    }
}

/// When a survey began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    Now,
    /// It was interrupted, and goes on.
    Before,
    /// What it kept is gone; it begins anew.
    TooLongAgo,
}

const WHOLE: &str = "whole";
const BEGUN: &str = "begun";
/// A tenant may be another after this time, and pages of two days are no picture of either.
const FRESH: Duration = Duration::from_secs(24 * 3600);

fn file(question: &Question, end: &str) -> String {
    format!("{}.{}.{end}", question.entity, question.page.word())
}

fn json(path: &Path) -> Result<Value, Problem> {
    let text = fs::read_to_string(path).map_err(|e| Problem::at(path, &e))?;
    serde_json::from_str(&text).map_err(|e| Problem::at(path, &e))
}
