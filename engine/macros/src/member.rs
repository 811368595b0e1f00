//! Members of an annotated `impl` block: their attributes, and what they expand to.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, ImplItemFn, LitInt, LitStr, Token, Type};

use crate::declaration::{self, Note};
use crate::names;

/// What an attribute makes of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Constructor,
    Method,
    StaticMethod,
    Getter,
    StaticGetter,
    Setter,
    Hidden,
}

/// Options in the parentheses of a member's attribute.
#[derive(Default)]
pub(crate) struct Options {
    pub name: Option<LitStr>,
    pub symbol: Option<Ident>,
    pub length: Option<LitInt>,
    pub raw: bool,
    pub promise: bool,
    pub replaceable: bool,
    pub not_enumerable: bool,
    /// TypeScript of it, where the Rust types say too little.
    pub ts: Vec<LitStr>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Options::default();
        while !input.is_empty() {
            let option: Ident = input.parse()?;
            match option.to_string().as_str() {
                "name" => {
                    input.parse::<Token![=]>()?;
                    options.name = Some(input.parse()?);
                }
                "symbol" => {
                    input.parse::<Token![=]>()?;
                    options.symbol = Some(input.parse()?);
                }
                "length" => {
                    input.parse::<Token![=]>()?;
                    options.length = Some(input.parse()?);
                }
                "ts" => {
                    input.parse::<Token![=]>()?;
                    options.ts.push(input.parse()?);
                }
                "raw" => options.raw = true,
                "promise" => options.promise = true,
                "replaceable" => options.replaceable = true,
                "not_enumerable" => options.not_enumerable = true,
                _ => return Err(syn::Error::new(option.span(), "unknown option of a Web IDL member")),
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

/// A function of the block that JS sees, or that the table holds without a property.
pub(crate) struct Member {
    pub role: Role,
    pub options: Options,
    pub function: Ident,
    /// Name in JS.
    pub name: String,
    /// Types of the arguments that JS passes.
    pub arguments: Vec<Type>,
    /// Their names, and their types in TypeScript where `#[ts(…)]` gives them.
    pub argument_notes: Vec<(String, Option<Note>)>,
    /// What the function gives: `T` of `Result<T>`.
    pub result: Option<Type>,
    /// First paragraph of its documentation.
    pub docs: String,
    pub span: Span,
}

/// Takes the Web IDL attribute off a function. `None` when it has none.
pub(crate) fn take(function: &mut ImplItemFn, in_namespace: bool) -> syn::Result<Option<Member>> {
    let mut found: Option<(Role, Options)> = None;
    let mut kept = Vec::new();
    for attribute in std::mem::take(&mut function.attrs) {
        match role_of(&attribute) {
            Some((role, promise)) => {
                if found.is_some() {
                    return Err(syn::Error::new(attribute.span(), "one Web IDL attribute for each function"));
                }
                let mut options = match &attribute.meta {
                    syn::Meta::Path(_) => Options::default(),
                    _ => attribute.parse_args::<Options>()?,
                };
                options.promise |= promise;
                found = Some((role, options));
            }
            None => kept.push(attribute),
        }
    }
    function.attrs = kept;
    let Some((role, options)) = found else { return Ok(None) };
    let has_receiver = !in_namespace && matches!(role, Role::Constructor | Role::Method | Role::Getter | Role::Setter);
    let mut arguments = Vec::new();
    let mut argument_notes = Vec::new();
    if !options.raw && role != Role::Hidden {
        let skipped = if has_receiver { 2 } else { 1 };
        if function.sig.inputs.len() < skipped {
            let text = if has_receiver {
                "the first parameters are `cx: &mut Context, this: Object`"
            } else {
                "the first parameter is `cx: &mut Context`"
            };
            return Err(syn::Error::new(function.sig.span(), text));
        }
        for input in function.sig.inputs.iter_mut().skip(skipped) {
            match input {
                FnArg::Typed(input) => {
                    arguments.push((*input.ty).clone());
                    argument_notes.push((names::argument(&input.pat), take_note(&mut input.attrs)?));
                }
                FnArg::Receiver(receiver) => return Err(syn::Error::new(receiver.span(), "platform objects are passed as `this: Object`")),
            }
        }
    }
    let ident = &function.sig.ident;
    let name = match (&options.name, role) {
        (Some(name), _) => name.value(),
        (None, Role::Hidden) => String::new(),
        (None, Role::Setter) => {
            let text = names::plain(ident);
            let Some(rest) = text.strip_prefix("set_") else {
                return Err(syn::Error::new(ident.span(), "a setter's name begins with `set_`, or has `name = \"…\"`"));
            };
            names::camel_case(&Ident::new(rest, ident.span()))
        }
        _ => names::camel_case(ident),
    };
    let result = if options.raw { None } else { declaration::of_result(&function.sig.output) };
    let docs = declaration::first_paragraph(&function.attrs);
    let span = ident.span();
    Ok(Some(Member { role, options, function: ident.clone(), name, arguments, argument_notes, result, docs, span }))
}

/// Takes `#[ts(…)]` off a parameter.
fn take_note(attributes: &mut Vec<Attribute>) -> syn::Result<Option<Note>> {
    let Some(at) = attributes.iter().position(|attribute| attribute.path().is_ident("ts")) else { return Ok(None) };
    attributes.remove(at).parse_args().map(Some)
}

fn role_of(attribute: &Attribute) -> Option<(Role, bool)> {
    let ident = attribute.path().get_ident()?;
    Some(match ident.to_string().as_str() {
        "constructor" => (Role::Constructor, false),
        "method" => (Role::Method, false),
        "promise_method" => (Role::Method, true),
        "static_method" => (Role::StaticMethod, false),
        "static_promise_method" => (Role::StaticMethod, true),
        "getter" => (Role::Getter, false),
        "promise_getter" => (Role::Getter, true),
        "static_getter" => (Role::StaticGetter, false),
        "setter" => (Role::Setter, false),
        "hidden" => (Role::Hidden, false),
        _ => return None,
    })
}

impl Member {
    /// The key in the class table.
    pub fn key(&self) -> TokenStream {
        let name = &self.name;
        match &self.options.symbol {
            Some(symbol) => {
                let text = match &self.options.name {
                    Some(name) => name.value(),
                    None => format!("[Symbol.{}]", names::camel_case(symbol)),
                };
                quote! { KeySpec::Symbol(symbol::#symbol, #text) }
            }
            None => quote! { KeySpec::Name(#name) },
        }
    }

    /// `length` of the function object.
    pub fn length(&self) -> TokenStream {
        match &self.options.length {
            Some(length) => quote! { #length },
            None => {
                let required = self.required();
                quote! { (#required) as u16 }
            }
        }
    }

    /// Number of arguments that must be passed.
    fn required(&self) -> TokenStream {
        let types = &self.arguments;
        quote! { count_required(&[#(<#types as FromJs>::REQUIRED),*]) }
    }

    /// The wrapper's name.
    pub fn wrapper(&self) -> Ident {
        format_ident!("__idl_{}", names::plain(&self.function), span = self.span)
    }

    /// The wrapper: an associated function with the signature of a native.
    pub fn expand(&self, interface: &str, in_namespace: bool, on_global: bool) -> TokenStream {
        let function = &self.function;
        let wrapper = self.wrapper();
        let name = &self.name;
        let kind = match self.role {
            Role::Constructor => quote! { Constructor },
            Role::Getter | Role::StaticGetter => quote! { Getter },
            Role::Setter => quote! { Setter },
            _ => quote! { Method },
        };
        let place = quote! { const PLACE: Place = Place::member(PlaceKind::#kind, #interface, #name); };
        let required = self.required();
        let values: Vec<Ident> = (0..self.arguments.len()).map(|i| format_ident!("argument_{i}")).collect();
        let types = &self.arguments;
        let indices = 0..self.arguments.len();
        let check = if on_global {
            quote! { require_global(cx, this)?; }
        } else {
            quote! {}
        };
        let convert = quote! {
            #check
            require_arguments(cx, args, #required, &PLACE)?;
            #(let #values = <#types as FromJs>::from_args(cx, args, #indices, &PLACE)?;)*
        };
        let body = match self.role {
            Role::Hidden => return TokenStream::new(),
            Role::Constructor => quote! {
                require_new(cx, args, &PLACE)?;
                #convert
                let this = create_instance::<Self>(cx, args.new_target)?;
                Self::#function(cx, this #(, #values)*)?;
                Ok(this.value())
            },
            Role::Method | Role::Getter if self.options.raw && !in_namespace => quote! {
                let this = receiver::<Self>(cx, this)?;
                Self::#function(cx, this.value(), args)
            },
            _ if self.options.raw => quote! { Self::#function(cx, this, args) },
            Role::Method | Role::Getter if !in_namespace => quote! {
                let this = receiver::<Self>(cx, this)?;
                #convert
                let result = Self::#function(cx, this #(, #values)*)?;
                IntoJs::into_js(result, cx)
            },
            Role::Method | Role::Getter | Role::StaticMethod | Role::StaticGetter => quote! {
                #convert
                let result = Self::#function(cx #(, #values)*)?;
                IntoJs::into_js(result, cx)
            },
            Role::Setter => {
                let receiver = if in_namespace {
                    quote! {}
                } else {
                    quote! { let this = receiver::<Self>(cx, this)?; }
                };
                let this = if in_namespace {
                    quote! {}
                } else {
                    quote! { , this }
                };
                quote! {
                    #receiver
                    #convert
                    Self::#function(cx #this #(, #values)*)?;
                    Ok(Value::UNDEFINED)
                }
            }
        };
        if self.options.promise {
            let inner = format_ident!("{wrapper}_inner");
            return quote! {
                fn #inner(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> { #place #body }
                fn #wrapper(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
                    let outcome = Self::#inner(cx, this, args);
                    promise_from_outcome(cx, outcome)
                }
            };
        }
        quote! {
            fn #wrapper(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> { #place #body }
        }
    }

    /// Name of the setter that a `replaceable` getter gets.
    pub fn replacing(&self) -> Ident {
        format_ident!("__idl_replace_{}", names::plain(&self.function), span = self.span)
    }

    /// That setter. <https://webidl.spec.whatwg.org/#Replaceable>
    pub fn expand_replacing(&self) -> TokenStream {
        let wrapper = self.replacing();
        let name = &self.name;
        quote! {
            fn #wrapper(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
                replace_attribute(cx, this, #name, args.at(0))
            }
        }
    }
}
