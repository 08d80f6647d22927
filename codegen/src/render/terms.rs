//! Renders `terms.rs`: the table of terms, and the table of what the REST API cannot do.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::terms::{Terms, Unavailable};

/// Both tables; the terms in alphabetical order.
pub fn render(terms: &Terms) -> TokenStream {
    let count = terms.terms.len();
    let rows = terms.terms.iter().map(|(word, meaning)| {
        let entities = meaning.entities.iter().map(|name| format_ident!("{name}"));
        let fields = meaning.fields.iter();
        quote! { term(#word, &[#(Entity::#entities),*], &[#(#fields),*]) }
    });
    let unavailable_count = terms.unavailable.len();
    let unavailable = terms.unavailable.iter().map(|Unavailable { phrases, message, instead }| {
        quote! { unavailable(&[#(#phrases),*], #message, #instead) }
    });
    quote! {
        pub(super) static TERMS: [Term; #count] = [#(#rows),*];
        pub(super) static UNAVAILABLE: [Unavailable; #unavailable_count] = [#(#unavailable),*];
    }
}
