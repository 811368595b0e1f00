//! `#[derive(Enumeration)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, LitStr};

use crate::names;

pub(crate) fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let type_name = &input.ident;
    let shown = crate::dictionary::container(&input.attrs)?.name.unwrap_or_else(|| type_name.to_string());
    let Data::Enum(data) = &input.data else { return Err(syn::Error::new(input.span(), "an enum is wanted")) };
    let mut variants = Vec::new();
    let mut texts = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(syn::Error::new(variant.span(), "variants of Web IDL enumerations have no fields"));
        }
        let mut text = names::kebab_case(&variant.ident);
        for attribute in variant.attrs.iter().filter(|attribute| attribute.path().is_ident("idl")) {
            text = attribute.parse_args::<LitStr>()?.value();
        }
        variants.push(&variant.ident);
        texts.push(text);
    }
    let lines = texts.join("\n");
    Ok(quote! {
        impl #type_name {
            /// The value's text in JS.
            pub fn as_str(self) -> &'static str {
                match self { #(Self::#variants => #texts),* }
            }

            /// The value with this text.
            pub fn from_text(text: &str) -> Option<Self> {
                match text { #(#texts => Some(Self::#variants),)* _ => None }
            }
        }

        const _: () = {
            use crate::webidl::expansion::*;

            impl Typed for #type_name {
                fn declared() -> Type {
                    Type::Enumeration(DeclaredEnumeration { name: #shown, values: #lines })
                }
            }

            impl FromJs for #type_name {
                fn from_js(cx: &mut Context, value: Value, place: &Place) -> Result<Self> {
                    let text = cx.to_text(value)?;
                    match Self::from_text(&text) {
                        Some(value) => Ok(value),
                        None => Err(invalid_enumeration_value(cx, place, #shown, &text)),
                    }
                }
            }

            impl IntoJs for #type_name {
                fn into_js(self, cx: &mut Context) -> Result<Value> {
                    IntoJs::into_js(self.as_str(), cx)
                }
            }
        };
    })
}
