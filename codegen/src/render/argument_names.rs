//! Renders `argument_names.rs`: the table of everyday names of arguments.

use proc_macro2::TokenStream;
use quote::quote;

use crate::argument_names::ArgumentName;

/// The table, in the order of the file.
pub fn render(names: &[ArgumentName]) -> TokenStream {
    let count = names.len();
    let rows = names.iter().map(|ArgumentName { words, arguments }| {
        quote! { argument_name(&[#(#words),*], &[#(#arguments),*]) }
    });
    quote! {
        pub(super) static ARGUMENT_NAMES: [ArgumentName; #count] = [#(#rows),*];
    }
}
