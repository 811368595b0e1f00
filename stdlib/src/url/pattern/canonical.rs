//! Canonicalization of components, and processing of URLPatternInit. <https://urlpattern.spec.whatwg.org/#canonicalization>

use super::parts::escape_pattern;
use super::{Component, Init, Invalid};
use crate::url;
use crate::url::parser::{self, Set, State};
use crate::url::record::{Path, Record, special_port};

/// What a URLPatternInit is processed for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum InitType {
    Pattern,
    Url,
}

// https://urlpattern.spec.whatwg.org/#create-a-dummy-url
fn dummy() -> Record {
    Record {
        scheme: "https".to_string(),
        host: Some("dummy.invalid".to_string()),
        path: Path::Segments(vec![String::new()]),
        ..Record::default()
    }
}

/// Runs the parser on a dummy URL from a state on.
fn parsed(value: &str, mut url: Record, state: State) -> Result<Record, Invalid> {
    if parser::parse_with_override(value, &mut url, state) { Ok(url) } else { Err(Invalid::new(&format!("'{value}' is not valid there"))) }
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-protocol
pub(super) fn protocol(value: &str) -> Result<String, Invalid> {
    if value.is_empty() {
        return Ok(String::new());
    }
    match url::parse(&format!("{value}://dummy.invalid/"), None) {
        Some(url) => Ok(url.scheme),
        None => Err(Invalid::new(&format!("invalid protocol '{value}'"))),
    }
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-username, and the same for passwords
pub(super) fn credentials(value: &str) -> Result<String, Invalid> {
    Ok(parser::encode(value, Set::Userinfo))
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-hostname
pub(super) fn hostname(value: &str) -> Result<String, Invalid> {
    if value.is_empty() {
        return Ok(String::new());
    }
    Ok(parsed(value, dummy(), State::Hostname)?.host.unwrap_or_default())
}

// https://urlpattern.spec.whatwg.org/#canonicalize-an-ipv6-hostname
pub(super) fn ipv6_hostname(value: &str) -> Result<String, Invalid> {
    match value.chars().find(|c| !c.is_ascii_hexdigit() && !matches!(c, '[' | ']' | ':')) {
        Some(c) => Err(Invalid::new(&format!("invalid character '{c}' in an IPv6 address"))),
        None => Ok(value.to_ascii_lowercase()),
    }
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-port
pub(super) fn port(value: &str) -> Result<String, Invalid> {
    port_of(value, None)
}

fn port_of(value: &str, protocol: Option<&str>) -> Result<String, Invalid> {
    if value.is_empty() {
        return Ok(String::new());
    }
    let mut url = dummy();
    if let Some(protocol) = protocol {
        url.scheme = protocol.to_string();
    }
    Ok(parsed(value, url, State::Port)?.port.map_or_else(String::new, |port| port.to_string()))
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-pathname
pub(super) fn pathname(value: &str) -> Result<String, Invalid> {
    if value.is_empty() {
        return Ok(String::new());
    }
    let leading_slash = value.starts_with('/');
    let modified = if leading_slash { value.to_string() } else { format!("/-{value}") };
    let url = parsed(&modified, Record { path: Path::default(), ..dummy() }, State::PathStart)?;
    let result = url.path_text();
    Ok(if leading_slash { result } else { result.get(2..).unwrap_or_default().to_string() })
}

// https://urlpattern.spec.whatwg.org/#canonicalize-an-opaque-pathname
pub(super) fn opaque_pathname(value: &str) -> Result<String, Invalid> {
    let url = Record { path: Path::Opaque(String::new()), ..dummy() };
    Ok(parsed(value, url, State::OpaquePath)?.path_text())
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-search
pub(super) fn search(value: &str) -> Result<String, Invalid> {
    let url = Record { query: Some(String::new()), ..dummy() };
    Ok(parsed(value, url, State::Query)?.query.unwrap_or_default())
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-hash
pub(super) fn hash(value: &str) -> Result<String, Invalid> {
    let url = Record { fragment: Some(String::new()), ..dummy() };
    Ok(parsed(value, url, State::Fragment)?.fragment.unwrap_or_default())
}

/// Whether a text is a special scheme.
pub(super) fn is_special_scheme(scheme: &str) -> bool {
    special_port(scheme).is_some()
}

/// Whether a port is its scheme's default.
pub(super) fn is_default_port(scheme: &str, port: &str) -> bool {
    special_port(scheme).flatten().is_some_and(|default| default.to_string() == port)
}

// https://urlpattern.spec.whatwg.org/#process-a-base-url-string
fn base_text(text: &str, ty: InitType) -> String {
    if ty == InitType::Pattern { escape_pattern(text) } else { text.to_string() }
}

// https://urlpattern.spec.whatwg.org/#is-an-absolute-pathname
fn is_absolute_pathname(input: &str, ty: InitType) -> bool {
    input.starts_with('/') || (ty == InitType::Pattern && (input.starts_with("\\/") || input.starts_with("{/")))
}

// https://urlpattern.spec.whatwg.org/#process-a-urlpatterninit
/// With [`InitType::Url`], components that nothing gives are empty; with [`InitType::Pattern`] they stay absent.
pub(super) fn process(init: &Init, ty: InitType) -> Result<Init, Invalid> {
    let mut result = Init::default();
    if ty == InitType::Url {
        for component in Component::ALL {
            result[component] = Some(String::new());
        }
    }
    let mut base = None;
    if let Some(text) = &init.base_url {
        let url = url::parse(text, None).ok_or_else(|| Invalid::new(&format!("invalid base URL '{text}'")))?;
        inherit(&mut result, init, &url, ty);
        base = Some(url);
    }
    if let Some(value) = &init[Component::Protocol] {
        let value = value.strip_suffix(':').unwrap_or(value);
        result[Component::Protocol] = Some(canonical(ty, value, protocol)?);
    }
    for (component, function) in [
        (Component::Username, credentials as fn(&str) -> Result<String, Invalid>),
        (Component::Password, credentials),
        (Component::Hostname, hostname),
    ] {
        if let Some(value) = &init[component] {
            result[component] = Some(canonical(ty, value, function)?);
        }
    }
    let scheme = result[Component::Protocol].clone().unwrap_or_default();
    if let Some(value) = &init[Component::Port] {
        result[Component::Port] = Some(canonical(ty, value, |value| port_of(value, Some(&scheme)))?);
    }
    if let Some(value) = &init[Component::Pathname] {
        let mut path = value.clone();
        if let Some(base) = base.filter(|base| !base.has_opaque_path())
            && !is_absolute_pathname(&path, ty)
        {
            let base_path = base_text(&base.path_text(), ty);
            if let Some(slash) = base_path.rfind('/') {
                path.insert_str(0, &base_path[..=slash]);
            }
        }
        let structured = scheme.is_empty() || is_special_scheme(&scheme);
        result[Component::Pathname] = Some(canonical(ty, &path, if structured { pathname } else { opaque_pathname })?);
    }
    if let Some(value) = &init[Component::Search] {
        let value = value.strip_prefix('?').unwrap_or(value);
        result[Component::Search] = Some(canonical(ty, value, search)?);
    }
    if let Some(value) = &init[Component::Hash] {
        let value = value.strip_prefix('#').unwrap_or(value);
        result[Component::Hash] = Some(canonical(ty, value, hash)?);
    }
    Ok(result)
}

fn canonical(ty: InitType, value: &str, function: impl FnOnce(&str) -> Result<String, Invalid>) -> Result<String, Invalid> {
    if ty == InitType::Pattern { Ok(value.to_string()) } else { function(value) }
}

/// Takes from a base URL what the init does not give, and nothing more specific than what it gives.
fn inherit(result: &mut Init, init: &Init, base: &Record, ty: InitType) {
    let gives = |components: &[Component]| components.iter().any(|component| init[*component].is_some());
    use Component::{Hash, Hostname, Password, Pathname, Port, Protocol, Search, Username};
    if !gives(&[Protocol]) {
        result[Protocol] = Some(base_text(&base.scheme, ty));
    }
    if ty != InitType::Pattern && !gives(&[Protocol, Hostname, Port, Username]) {
        result[Username] = Some(base_text(&base.username, ty));
    }
    if ty != InitType::Pattern && !gives(&[Protocol, Hostname, Port, Username, Password]) {
        result[Password] = Some(base_text(&base.password, ty));
    }
    if !gives(&[Protocol, Hostname]) {
        result[Hostname] = Some(base_text(base.host.as_deref().unwrap_or_default(), ty));
    }
    if !gives(&[Protocol, Hostname, Port]) {
        result[Port] = Some(base.port.map_or_else(String::new, |port| port.to_string()));
    }
    if !gives(&[Protocol, Hostname, Port, Pathname]) {
        result[Pathname] = Some(base_text(&base.path_text(), ty));
    }
    if !gives(&[Protocol, Hostname, Port, Pathname, Search]) {
        result[Search] = Some(base_text(base.query.as_deref().unwrap_or_default(), ty));
    }
    if !gives(&[Protocol, Hostname, Port, Pathname, Search, Hash]) {
        result[Hash] = Some(base_text(base.fragment.as_deref().unwrap_or_default(), ty));
    }
}
