//! `#[mixin]`: members that several interfaces include, spelled once. <https://webidl.spec.whatwg.org/#idl-mixins>
//!
//! A macro cannot see what another one was applied to. So `#[mixin] impl Body { … }` becomes a macro by example that adds these members to an
//! interface, and `#[interface(…, includes = path::to::Body)]` becomes a call of it with itself as the argument, without that option.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{ItemImpl, Path};

fn type_name(item: &ItemImpl) -> syn::Result<Ident> {
    match &*item.self_ty {
        syn::Type::Path(path) if path.path.get_ident().is_some() => path.path.require_ident().cloned(),
        other => Err(syn::Error::new(other.span(), "a plain type name is wanted")),
    }
}

/// The macro's name.
fn macro_name(mixin: &Ident) -> Ident {
    format_ident!("__mixin_{mixin}", span = mixin.span())
}

/// `#[mixin]`
pub(crate) fn expand_mixin(item: TokenStream) -> syn::Result<TokenStream> {
    let item: ItemImpl = syn::parse2(item)?;
    let name = macro_name(&type_name(&item)?);
    let items = &item.items;
    Ok(quote! {
        macro_rules! #name {
            ([$($options:tt)*] [$($attributes:tt)*] $interface:ident { $($items:tt)* }) => {
                #[$crate::webidl::interface($($options)*)]
                $($attributes)*
                impl $interface {
                    $($items)*
                    #(#items)*
                }
            };
        }
        pub(crate) use #name;
    })
}

/// Takes `includes = path` out of an interface's options. `None` where there is none.
pub(crate) fn take_includes(options: TokenStream) -> syn::Result<(TokenStream, Option<Path>)> {
    let mut rest: Vec<TokenTree> = Vec::new();
    let mut path: Option<TokenStream> = None;
    let mut option: Vec<TokenTree> = Vec::new();
    let mut finish = |option: &mut Vec<TokenTree>| {
        let is_includes = matches!(option.first(), Some(TokenTree::Ident(name)) if name == "includes");
        if is_includes {
            path = Some(option.drain(..).skip(2).filter(|token| !is_comma(token)).collect());
        } else {
            rest.append(option);
        }
    };
    for token in options {
        let ends = is_comma(&token);
        option.push(token);
        if ends {
            finish(&mut option);
        }
    }
    finish(&mut option);
    let path = path.map(syn::parse2).transpose()?;
    Ok((rest.into_iter().collect(), path))
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

/// The call of a mixin's macro.
pub(crate) fn include(mut mixin: Path, options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let item: ItemImpl = syn::parse2(item)?;
    let name = type_name(&item)?;
    if let Some(last) = mixin.segments.last_mut() {
        last.ident = macro_name(&last.ident);
    }
    let ItemImpl { attrs, items, .. } = &item;
    let block = TokenTree::Group(Group::new(Delimiter::Brace, quote! { #(#items)* }));
    Ok(quote! { #mixin! { [#options] [#(#attrs)*] #name #block } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn includes_is_taken_out() {
        let (rest, path) = take_includes(quote! { name = "A", includes = crate::body::Body, uses = [B, C] }).unwrap();
        assert_eq!(rest.to_string(), quote! { name = "A", uses = [B, C] }.to_string());
        assert_eq!(quote! { #path }.to_string(), quote! { crate::body::Body }.to_string());
        let (rest, path) = take_includes(quote! { large, includes = Body }).unwrap();
        assert_eq!((rest.to_string(), path.is_some()), (quote! { large, }.to_string(), true));
        let (rest, path) = take_includes(quote! { name = "includes" }).unwrap();
        assert_eq!((rest.to_string(), path.is_some()), (quote! { name = "includes" }.to_string(), false));
    }
}
