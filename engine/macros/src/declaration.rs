//! What TypeScript declarations are made from: functions beside the class tables, which nothing calls while JS runs.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, GenericArgument, LitStr, PathArguments, ReturnType, Token, Type};

use crate::member::{Member, Role};

/// A type for TypeScript: one, or several with `|` between them, each of them a text or a Rust type.
pub(crate) struct Note(Vec<TokenStream>);

impl Parse for Note {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut parts = Vec::new();
        loop {
            parts.push(if input.peek(LitStr) {
                let text: LitStr = input.parse()?;
                quote! { Type::Text(#text) }
            } else {
                let ty: syn::Type = input.parse()?;
                quote! { <#ty as Typed>::declared() }
            });
            if input.is_empty() {
                return Ok(Note(parts));
            }
            input.parse::<Token![|]>()?;
        }
    }
}

impl Note {
    /// A function that gives the type.
    pub(crate) fn expand(&self) -> TokenStream {
        match &self.0[..] {
            [one] => quote! { || #one },
            several => quote! { || Type::Union("", Vec::from([#(#several),*])) },
        }
    }
}

/// `T` of a function that gives `Result<T>`.
pub(crate) fn of_result(output: &ReturnType) -> Option<Type> {
    let ReturnType::Type(_, ty) = output else { return None };
    let Type::Path(path) = &**ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    }
}

/// The first paragraph of `///` comments, its lines joined.
pub(crate) fn first_paragraph(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        let syn::Meta::NameValue(pair) = &attribute.meta else { continue };
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(line), .. }) = &pair.value else { continue };
        let line = line.value();
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(line);
    }
    text
}

/// Statements that add to the variable `declaration` the members that JS sees. `iterates` are symbols with the members that they are other
/// names of.
pub(crate) fn members(members: &[Member], in_namespace: bool, constants: &[syn::Ident], iterates: &[(&str, String)]) -> TokenStream {
    let mut statements = Vec::new();
    for constant in constants {
        let name = constant.to_string();
        statements.push(quote! { declaration.constant(#name, Self::#constant as f64); });
    }
    for member in members.iter().filter(|member| !matches!(member.role, Role::Hidden | Role::Setter)) {
        let name = match &member.options.symbol {
            Some(symbol) => format!("[Symbol.{}]", crate::names::camel_case(symbol)),
            None => member.name.clone(),
        };
        let docs = &member.docs;
        let is_attribute = matches!(member.role, Role::Getter | Role::StaticGetter);
        let mut statement = match member.role {
            Role::Constructor => quote! { declaration.constructor(#docs) },
            _ if is_attribute => {
                let writable =
                    member.options.replaceable || members.iter().any(|other| other.role == Role::Setter && other.name == member.name);
                quote! { declaration.attribute(#name, #docs, #writable) }
            }
            _ => quote! { declaration.method(#name, #docs) },
        };
        if !in_namespace && matches!(member.role, Role::StaticMethod | Role::StaticGetter) {
            statement.extend(quote! { .on_constructor() });
        }
        // A text that begins like a signature is one; any other is the type of what comes back.
        let (signatures, results): (Vec<_>, Vec<_>) =
            member.options.ts.iter().partition(|text| text.value().starts_with(['(', '<']) && !is_attribute);
        if signatures.is_empty() {
            for (ty, (name, note)) in member.arguments.iter().zip(&member.argument_notes) {
                let shown = match note {
                    Some(note) => note.expand(),
                    None => quote! { <#ty as Typed>::declared },
                };
                statement.extend(quote! { .argument(#name, !<#ty as FromJs>::REQUIRED, #shown) });
            }
        }
        statement.extend(match (results.first(), &member.result) {
            (Some(text), _) => quote! { .gives_text(#text) },
            (None, Some(ty)) if signatures.is_empty() => quote! { .gives(<#ty as Typed>::declared) },
            (None, _) => quote! { .gives_text("any") },
        });
        if member.options.promise {
            statement.extend(quote! { .in_promise() });
        }
        statements.push(quote! { #statement #(.signature(#signatures))*; });
    }
    for (symbol, of) in iterates {
        statements.push(quote! { declaration.alias(#symbol, #of); });
    }
    quote! { #(#statements)* }
}
