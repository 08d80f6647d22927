//! What a tool's arguments stand for: the clauses of a search, the fields of a record, the plan itself.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{member, type_name};
use crate::argument_type::ArgumentType;
use crate::tools::{Effect, Input, Op, Tool};

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
        Effect::Search => Some(clauses(tool)),
        Effect::Create | Effect::Update => Some(record(tool)),
        Effect::Read | Effect::Get | Effect::Delete => None,
    }
}

fn clauses(tool: &Tool) -> TokenStream {
    let rows = tool.inputs.iter().filter_map(clause);
    quote! {
        /// The clauses its arguments stand for.
        pub fn clauses(&self) -> Result<Vec<Condition>, Error> {
            let mut clauses = FilterBuilder::for_entity(Self::ENTITY);
            #(#rows)*
            Ok(clauses.into_conditions())
        }
    }
}

fn clause(input: &Input) -> Option<TokenStream> {
    let (field, name, member) = (input.field.as_deref()?, &input.name, member(input));
    Some(match (input.op, input.kind) {
        (Op::Through, _) => {
            quote! { clauses.until_end_of(#name, #field, self.#member.as_deref())?; }
        }
        (Op::Exist, ArgumentType::Flag) => quote! { clauses.exists(#field, self.#member); },
        (Op::NotExist, ArgumentType::Flag) => quote! { clauses.not_exists(#field, self.#member); },
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
        impl IntoPlan for #name {
            fn plan(self, situation: &PlanContext) -> Result<Plan, Error> { #body }
        }
    })
}

fn body(does: Effect) -> Option<TokenStream> {
    Some(match does {
        Effect::Search => quote! {
            let page = PageOptions { max: self.max_records, fields: &self.fields, cursor: &self.cursor };
            builders::search(situation, Self::ENTITY, self.clauses()?, &page, &Self::SHOWS)
        },
        Effect::Get => {
            quote! { builders::get(situation, (Self::ENTITY, &self.id.into()), &self.fields, &Self::SHOWS) }
        }
        Effect::Create => quote! {
            WriteBuilder::for_entity(situation, Self::ENTITY)?.create(self.record(), self.allow_duplicate)
        },
        Effect::Update => {
            quote! { WriteBuilder::for_entity(situation, Self::ENTITY)?.update(self.record()) }
        }
        Effect::Read | Effect::Delete => return None,
    })
}
