//! `reports.rs`: a row for each report, with its calls, outcomes and sections.

use proc_macro2::TokenStream;
use quote::quote;

use super::tools::variant;

use crate::reports::{Column, Every, Period, Report, Section, member, outcome};

/// The table of all reports.
pub fn render(reports: &[Report]) -> TokenStream {
    let (rows, count) = (reports.iter().map(report), reports.len());
    quote! {
        /// Every report, in the order of the file.
        pub static REPORTS: [Report; #count] = [#(#rows),*];
    }
}

fn report(report: &Report) -> TokenStream {
    let (name, title, about) = (&report.name, &report.title, &report.about);
    let period = period(report.period);
    let calls = report.calls.iter().map(|(name, call)| {
        let (tool, arguments) = call.split_once(' ').unwrap_or((call, ""));
        quote! { Call { name: #name, tool: #tool, arguments: #arguments } }
    });
    let outcomes = report.outcomes.iter().map(|(key, outcome)| {
        let (done, due) = (&outcome.done, &outcome.due);
        quote! { Outcome { key: #key, done: &[#(#done),*], due: #due } }
    });
    let sections = report.sections.iter().map(section);
    quote! {
        Report {
            name: #name, title: #title, about: #about, period: #period,
            calls: &[#(#calls),*], outcomes: &[#(#outcomes),*], sections: &[#(#sections),*],
        }
    }
}

fn period(period: Period) -> TokenStream {
    match period {
        Period::Week => quote! { Period::Week },
        Period::Month => quote! { Period::Month },
        Period::Past(days) => quote! { Period::Past(#days) },
        Period::Next(days) => quote! { Period::Next(#days) },
    }
}

fn section(section: &Section) -> TokenStream {
    let (title, note, limit, sort) = (&section.title, &section.note, section.limit, &section.sort);
    let kind = variant(&format!("{:?}", section.kind));
    let rows = rows(section);
    let columns = section.columns.iter().map(|one| column(one, section));
    quote! {
        Section {
            title: #title, kind: SectionKind::#kind, note: #note, rows: #rows,
            sort: #sort, limit: #limit, columns: &[#(#columns),*],
        }
    }
}

fn rows(section: &Section) -> TokenStream {
    let only = outcomes(&section.only);
    match (&section.records, &section.tally, section.every) {
        (Some(call), Some(field), _) => quote! { Rows::Tally(#call, #field) },
        (Some(call), None, _) => quote! { Rows::Records(#call, #only) },
        (None, _, Some(Every::Day)) => quote! { Rows::Every(Every::Day) },
        (None, _, Some(Every::Week)) => quote! { Rows::Every(Every::Week) },
        (None, _, None) => quote! { Rows::Groups },
    }
}

fn column(column: &Column, section: &Section) -> TokenStream {
    let (key, label) = (&column.key, &column.label);
    let kind = variant(&format!("{:?}", column.kind()));
    let (call, member) = column.from.as_deref().map_or(("", ""), member);
    let value = match (&column.count, &column.plus, &column.minus) {
        (Some(count), ..) => {
            let call = column.from.as_ref().map_or(section.records.as_deref(), |_| Some(call));
            let (call, count) = (call.unwrap_or_default(), outcomes(count));
            quote! { ColumnValue::Matches(#call, #count) }
        }
        (None, Some(plus), Some(minus)) => {
            quote! { ColumnValue::Balance { call: #call, member: #member, plus: #plus, minus: #minus } }
        }
        _ if column.from.is_some() => quote! { ColumnValue::Member(#call, #member) },
        _ => derived(column),
    };
    quote! { Column { key: #key, label: #label, kind: ColumnType::#kind, value: #value } }
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
