//! `tools.rs`: later.
use crate::{Declarations, Problem};
use proc_macro2::TokenStream;
pub fn render(_: &Declarations) -> Result<TokenStream, Problem> {
    Ok(TokenStream::new())
}
