//! `tools.rs` and a file a tool: declarations, input structs and the plans that a field list can say.

mod input;
mod plan;

use autotask_schema::SchemaError;
use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::tools::{Effect, Input, Tool};
use crate::{Declarations, json_schema};

/// The enum of all tools, their rows, confirm tokens and dispatch.
pub fn render(declared: &Declarations) -> TokenStream {
    let tools = &declared.tools;
    let (kinds, tokens) = (kinds(tools), tokens(tools));
    let rows = tools.iter().map(row);
    let (arguments, modules) = (tools.iter().map(arguments), tools.iter().map(module));
    let count = tools.len();
    quote! {
        #kinds
        pub(super) static DEFINITIONS: [ToolDef; #count] = [#(#rows),*];
        #tokens
        #(#arguments)*
        #(#modules)*
    }
}

/// One tool's struct and plan.
///
/// # Errors
/// Says what typify or syn refused.
pub fn render_one(tool: &Tool) -> Result<TokenStream, SchemaError> {
    let (input, plan) = (input::render(tool)?, plan::render(tool));
    Ok(quote! { #input #plan })
}

/// The file's name below `$OUT_DIR`.
pub fn file_name(tool: &Tool) -> String {
    format!("tools/{}.rs", tool.name.to_snake_case())
}

fn kinds(tools: &[Tool]) -> TokenStream {
    let names: Vec<_> = tools.iter().map(type_name).collect();
    let count = tools.len();
    quote! {
        /// A tool, named as the contract names it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Tool { #(#names),* }

        impl Tool {
            /// Every tool, in the order clients see them.
            pub const ALL: [Self; #count] = [#(Self::#names),*];

            /// Reads the arguments and comes to a plan; nothing is sent.
            pub(super) fn dispatch(self, arguments: Arguments, situation: &PlanContext) -> Result<Plan, Error> {
                match self { #(Self::#names => parse_and_plan::<#names>(arguments, situation)),* }
            }
        }
    }
}

fn row(tool: &Tool) -> TokenStream {
    let (name, title, about) = (&tool.name, &tool.title, &tool.about);
    let (group, does) = (variant(&tool.group), does(tool.does));
    let schema = json_schema::input_schema(tool).to_string();
    let arguments = table_name(tool);
    let token = if let Some(token) = tool.token() {
        let token = format_ident!("{token}");
        quote! { Some(token::#token) }
    } else {
        quote! { None }
    };
    let entity = entity(tool);
    quote! { definition(#name, (#title, #about), (Group::#group, Effect::#does, #entity), #token, (&#arguments, #schema)) }
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
        /// The words that unlock the writing tools.
        pub mod token { #(#constants)* }
    }
}

fn arguments(tool: &Tool) -> TokenStream {
    let (name, count) = (table_name(tool), tool.inputs.len());
    let rows = tool.inputs.iter().map(argument);
    quote! { static #name: [ArgumentDef; #count] = [#(#rows),*]; }
}

fn argument(input: &Input) -> TokenStream {
    let (name, kind, options) =
        (&input.name, format_ident!("{}", input.kind.variant()), &input.options);
    let row = if input.required {
        quote! { required }
    } else {
        quote! { optional }
    };
    match options.as_slice() {
        [] => quote! { #row(#name, ArgumentType::#kind) },
        options => quote! { #row(#name, ArgumentType::#kind).one_of(&[#(#options),*]) },
    }
}

fn module(tool: &Tool) -> TokenStream {
    let module = format_ident!("{}", tool.name.to_snake_case());
    let path = format!("/{}", file_name(tool));
    quote! {
        mod #module {
            use super::*;
            include!(concat!(env!("OUT_DIR"), #path));
        }
        pub use #module::*;
    }
}

fn does(does: Effect) -> Ident {
    format_ident!("{does:?}")
}

/// A name of `schema/` as a variant of an enum.
pub(super) fn variant(name: &str) -> Ident {
    format_ident!("{}", name.to_upper_camel_case())
}

fn type_name(tool: &Tool) -> Ident {
    variant(&tool.name)
}

fn table_name(tool: &Tool) -> Ident {
    format_ident!("{}", tool.name.to_shouty_snake_case())
}

fn member(input: &Input) -> Ident {
    format_ident!("{}", input.name.to_snake_case())
}
