//! Renders `prompts.rs`: the arguments of prompts, and a row for each prompt.

use heck::ToShoutySnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::tools::variant;
use crate::prompts::{Argument, Prompt};

/// The table of all prompts.
pub fn render(prompts: &[Prompt]) -> TokenStream {
    let arguments = arguments(prompts).into_iter().map(argument);
    let (rows, count) = (prompts.iter().map(row), prompts.len());
    quote! {
        #(#arguments)*

        /// Every prompt, in the order clients see them.
        pub(super) static PROMPTS: [Prompt; #count] = [#(#rows),*];
    }
}

/// Each argument once, in the order of first use.
fn arguments(prompts: &[Prompt]) -> Vec<&Argument> {
    let mut all: Vec<&Argument> = Vec::new();
    for argument in prompts.iter().flat_map(|prompt| &prompt.arguments) {
        if !all.contains(&argument) {
            all.push(argument);
        }
    }
    all
}

fn argument(argument: &Argument) -> TokenStream {
    let (constant, name, help) = (constant(argument), &argument.name, &argument.help);
    let kind = variant(&format!("{:?}", argument.kind));
    let completes = if let Some(target) = argument.completes {
        let target = variant(&format!("{target:?}"));
        quote! { Some(CompletionTarget::#target) }
    } else {
        quote! { None }
    };
    quote! { const #constant: PromptArgument = argument(#name, ValueKind::#kind, #completes, #help); }
}

fn row(prompt: &Prompt) -> TokenStream {
    let (name, title, description, text) =
        (&prompt.name, &prompt.title, &prompt.description, &prompt.text);
    let tools = prompt.tools.iter().map(|tool| variant(tool));
    let arguments = prompt.arguments.iter().map(constant);
    quote! { prompt(#name, (#title, #description), &[#(Tool::#tools),*], &[#(#arguments),*], #text) }
}

fn constant(argument: &Argument) -> Ident {
    format_ident!("{}", argument.name.to_shouty_snake_case())
}
