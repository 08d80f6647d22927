//! `terms.rs`: the tables of terms and of what the REST API cannot do.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::terms::Terms;

/// Both tables; the terms in the order of their letters.
pub fn render(terms: &Terms) -> TokenStream {
    let count = terms.terms.len();
    let rows = terms.terms.iter().map(|(word, meaning)| {
        let entities = meaning.entities.iter().map(|name| format_ident!("{name}"));
        let fields = meaning.fields.iter();
        quote! { term(#word, &[#(Entity::#entities),*], &[#(#fields),*]) }
    });
    let unavailable_count = terms.unavailable.len();
    let unavailable = terms.unavailable.iter().map(|one| {
        let (phrases, message, instead) = (&one.phrases, &one.message, &one.instead);
        quote! { unavailable(&[#(#phrases),*], #message, #instead) }
    });
    quote! {
        pub(super) static TERMS: [Term; #count] = [#(#rows),*];
        pub(super) static UNAVAILABLE: [Unavailable; #unavailable_count] = [#(#unavailable),*];
    }
}
