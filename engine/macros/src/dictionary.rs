//! `#[derive(Dictionary)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Expr, Fields, LitStr};

use crate::names;

pub(crate) fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let type_name = &input.ident;
    let dictionary = type_name.to_string();
    let Data::Struct(data) = &input.data else { return Err(syn::Error::new(input.span(), "dictionaries are structs")) };
    let Fields::Named(fields) = &data.fields else { return Err(syn::Error::new(input.span(), "members of dictionaries have names")) };

    struct Entry {
        name: String,
        order: TokenStream,
        set: TokenStream,
    }
    let mut parents = Vec::new();
    let mut members: Vec<Entry> = Vec::new();
    let mut required_flags = Vec::new();
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        let ty = &field.ty;
        let mut name = names::camel_case(ident);
        let mut required = false;
        let mut parent = false;
        let mut default: Option<Expr> = None;
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("idl")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("required") {
                    required = true;
                } else if meta.path.is_ident("parent") {
                    parent = true;
                } else if meta.path.is_ident("name") {
                    name = meta.value()?.parse::<LitStr>()?.value();
                } else if meta.path.is_ident("default") {
                    if meta.input.peek(syn::Token![=]) {
                        default = Some(meta.value()?.parse()?);
                    }
                } else {
                    return Err(meta.error("unknown option of a dictionary member"));
                }
                Ok(())
            })?;
        }
        if parent {
            parents.push(quote! { let #ident = <#ty as FromJs>::from_js(cx, value, place)?; });
            required_flags.push(quote! { <#ty as FromJs>::REQUIRED });
            continue;
        }
        if required {
            required_flags.push(quote! { true });
        }
        let absent = match (required, default) {
            (true, _) => quote! { return Err(missing_member(cx, &place, #dictionary, #name)) },
            (false, Some(default)) => quote! { #default },
            (false, None) => quote! { <#ty as ::core::default::Default>::default() },
        };
        let set = quote! {
            let #ident = {
                let place = place.of_dictionary_member(#dictionary, #name);
                let member = match object {
                    Some(object) => {
                        let key = cx.key(#name);
                        cx.get(object, key)?
                    }
                    None => Value::UNDEFINED,
                };
                if member.is_undefined() { #absent } else { <#ty as FromJs>::from_js(cx, member, &place)? }
            };
        };
        members.push(Entry { name, order: quote! { #ident }, set });
    }
    // Members are read in lexicographical order. https://webidl.spec.whatwg.org/#es-dictionary
    members.sort_by(|a, b| a.name.cmp(&b.name));
    let sets = members.iter().map(|entry| &entry.set);
    let names = members.iter().map(|entry| &entry.order);
    let parent_names: Vec<_> = fields.named.iter().filter_map(|field| field.ident.as_ref()).collect();
    let _ = names;
    let (generics, types, clause) = input.generics.split_for_impl();
    Ok(quote! {
        const _: () = {
            use crate::webidl::expansion::*;

            impl #generics FromJs for #type_name #types #clause {
                const REQUIRED: bool = false #(|| #required_flags)*;

                fn from_js(cx: &mut Context, value: Value, place: &Place) -> Result<Self> {
                    let object = dictionary_object(cx, value, #dictionary, place)?;
                    let _ = &object;
                    #(#parents)*
                    #(#sets)*
                    Ok(Self { #(#parent_names),* })
                }
            }
        };
    })
}
