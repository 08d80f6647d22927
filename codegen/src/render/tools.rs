//! Renders `tools.rs`: the enum of all tools, their definitions, arguments and confirm tokens.

use std::collections::BTreeSet;

use heck::{ToShoutySnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::Declarations;
use crate::json_schema;
use crate::tools::{Effect, Input, Tool};

/// The whole file.
pub fn render(declared: &Declarations) -> TokenStream {
    let tools = &declared.tools;
    let (kinds, tokens, views) = (kinds(tools), tokens(tools), views(tools));
    let (rows, arguments) = (tools.iter().map(row), tools.iter().map(arguments));
    let count = tools.len();
    quote! {
        #kinds
        #views
        pub(super) static DEFINITIONS: [ToolDef; #count] = [#(#rows),*];
        #tokens
        #(#arguments)*
    }
}

fn kinds(tools: &[Tool]) -> TokenStream {
    let names: Vec<_> = tools.iter().map(|tool| variant(&tool.name)).collect();
    let count = tools.len();
    quote! {
        /// A tool, named as the contract names it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Tool { #(#names),* }

        impl Tool {
            /// Every tool, in the order clients see them.
            pub const ALL: [Self; #count] = [#(Self::#names),*];
        }
    }
}

fn row(tool: &Tool) -> TokenStream {
    let (name, title, description) = (&tool.name, &tool.title, &tool.description);
    let (group, effect) = (variant(&tool.group), effect(tool.effect));
    let schema = json_schema::input_schema(tool).to_string();
    let (arguments, default_fields) = (table_name(tool), &tool.shows);
    let token = if let Some(token) = tool.token() {
        let token = format_ident!("{token}");
        quote! { Some(token::#token) }
    } else {
        quote! { None }
    };
    let (entity, view) = (entity(tool), view(tool));
    quote! {
        definition(#name, (#title, #description), (Group::#group, Effect::#effect, #entity), (#token, #view), (&#arguments, &[#(#default_fields),*], #schema))
    }
}

fn view(tool: &Tool) -> TokenStream {
    let view = tool.view.as_deref().map(variant);
    view.map_or_else(|| quote! { None }, |view| quote! { Some(View::#view) })
}

/// The views that tools have, in the order of the tools.
fn views(tools: &[Tool]) -> TokenStream {
    let mut names: Vec<_> = tools.iter().filter_map(|tool| tool.view.as_deref()).collect();
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    let (variants, count) = (names.iter().map(|name| variant(name)), names.len());
    let variants: Vec<_> = variants.collect();
    quote! {
        /// A view of results, for clients that render MCP Apps: a folder of `apps/`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum View { #(#variants),* }

        impl View {
            /// Every view, in the order of the tools.
            pub const ALL: [Self; #count] = [#(Self::#variants),*];

            /// The name of its folder, which its URI ends with.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { #(Self::#variants => #names),* }
            }
        }
    }
}

fn entity(tool: &Tool) -> TokenStream {
    let entity = tool.entity.as_ref().map(|name| format_ident!("{name}"));
    entity.map_or_else(|| quote! { None }, |name| quote! { Some(Entity::#name) })
}

fn tokens(tools: &[Tool]) -> TokenStream {
    let constants = tools.iter().filter_map(Tool::token).map(|token| {
        let name = format_ident!("{token}");
        quote! { pub const #name: &str = #token; }
    });
    quote! {
        /// The tokens that confirm the writing tools.
        pub mod token { #(#constants)* }
    }
}

fn arguments(tool: &Tool) -> TokenStream {
    let (name, count) = (table_name(tool), tool.inputs.len());
    let rows = tool.inputs.iter().map(argument);
    quote! { static #name: [ArgumentDef; #count] = [#(#rows),*]; }
}

fn argument(input: &Input) -> TokenStream {
    let (name, kind) = (&input.name, variant(&format!("{:?}", input.kind)));
    let start = if input.required {
        quote! { required }
    } else {
        quote! { optional }
    };
    let mut row = quote! { #start(#name, ArgumentType::#kind) };
    if !input.fields.is_empty() {
        let (op, fields) = (variant(&format!("{:?}", input.op)), &input.fields);
        row = quote! { #row.on(FieldUse::#op, &[#(#fields),*]) };
    }
    if !input.options.is_empty() {
        let options = &input.options;
        row = quote! { #row.one_of(&[#(#options),*]) };
    }
    if let Some(alias) = &input.alias {
        row = quote! { #row.or(#alias) };
    }
    row
}

fn effect(effect: Effect) -> Ident {
    format_ident!("{effect:?}")
}

/// The enum variant for a name in `schema/`.
pub(super) fn variant(name: &str) -> Ident {
    format_ident!("{}", name.to_upper_camel_case())
}

fn table_name(tool: &Tool) -> Ident {
    format_ident!("{}", tool.name.to_shouty_snake_case())
}
