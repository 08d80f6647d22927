//! Renders `tools.rs`: the enum of all tools, their definitions, arguments and confirm tokens.

use heck::{ToShoutySnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::Declarations;
use crate::json_schema;
use crate::tools::{Effect, Input, Tool};

/// The whole file.
pub fn render(declared: &Declarations) -> TokenStream {
    let tools = &declared.tools;
    let (kinds, tokens) = (kinds(tools), tokens(tools));
    let (rows, arguments) = (tools.iter().map(row), tools.iter().map(arguments));
    let count = tools.len();
    quote! {
        #kinds
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
    let (name, title, about) = (&tool.name, &tool.title, &tool.about);
    let (group, effect) = (variant(&tool.group), effect(tool.does));
    let schema = json_schema::input_schema(tool).to_string();
    let (arguments, default_fields) = (table_name(tool), &tool.shows);
    let token = if let Some(token) = tool.token() {
        let token = format_ident!("{token}");
        quote! { Some(token::#token) }
    } else {
        quote! { None }
    };
    let entity = entity(tool);
    quote! {
        definition(#name, (#title, #about), (Group::#group, Effect::#effect, #entity), #token, (&#arguments, &[#(#default_fields),*], #schema))
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
