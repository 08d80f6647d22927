//! `reports.rs`: a row for each report, with its calls, outcomes and sections.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Value, json};

use crate::reports::{Column, Every, Period, Report, Section, SectionKind, member, outcome};

/// The largest page.
const PAGE_SIZE: u16 = 500;

/// The table of all reports.
pub fn render(reports: &[Report]) -> TokenStream {
    let (rows, count) = (reports.iter().map(report), reports.len());
    quote! {
        /// Every report, in the order of the file.
        pub static REPORTS: [ReportDef; #count] = [#(#rows),*];
    }
}

fn report(report: &Report) -> TokenStream {
    let (name, title, description) = (&report.name, &report.title, &report.description);
    let period = period(report.period);
    let calls = report.calls.iter().map(|(name, call)| {
        let (tool, arguments) = call.split_once(' ').unwrap_or((call, ""));
        let (arguments, follows) = paged(tool, arguments);
        quote! { (#name, #tool, #arguments, #follows) }
    });
    let outcomes = report.outcomes.iter().map(|(name, outcome)| {
        let (done, due) = (&outcome.done, &outcome.due);
        quote! { (#name, &[#(#done),*], #due) }
    });
    let sections = report.sections.iter().map(section);
    quote! {
        ReportDef {
            name: #name, title: #title, description: #description, period: #period,
            calls: &[#(#calls),*], outcomes: &[#(#outcomes),*], sections: &[#(#sections),*],
        }
    }
}

/// The arguments of a list with the largest page, and whether its pages are followed.
fn paged(tool: &str, arguments: &str) -> (String, bool) {
    let mut json: Value = serde_json::from_str(arguments).unwrap_or_default();
    let follows = tool == "query-entity" && json["query"].is_array();
    if follows {
        json["query"] = json!({ "filter": json["query"].take(), "MaxRecords": PAGE_SIZE });
        return (json.to_string(), follows);
    }
    (arguments.to_owned(), follows)
}

fn period(period: Period) -> TokenStream {
    match period {
        Period::Week => quote! { Period::Week },
        Period::Month => quote! { Period::Month },
        Period::Past(days) => quote! { Period::Days(#days, 0) },
        Period::Next(days) => quote! { Period::Days(0, #days) },
    }
}

fn section(section: &Section) -> TokenStream {
    let (head, sort) = (head(section).to_string(), &section.sort);
    let limit = match section.limit {
        0 => quote! { usize::MAX },
        limit => quote! { #limit },
    };
    let (rows, calls) = (rows(section), section.calls());
    let columns = section.columns.iter().map(column);
    quote! {
        Section {
            head: #head, calls: &[#(#calls),*], rows: #rows,
            sort: #sort, limit: #limit, columns: &[#(#columns),*],
        }
    }
}

/// What the page reads of a section before its rows are known.
fn head(section: &Section) -> Value {
    let kind = format!("{:?}", section.kind).to_lowercase();
    let mut head = json!({ "title": section.title, "kind": kind });
    if !section.note.is_empty() {
        head["note"] = section.note.as_str().into();
    }
    let name = |column: &Column| format!("{:?}", column.kind()).to_lowercase();
    if section.kind == SectionKind::Figures {
        let figure =
            |column: &Column| json!({ "label": column.label, "value": null, "type": name(column) });
        head["rows"] = section.columns.iter().map(figure).collect();
        return head;
    }
    if section.kind != SectionKind::Table {
        let mut keys = section.columns.iter().map(|column| column.key.as_str());
        head["x"] = keys.next().into();
        head["y"] = keys.collect();
    }
    let column =
        |column: &Column| json!({ "key": column.key, "label": column.label, "type": name(column) });
    head["columns"] = section.columns.iter().map(column).collect();
    head
}

fn rows(section: &Section) -> TokenStream {
    let only = outcomes(&section.only);
    match (&section.records, &section.tally, section.every) {
        _ if section.kind == SectionKind::Figures => quote! { Rows::Totals },
        (Some(call), Some(field), _) => quote! { Rows::Tally(#call, #field) },
        (Some(call), None, _) => quote! { Rows::Records(#call, #only) },
        (None, _, Some(Every::Day)) => quote! { Rows::Every(Every::Day) },
        (None, _, Some(Every::Week)) => quote! { Rows::Every(Every::Week) },
        (None, _, None) => quote! { Rows::Groups },
    }
}

fn column(column: &Column) -> TokenStream {
    let key = &column.key;
    let (call, member) = column.from.as_deref().map_or(("", ""), member);
    let value = match (&column.count, &column.plus, &column.minus) {
        (Some(count), ..) => {
            let count = outcomes(count);
            quote! { ColumnValue::Matches(#call, #count) }
        }
        (None, Some(plus), Some(minus)) => {
            quote! { ColumnValue::Balance(#call, #member, [#plus, #minus]) }
        }
        _ if column.from.is_some() => quote! { ColumnValue::Member(#call, #member) },
        _ => derived(column),
    };
    quote! { (#key, #value) }
}

/// A value made of other columns, or the row's own.
fn derived(column: &Column) -> TokenStream {
    match (column.share.as_slice(), column.total.as_slice()) {
        ([part, other], _) => quote! { ColumnValue::Share(#part, #other) },
        (_, []) => quote! { ColumnValue::Own },
        (_, total) => quote! { ColumnValue::Total(&[#(#total),*]) },
    }
}

fn outcomes(texts: &[String]) -> TokenStream {
    let pairs = texts.iter().map(|text| {
        let (outcome, value) = outcome(text);
        quote! { (#outcome, #value) }
    });
    quote! { &[#(#pairs),*] }
}
