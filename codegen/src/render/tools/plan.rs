//! What a tool's arguments stand for: the clauses of a search, the fields of a record, the plan itself.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{member, type_name};
use crate::kind::Kind;
use crate::tools::{Does, Input, Op, Tool};

/// The `impl` blocks of one tool.
pub fn render(tool: &Tool) -> TokenStream {
    let Some(entity) = tool.entity.as_ref().map(|name| format_ident!("{name}")) else {
        return TokenStream::new();
    };
    let (shown, own) = (shown(tool), own(tool));
    let planned = planned(tool);
    let name = type_name(tool);
    quote! {
        impl #name {
            /// The entity it is about.
            pub const ENTITY: Entity = Entity::#entity;
            #shown
            #own
        }
        #planned
    }
}

fn shown(tool: &Tool) -> Option<TokenStream> {
    let (names, count) = (&tool.shows, tool.shows.len());
    (count > 0).then(|| {
        quote! {
            /// The fields shown when none are asked for.
            pub const SHOWS: [&'static str; #count] = [#(#names),*];
        }
    })
}

fn own(tool: &Tool) -> Option<TokenStream> {
    match tool.does {
        Does::Search => Some(clauses(tool)),
        Does::Create | Does::Update => Some(record(tool)),
        Does::Read | Does::Get | Does::Delete => None,
    }
}

fn clauses(tool: &Tool) -> TokenStream {
    let rows = tool.inputs.iter().filter_map(clause);
    quote! {
        /// The clauses its arguments stand for.
        pub fn clauses(&self) -> Result<Vec<Clause>, Error> {
            let mut clauses = Clauses::of(Self::ENTITY);
            #(#rows)*
            Ok(clauses.all())
        }
    }
}

fn clause(input: &Input) -> Option<TokenStream> {
    let (field, name, member) = (input.field.as_deref()?, &input.name, member(input));
    Some(match (input.op, input.kind) {
        (Op::Through, _) => quote! { clauses.through(#name, #field, self.#member.as_deref())?; },
        (Op::Exist, Kind::Flag) => quote! { clauses.presence(#field, self.#member); },
        (Op::NotExist, Kind::Flag) => quote! { clauses.absence(#field, self.#member); },
        (op, _) => {
            let op = format_ident!("{op:?}");
            quote! { clauses.compare(#name, #field, Op::#op, &self.#member)?; }
        }
    })
}

fn record(tool: &Tool) -> TokenStream {
    let rows = tool.inputs.iter().filter_map(|input| {
        let (field, member) = (input.field.as_deref()?, member(input));
        Some(quote! { record.put(#field, &self.#member); })
    });
    quote! {
        /// The fields its arguments fill.
        pub fn record(&self) -> Record {
            let mut record = Record::new();
            #(#rows)*
            record
        }
    }
}

/// The plan, where the declaration says it; every other tool is one for an `impl` by hand.
fn planned(tool: &Tool) -> Option<TokenStream> {
    let body = body(tool.does).filter(|_| !tool.by_hand)?;
    let name = type_name(tool);
    Some(quote! {
        impl Planned for #name {
            fn plan(self, situation: &Situation) -> Result<Plan, Error> { #body }
        }
    })
}

fn body(does: Does) -> Option<TokenStream> {
    Some(match does {
        Does::Search => quote! {
            let page = Paging { max: self.max_records, fields: &self.fields, cursor: &self.cursor };
            plans::search(situation, Self::ENTITY, self.clauses()?, &page, &Self::SHOWS)
        },
        Does::Get => {
            quote! { plans::get(situation, (Self::ENTITY, &self.id.into()), &self.fields, &Self::SHOWS) }
        }
        Does::Create => quote! {
            Draft::of(situation, Self::ENTITY)?.create(self.record(), self.allow_duplicate)
        },
        Does::Update => quote! { Draft::of(situation, Self::ENTITY)?.update(self.record()) },
        Does::Read | Does::Delete => return None,
    })
}
