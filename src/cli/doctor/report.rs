//! The findings of `doctor`: printed line by line, or as one JSON object.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

const PROBLEM: Style = AnsiColor::Red.on_default().bold();
const NO_PROBLEM: Style = AnsiColor::Green.on_default();

/// What one check found.
pub struct Finding {
    name: &'static str,
    detail: String,
    is_ok: bool,
    advice: Option<String>,
}

impl Finding {
    /// A finding that is not a problem.
    pub fn new(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, detail: detail.into(), is_ok: true, advice: None }
    }

    /// A problem and advice.
    pub fn problem(
        name: &'static str,
        detail: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { is_ok: false, advice: Some(advice.into()), ..Self::new(name, detail) }
    }

    /// Whether it is not a problem.
    pub fn is_ok(&self) -> bool {
        self.is_ok
    }

    /// The same finding with its texts mapped.
    pub fn map_text(self, map: impl Fn(&str) -> String) -> Self {
        let advice = self.advice.as_deref().map(&map);
        Self { detail: map(&self.detail), advice, ..self }
    }

    fn print(&self) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        let style = if self.is_ok { Style::new() } else { PROBLEM };
        writeln!(out, "{style}{:<12}{style:#}{}", self.name, self.detail)?;
        match &self.advice {
            Some(advice) => writeln!(out, "{:<12}Advice: {advice}", ""),
            None => Ok(()),
        }
    }

    fn to_json(&self) -> Value {
        json!({ "name": self.name, "ok": self.is_ok, "detail": self.detail, "advice": self.advice })
    }
}

/// All findings; text is printed at once, JSON at the end.
pub struct Report {
    is_json: bool,
    findings: Vec<Finding>,
}

impl Report {
    /// A report as text.
    pub fn text() -> Self {
        Self { is_json: false, findings: Vec::new() }
    }

    /// A report as one JSON object.
    pub fn json() -> Self {
        Self { is_json: true, ..Self::text() }
    }

    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) -> io::Result<()> {
        if !self.is_json {
            finding.print()?;
        }
        self.findings.push(finding);
        Ok(())
    }

    /// Whether no finding is a problem.
    pub fn is_ok(&self) -> bool {
        self.findings.iter().all(Finding::is_ok)
    }

    /// Prints the conclusion, or the JSON object.
    pub fn finish(&self) -> io::Result<()> {
        if self.is_json {
            let findings: Vec<_> = self.findings.iter().map(Finding::to_json).collect();
            let report = json!({ "findings": findings, "ok": self.is_ok() });
            return writeln!(io::stdout(), "{report:#}");
        }
        let (style, verdict) = match self.is_ok() {
            true => (NO_PROBLEM, "a tool call would work"),
            false => (PROBLEM, "a tool call would fail"),
        };
        writeln!(anstream::stdout(), "{:<12}{style}{verdict}{style:#}", "verdict")
    }
}
