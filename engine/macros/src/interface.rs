//! `#[interface]` and `#[namespace]`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ImplItem, ItemImpl, LitStr, Path, Token};

use crate::member::{Member, Role, take};
use crate::{declaration, mixin, names};

/// Options of both attributes.
#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    namespace: Option<LitStr>,
    class: Option<Expr>,
    large: bool,
    error: bool,
    parent: Option<Path>,
    parent_prototype: Option<Ident>,
    not_global: bool,
    prototype_only: bool,
    global_object: bool,
    global: bool,
    no_tag: bool,
    iterator_of: Option<LitStr>,
    async_iterator_of: Option<LitStr>,
    generics: Option<LitStr>,
    extends: Option<LitStr>,
    events: Option<LitStr>,
    uses: Vec<syn::Type>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Options::default();
        while !input.is_empty() {
            let option: Ident = input.parse()?;
            let text = option.to_string();
            const WITH_VALUE: [&str; 11] = [
                "name",
                "namespace",
                "class",
                "parent",
                "parent_prototype",
                "iterator_of",
                "async_iterator_of",
                "generics",
                "extends",
                "events",
                "uses",
            ];
            if WITH_VALUE.contains(&text.as_str()) {
                input.parse::<Token![=]>()?;
            }
            match text.as_str() {
                "name" => options.name = Some(input.parse()?),
                "namespace" => options.namespace = Some(input.parse()?),
                "class" => options.class = Some(input.parse()?),
                "parent" => options.parent = Some(input.parse()?),
                "parent_prototype" => options.parent_prototype = Some(input.parse()?),
                "iterator_of" => options.iterator_of = Some(input.parse()?),
                "async_iterator_of" => options.async_iterator_of = Some(input.parse()?),
                "generics" => options.generics = Some(input.parse()?),
                "extends" => options.extends = Some(input.parse()?),
                "events" => options.events = Some(input.parse()?),
                "uses" => {
                    let list;
                    syn::bracketed!(list in input);
                    options.uses.extend(list.parse_terminated(syn::Type::parse, Token![,])?);
                }
                "large" => options.large = true,
                "error" => options.error = true,
                "not_global" => options.not_global = true,
                "prototype_only" => options.prototype_only = true,
                "global_object" => options.global_object = true,
                "global" => options.global = true,
                "no_tag" => options.no_tag = true,
                _ => return Err(syn::Error::new(option.span(), "unknown option of a Web IDL class")),
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

/// An annotated block taken apart.
struct Block {
    type_name: Ident,
    docs: Vec<Attribute>,
    item: ItemImpl,
    members: Vec<Member>,
    constants: Vec<Ident>,
}

fn take_apart(item: TokenStream, in_namespace: bool) -> syn::Result<Block> {
    let mut item: ItemImpl = syn::parse2(item)?;
    if item.trait_.is_some() || !item.generics.params.is_empty() {
        return Err(syn::Error::new(item.span(), "a plain `impl Name { … }` block is wanted"));
    }
    let type_name = match &*item.self_ty {
        syn::Type::Path(path) if path.path.get_ident().is_some() => path.path.require_ident()?.clone(),
        other => return Err(syn::Error::new(other.span(), "a plain type name is wanted")),
    };
    let (docs, attributes): (Vec<_>, Vec<_>) =
        std::mem::take(&mut item.attrs).into_iter().partition(|attribute| attribute.path().is_ident("doc"));
    item.attrs = attributes;
    let mut members = Vec::new();
    let mut constants = Vec::new();
    for inner in &mut item.items {
        match inner {
            ImplItem::Fn(function) => members.extend(take(function, in_namespace)?),
            ImplItem::Const(constant) => constants.push(constant.ident.clone()),
            _ => {}
        }
    }
    for (i, member) in members.iter().enumerate() {
        let clash = members[..i].iter().any(|earlier| names::plain(&earlier.function) == names::plain(&member.function));
        if clash {
            return Err(syn::Error::new(member.span, "two members of this name"));
        }
    }
    Ok(Block { type_name, docs, item, members, constants })
}

/// Entries of the class table for functions and accessors; a getter and a setter of one name make one entry.
fn table(members: &[Member], in_namespace: bool, on_global: bool, name: &str) -> syn::Result<(Vec<TokenStream>, Vec<TokenStream>)> {
    let mut entries = Vec::new();
    let mut wrappers = Vec::new();
    for member in members {
        wrappers.push(member.expand(name, in_namespace, on_global));
        let key = member.key();
        let wrapper = member.wrapper();
        let is_static = in_namespace || matches!(member.role, Role::StaticMethod | Role::StaticGetter);
        let enumerable = !member.options.not_enumerable && member.options.symbol.is_none();
        match member.role {
            Role::Constructor => {}
            Role::Method | Role::StaticMethod => {
                let length = member.length();
                let attributes = if enumerable {
                    quote! { attribute::ALL }
                } else {
                    quote! { attribute::METHOD }
                };
                entries.push(quote! {
                    Member { is_static: #is_static, key: #key, kind: MemberKind::Method(#length, ::mayfly_engine::native!(Self::#wrapper)), attributes: #attributes }
                });
            }
            Role::Getter | Role::StaticGetter => {
                let setter = members.iter().find(|other| other.role == Role::Setter && other.name == member.name);
                let setter = match setter {
                    Some(setter) => {
                        let wrapper = setter.wrapper();
                        quote! { Some(::mayfly_engine::native!(Self::#wrapper)) }
                    }
                    None if member.options.replaceable => {
                        wrappers.push(member.expand_replacing());
                        let wrapper = member.replacing();
                        quote! { Some(::mayfly_engine::native!(Self::#wrapper)) }
                    }
                    None => quote! { None },
                };
                let attributes = if enumerable {
                    quote! { attribute::ENUMERABLE | attribute::CONFIGURABLE }
                } else {
                    quote! { attribute::CONFIG }
                };
                entries.push(quote! {
                    Member {
                        is_static: #is_static, key: #key, kind: MemberKind::Accessor(Some(::mayfly_engine::native!(Self::#wrapper)), #setter), attributes: #attributes,
                    }
                });
            }
            Role::Setter => {
                if !members.iter().any(|other| other.role == Role::Getter && other.name == member.name) {
                    return Err(syn::Error::new(member.span, "a setter without a getter of its name"));
                }
            }
            Role::Hidden => {
                let function = &member.function;
                let length = match &member.options.length {
                    Some(length) => quote! { #length },
                    None => quote! { 0 },
                };
                entries.push(quote! {
                    Member { is_static: true, key: #key, kind: MemberKind::Hidden(#length, ::mayfly_engine::native!(Self::#function)), attributes: 0 }
                });
            }
        }
    }
    Ok((entries, wrappers))
}

fn constants(block: &Block, in_namespace: bool) -> Vec<TokenStream> {
    let mut entries = Vec::new();
    for constant in &block.constants {
        let name = constant.to_string();
        for is_static in if in_namespace { &[true][..] } else { &[true, false][..] } {
            entries.push(quote! {
                Member {
                    is_static: #is_static, key: KeySpec::Name(#name),
                    kind: MemberKind::Constant(ConstantSpec::Number(Self::#constant as f64)), attributes: attribute::ENUMERABLE,
                }
            });
        }
    }
    entries
}

pub(crate) fn expand_interface(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let (options, mixin) = mixin::take_includes(options)?;
    if let Some(mixin) = mixin {
        return mixin::include(mixin, options, item);
    }
    let options: Options = syn::parse2(options)?;
    let block = take_apart(item, false)?;
    let type_name = &block.type_name;
    let span = type_name.span();
    let name = options.name.as_ref().ok_or_else(|| syn::Error::new(span, "`name = \"…\"` is wanted"))?.value();
    let class = options.class.as_ref().ok_or_else(|| syn::Error::new(span, "`class = class::…` is wanted"))?;
    let (mut entries, wrappers) = table(&block.members, false, false, &name)?;
    let mut all = constants(&block, false);
    all.append(&mut entries);
    let aliases = [
        (&options.iterator_of, quote! { iterator }, "[Symbol.iterator]"),
        (&options.async_iterator_of, quote! { async_iterator }, "[Symbol.asyncIterator]"),
    ];
    for (of, symbol, text) in aliases {
        if let Some(of) = of {
            all.push(quote! {
                Member { is_static: false, key: KeySpec::Symbol(symbol::#symbol, #text), kind: MemberKind::Alias(#of), attributes: attribute::METHOD }
            });
        }
    }
    if !options.no_tag {
        // https://webidl.spec.whatwg.org/#dfn-qualified-name
        let qualified = options.namespace.as_ref().map_or(name.clone(), |namespace| format!("{}.{name}", namespace.value()));
        all.push(quote! { table::tag(false, #qualified) });
    }
    let constructors: Vec<&Member> = block.members.iter().filter(|member| member.role == Role::Constructor).collect();
    if constructors.len() > 1 {
        return Err(syn::Error::new(constructors[1].span, "one constructor for each class"));
    }
    let constructor = match constructors.first() {
        _ if options.prototype_only => quote! { None },
        Some(member) => {
            let length = member.length();
            let wrapper = member.wrapper();
            quote! { Some((#length, ::mayfly_engine::native!(Self::#wrapper))) }
        }
        None => quote! { Some((0, ::mayfly_engine::native!(Self::__idl_illegal_constructor))) },
    };
    let illegal = if constructors.is_empty() && !options.prototype_only {
        quote! {
            fn __idl_illegal_constructor(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
                illegal_constructor(cx, #name)
            }
        }
    } else {
        quote! {}
    };
    let intrinsic = if options.prototype_only {
        quote! { None }
    } else {
        quote! { Some(Intrinsic::embedder(2 * (#class) + 1)) }
    };
    let (parent_prototype, parent_constructor) = match (&options.parent, &options.parent_prototype) {
        (Some(parent), _) => (
            quote! { Some(Intrinsic::embedder(2 * <#parent as Interface>::CLASS)) },
            quote! { Some(Intrinsic::embedder(2 * <#parent as Interface>::CLASS + 1)) },
        ),
        (None, Some(intrinsic)) => (quote! { Some(Intrinsic::#intrinsic.id()) }, quote! { None }),
        (None, None) => (quote! { None }, quote! { None }),
    };
    let storage = match (options.error, options.large, options.global_object) {
        (true, _, _) => quote! { Storage::Error },
        (_, _, true) => quote! { Storage::Global },
        (_, true, _) => quote! { Storage::Large },
        _ => quote! { Storage::Small },
    };
    let is_global = !options.not_global && !options.prototype_only && options.namespace.is_none();
    let kind = if options.prototype_only {
        quote! { Iterator }
    } else {
        quote! { Interface }
    };
    let mut iterates = Vec::new();
    iterates.extend(options.iterator_of.as_ref().map(|of| ("[Symbol.iterator]", of.value())));
    iterates.extend(options.async_iterator_of.as_ref().map(|of| ("[Symbol.asyncIterator]", of.value())));
    let declaration = declare(&block, &options, &name, &kind, is_global, false, &iterates)?;
    Ok(assemble(
        &block,
        &wrappers,
        &illegal,
        &quote! {
            #declaration

            impl Interface for #type_name {
                const NAME: &'static str = #name;
                const CLASS: u32 = #class;
                const STORAGE: Storage = #storage;
                const SPEC: &'static ClassSpec = &ClassSpec {
                    name: #name,
                    constructor: #constructor,
                    intrinsic: #intrinsic,
                    prototype: Some(Intrinsic::embedder(2 * (#class))),
                    parent_prototype: #parent_prototype,
                    parent_constructor: #parent_constructor,
                    is_global: #is_global,
                    members: Self::__IDL_MEMBERS,
                };
            }
        },
        &all,
    ))
}

pub(crate) fn expand_namespace(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let options: Options = syn::parse2(options)?;
    let block = take_apart(item, true)?;
    let type_name = &block.type_name;
    let (name, intrinsic) = if options.global {
        ("globalThis".to_string(), quote! { Intrinsic::GlobalFunctions.id() })
    } else {
        let span = type_name.span();
        let name = options.name.as_ref().ok_or_else(|| syn::Error::new(span, "`name = \"…\"` is wanted"))?.value();
        let class = options.class.as_ref().ok_or_else(|| syn::Error::new(span, "`class = class::…` is wanted"))?;
        (name, quote! { Intrinsic::embedder(2 * (#class) + 1) })
    };
    // V8's messages name the interface that the global object has.
    let shown = if options.global { "WorkerGlobalScope" } else { name.as_str() };
    let (mut entries, wrappers) = table(&block.members, true, options.global, shown)?;
    let mut all = constants(&block, true);
    all.append(&mut entries);
    if !options.no_tag && !options.global {
        all.push(quote! { table::tag(true, #name) });
    }
    let is_global = !options.global && !options.not_global;
    let kind = if options.global {
        quote! { Global }
    } else {
        quote! { Namespace }
    };
    let declaration = declare(&block, &options, &name, &kind, is_global, true, &[])?;
    Ok(assemble(
        &block,
        &wrappers,
        &quote! {},
        &quote! {
            #declaration

            impl #type_name {
                /// The class table.
                pub const SPEC: &'static ClassSpec = &ClassSpec {
                    name: #name,
                    constructor: None,
                    intrinsic: Some(#intrinsic),
                    prototype: None,
                    parent_prototype: None,
                    parent_constructor: None,
                    is_global: #is_global,
                    members: Self::__IDL_MEMBERS,
                };
            }
        },
        &all,
    ))
}

/// The function that TypeScript is made of. `events` is written as `name: Type, …`.
fn declare(
    block: &Block,
    options: &Options,
    name: &str,
    kind: &TokenStream,
    is_global: bool,
    in_namespace: bool,
    iterates: &[(&str, String)],
) -> syn::Result<TokenStream> {
    let type_name = &block.type_name;
    let docs = declaration::first_paragraph(&block.docs);
    let generics = options.generics.as_ref().map(LitStr::value).unwrap_or_default();
    let namespace = options.namespace.as_ref().map(LitStr::value).unwrap_or_default();
    let parent = match (&options.extends, &options.parent, &options.parent_prototype) {
        (Some(text), _, _) => quote! { #text },
        (None, Some(parent), _) => quote! { <#parent as Interface>::NAME },
        (None, None, Some(prototype)) if prototype == "ErrorPrototype" => quote! { "Error" },
        (None, None, _) => quote! { "" },
    };
    let mut events = Vec::new();
    if let Some(text) = &options.events {
        for event in text.value().split(',') {
            let Some((event, ty)) = event.split_once(':') else {
                return Err(syn::Error::new(text.span(), "events are written as `name: Type, …`"));
            };
            let (event, ty) = (event.trim(), ty.trim());
            events.push(quote! { declaration.event(#event, #ty); });
        }
    }
    let uses = &options.uses;
    let members = declaration::members(&block.members, in_namespace, &block.constants, iterates);
    Ok(quote! {
        impl #type_name {
            /// The class table with its declaration.
            pub const ENTRY: ClassEntry = ClassEntry { spec: Self::SPEC, declaration: Some(Self::__idl_declaration) };

            #[allow(clippy::unnecessary_cast)]
            fn __idl_declaration() -> Declaration {
                let mut declaration = Declaration::new(DeclarationKind::#kind, #name, #docs);
                declaration.namespace = #namespace;
                declaration.generics = #generics;
                declaration.parent = #parent;
                declaration.is_global = #is_global;
                #(#events)*
                #(declaration.uses(<#uses as Typed>::declared);)*
                #members
                declaration
            }
        }
    })
}

fn assemble(block: &Block, wrappers: &[TokenStream], extra: &TokenStream, spec: &TokenStream, members: &[TokenStream]) -> TokenStream {
    let Block { type_name, docs, item, .. } = block;
    quote! {
        #(#docs)*
        pub struct #type_name;

        // `new` is the constructor's steps on an object that exists.
        #[allow(clippy::new_ret_no_self)]
        #item

        const _: () = {
            use crate::webidl::expansion::*;

            #[allow(clippy::unnecessary_cast, clippy::identity_op)]
            impl #type_name {
                const __IDL_MEMBERS: &'static [Member] = &[#(#members),*];
                #(#wrappers)*
                #extra
            }

            #spec
        };
    }
}
