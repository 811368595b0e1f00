//! Names in JS from names in Rust.

use proc_macro2::Ident;

/// The text of an identifier, raw ones without `r#`, a trailing underscore (which avoids keywords) removed.
pub(crate) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    let text = text.strip_prefix("r#").unwrap_or(&text);
    text.strip_suffix('_').unwrap_or(text).to_string()
}

/// `get_set_cookie` → `getSetCookie`
pub(crate) fn camel_case(ident: &Ident) -> String {
    let mut name = String::new();
    let mut upper = false;
    for character in plain(ident).chars() {
        match character {
            '_' => upper = true,
            _ if upper => {
                name.extend(character.to_uppercase());
                upper = false;
            }
            _ => name.push(character),
        }
    }
    name
}

/// `NoCors` → `no-cors`
pub(crate) fn kebab_case(ident: &Ident) -> String {
    let mut name = String::new();
    for character in plain(ident).chars() {
        if character.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(character.to_lowercase());
    }
    name
}

/// Name of an argument in JS: `_id` → `id`, patterns without a name → `value`.
pub(crate) fn argument(pattern: &syn::Pat) -> String {
    let syn::Pat::Ident(pattern) = pattern else { return "value".to_string() };
    let name = camel_case(&Ident::new(plain(&pattern.ident).trim_start_matches('_'), pattern.ident.span()));
    // Words that TypeScript refuses as names of parameters.
    match name.as_str() {
        "default" | "function" | "new" | "this" | "arguments" | "class" | "delete" => format!("{name}_"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    fn ident(text: &str) -> Ident {
        match text.strip_prefix("r#") {
            Some(raw) => Ident::new_raw(raw, Span::call_site()),
            None => Ident::new(text, Span::call_site()),
        }
    }

    #[test]
    fn cases() {
        assert_eq!(camel_case(&ident("get_set_cookie")), "getSetCookie");
        assert_eq!(camel_case(&ident("json")), "json");
        assert_eq!(camel_case(&ident("throw_")), "throw");
        assert_eq!(camel_case(&ident("r#catch")), "catch");
        assert_eq!(kebab_case(&ident("NoCors")), "no-cors");
        assert_eq!(kebab_case(&ident("Default")), "default");
    }

    #[test]
    fn arguments() {
        assert_eq!(argument(&syn::parse_quote!(base_url)), "baseUrl");
        assert_eq!(argument(&syn::parse_quote!(_id)), "id");
        assert_eq!(argument(&syn::parse_quote!(_)), "value");
        assert_eq!(argument(&syn::parse_quote!(default)), "default_");
    }
}
