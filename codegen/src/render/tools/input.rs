//! A tool's input struct, made from its JSON Schema by typify.

use autotask_schema::SchemaError;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Item;
use typify::{TypeSpace, TypeSpaceSettings};

use super::type_name;
use crate::json_schema;
use crate::tools::Tool;

/// The struct, and an enum for each argument with options.
pub fn render(tool: &Tool) -> Result<TokenStream, SchemaError> {
    let mut schema = json_schema::held_schema(tool);
    schema["title"] = type_name(tool).to_string().into();
    schema["description"] = format!("The arguments of `{}`.", tool.name).into();
    let refused = |e: &dyn std::fmt::Display| SchemaError::new(e.to_string()).context(&tool.name);
    let root = serde_json::from_value(schema).map_err(|e| refused(&e))?;
    let mut types = TypeSpace::new(&TypeSpaceSettings::default());
    types.add_root_schema(root).map_err(|e| refused(&e))?;
    let file: syn::File = syn::parse2(types.to_stream()).map_err(|e| refused(&e))?;
    Ok(file.items.into_iter().filter(declares).map(documented).collect())
}

/// Of what typify offers, the declarations alone: nobody converts these types.
fn declares(item: &Item) -> bool {
    matches!(item, Item::Struct(_) | Item::Enum(_))
}

/// typify repeats the schema below each doc sentence; the sentence is enough.
fn documented(mut item: Item) -> TokenStream {
    let attributes = match &mut item {
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        _ => return quote! {},
    };
    let sentence = attributes.iter().find(|a| a.path().is_ident("doc")).and_then(first_line);
    attributes.retain(|a| !a.path().is_ident("doc"));
    let docs = sentence.map(|text| quote! { #[doc = #text] });
    let item = item.into_token_stream();
    quote! { #docs #item }
}

fn first_line(attribute: &syn::Attribute) -> Option<String> {
    let syn::Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value else {
        return None;
    };
    let text = text.value();
    let line = text.lines().next().unwrap_or_default().trim();
    Some(format!(" {}", line.trim_matches('`')))
}
