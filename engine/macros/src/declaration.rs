//! What TypeScript declarations are made from: tables beside the class tables, which nothing reads while JS runs.

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
                quote! { <#ty as Typed>::TYPE }
            });
            if input.is_empty() {
                return Ok(Note(parts));
            }
            input.parse::<Token![|]>()?;
        }
    }
}

impl Note {
    /// The type in tables.
    pub(crate) fn expand(&self) -> TokenStream {
        match &self.0[..] {
            [one] => quote! { #one },
            several => quote! { Type::Union("", &[#(#several),*]) },
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

/// Entries of the declaration for members that JS sees. `iterates` are symbols with the members that they are other names of.
pub(crate) fn members(members: &[Member], in_namespace: bool, constants: &[syn::Ident], iterates: &[(&str, String)]) -> TokenStream {
    let mut entries = Vec::new();
    for constant in constants {
        let name = constant.to_string();
        entries.push(quote! {
            DeclaredMember { name: #name, kind: DeclaredKind::Constant(Self::#constant as f64), ..DeclaredMember::EMPTY }
        });
    }
    for member in members.iter().filter(|member| !matches!(member.role, Role::Hidden | Role::Setter)) {
        let name = match &member.options.symbol {
            Some(symbol) => format!("[Symbol.{}]", crate::names::camel_case(symbol)),
            None => member.name.clone(),
        };
        let is_static = !in_namespace && matches!(member.role, Role::StaticMethod | Role::StaticGetter);
        let kind = match member.role {
            Role::Constructor => quote! { Constructor },
            Role::Getter | Role::StaticGetter => {
                let writable =
                    member.options.replaceable || members.iter().any(|other| other.role == Role::Setter && other.name == member.name);
                quote! { Attribute { writable: #writable } }
            }
            _ => quote! { Method },
        };
        let arguments = member.arguments.iter().zip(&member.argument_notes).map(|(ty, (name, note))| {
            let shown = match note {
                Some(note) => note.expand(),
                None => quote! { <#ty as Typed>::TYPE },
            };
            quote! { DeclaredArgument { name: #name, is_optional: !<#ty as FromJs>::REQUIRED, ty: #shown } }
        });
        // A text that begins like a signature is one; any other is the type of what comes back.
        let (signatures, results): (Vec<_>, Vec<_>) = member
            .options
            .ts
            .iter()
            .partition(|text| text.value().starts_with(['(', '<']) && !matches!(member.role, Role::Getter | Role::StaticGetter));
        let result = match (results.first(), &member.result) {
            (Some(text), _) => quote! { Type::Text(#text) },
            (None, Some(ty)) if signatures.is_empty() => quote! { <#ty as Typed>::TYPE },
            (None, _) => quote! { Type::Text("any") },
        };
        let arguments = if signatures.is_empty() {
            quote! { &[#(#arguments),*] }
        } else {
            quote! { &[] }
        };
        let is_promise = member.options.promise;
        let docs = &member.docs;
        entries.push(quote! {
            DeclaredMember {
                name: #name, docs: #docs, is_static: #is_static, kind: DeclaredKind::#kind, arguments: #arguments, result: #result,
                is_promise: #is_promise, signatures: &[#(#signatures),*],
            }
        });
    }
    for (symbol, of) in iterates {
        entries.push(quote! {
            DeclaredMember { name: #symbol, kind: DeclaredKind::Alias(#of), ..DeclaredMember::EMPTY }
        });
    }
    quote! { &[#(#entries),*] }
}
