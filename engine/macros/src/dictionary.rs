//! `#[derive(Dictionary)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Expr, Fields, LitStr};

use crate::names;

pub(crate) fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let type_name = &input.ident;
    let Container { name, generics: generics_text } = container(&input.attrs)?;
    let dictionary = name.unwrap_or_else(|| type_name.to_string());
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
    let mut declared_parents = Vec::new();
    let mut declared = Vec::new();
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        let ty = &field.ty;
        let mut name = names::camel_case(ident);
        let mut required = false;
        let mut parent = false;
        let mut default: Option<Expr> = None;
        let mut text: Option<LitStr> = None;
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("idl")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("required") {
                    required = true;
                } else if meta.path.is_ident("parent") {
                    parent = true;
                } else if meta.path.is_ident("name") {
                    name = meta.value()?.parse::<LitStr>()?.value();
                } else if meta.path.is_ident("ts") {
                    text = Some(meta.value()?.parse()?);
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
            declared_parents.push(quote! { <#ty as Typed>::declared });
            continue;
        }
        let shown = match &text {
            Some(text) => quote! { || Type::Text(#text) },
            None => quote! { <#ty as Typed>::declared },
        };
        declared.push((name.clone(), quote! { dictionary.member(#name, !#required, #shown); }));
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
    declared.sort_by(|a, b| a.0.cmp(&b.0));
    let declared = declared.iter().map(|(_, entry)| entry);
    let sets = members.iter().map(|entry| &entry.set);
    let names = members.iter().map(|entry| &entry.order);
    let parent_names: Vec<_> = fields.named.iter().filter_map(|field| field.ident.as_ref()).collect();
    let _ = names;
    let (generics, types, clause) = input.generics.split_for_impl();
    Ok(quote! {
        const _: () = {
            use crate::webidl::expansion::*;

            impl #generics Typed for #type_name #types #clause {
                fn declared() -> Type {
                    Type::Dictionary(#dictionary, || {
                        let mut dictionary = DeclaredDictionary::new(#dictionary, #generics_text);
                        #(dictionary.parent(#declared_parents);)*
                        #(#declared)*
                        dictionary
                    })
                }
            }

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

/// What `#[idl(…)]` on a struct or enum says.
#[derive(Default)]
pub(crate) struct Container {
    /// `name = "…"`
    pub name: Option<String>,
    /// `generics = "…"`
    pub generics: String,
}

/// Reads `#[idl(…)]` on a struct or enum.
pub(crate) fn container(attributes: &[syn::Attribute]) -> syn::Result<Container> {
    let mut container = Container::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("idl")) {
        attribute.parse_nested_meta(|meta| {
            let text = meta.value()?.parse::<LitStr>()?.value();
            if meta.path.is_ident("name") {
                container.name = Some(text);
            } else if meta.path.is_ident("generics") {
                container.generics = text;
            } else {
                return Err(meta.error("unknown option of a Web IDL type"));
            }
            Ok(())
        })?;
    }
    Ok(container)
}
