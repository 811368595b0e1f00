//! TypeScript declarations of the worker scope, from what the Web IDL macros make beside the class tables.
//!
//! Interfaces, namespaces, dictionaries and enumerations come from their Rust code; `library.d.ts` holds what has no table there.

mod types;

use crate::ENTRIES;
use crate::webidl::declaration::{Declaration, DeclarationKind, DeclaredKind, DeclaredMember};
use std::fmt::Write;
use types::{Collected, Position, show};

const LIBRARY: &str = include_str!("library.d.ts");

/// The same for a namespace that holds interfaces.
const NAMESPACE_LIBRARIES: [(&str, &str); 1] = [("WebAssembly", include_str!("webassembly.d.ts"))];

const HEAD: &str = "\
// TypeScript declarations of the scope that workers run in, made by `mayfly types`.
// They stand for the libraries \"dom\" and \"webworker\". In tsconfig.json:
//   { \"compilerOptions\": { \"lib\": [\"esnext\"], \"types\": [], \"strict\": true }, \"files\": [\"mayfly.d.ts\", \"worker.ts\"] }
";

/// What makes the declarations of the classes, none for those that scripts cannot name. The compiler takes it out of the entries: their
/// class tables are not for the binary.
static DECLARATIONS: [Option<fn() -> Declaration>; ENTRIES.len()] = {
    let mut functions = [None; ENTRIES.len()];
    let mut index = 0;
    while index < ENTRIES.len() {
        functions[index] = ENTRIES[index].declaration;
        index += 1;
    }
    functions
};

/// Interface of the global object.
const SCOPE: &str = "ServiceWorkerGlobalScope";

/// What a worker is bound to, for the interface `Env`.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    /// Names of texts.
    pub texts: Vec<String>,
    /// Names of KV namespaces.
    pub namespaces: Vec<String>,
    /// Whether the worker listens for events, and so finds them as properties of the global object.
    pub are_global: bool,
    /// Whether the worker has a location.
    pub has_location: bool,
}

impl Bindings {
    fn all(&self) -> impl Iterator<Item = (&String, &'static str)> {
        self.texts.iter().map(|name| (name, "string")).chain(self.namespaces.iter().map(|name| (name, "KVNamespace")))
    }
}

/// The text of a declaration file.
pub fn declarations(bindings: &Bindings) -> String {
    let declared: Vec<Declaration> = DECLARATIONS.iter().flatten().map(|declaration| declaration()).collect();
    let mut all: Vec<&Declaration> = declared.iter().collect();
    // Tables of functions that scripts do not see have names that none can be written with.
    all.retain(|declaration| declaration.kind != DeclarationKind::Iterator && !declaration.name.starts_with('%'));
    all.sort_by_key(|declaration| declaration.name);
    let mut collected = Collected::default();
    let (inner, all): (Vec<&Declaration>, Vec<&Declaration>) = all.into_iter().partition(|declaration| !declaration.namespace.is_empty());
    let inner_of = |name: &str| inner.iter().copied().filter(|declaration| declaration.namespace == name).collect::<Vec<_>>();
    for declaration in all.iter().filter(|declaration| inner_of(declaration.name).is_empty()) {
        collected.add_declaration(declaration);
    }
    let mut out = Writer { text: format!("{HEAD}\n{LIBRARY}"), events: events_of_scope(&all) };
    out.text.push_str(&collected.text());
    let globals: Vec<&DeclaredMember> =
        all.iter().filter(|declaration| declaration.kind == DeclarationKind::Global).flat_map(|declaration| &declaration.members).collect();
    for declaration in &all {
        match declaration.kind {
            DeclarationKind::Interface => out.interface(declaration, if declaration.name == SCOPE { &globals } else { &[] }),
            DeclarationKind::Namespace => match inner_of(declaration.name).as_slice() {
                [] => out.namespace(declaration),
                inner => out.namespace_with_interfaces(declaration, inner),
            },
            DeclarationKind::Global | DeclarationKind::Iterator => {}
        }
    }
    out.globals(&globals);
    out.bindings(bindings);
    out.text
}

fn events_of_scope<'a>(all: &[&'a Declaration]) -> &'a [(&'static str, &'static str)] {
    all.iter().find(|declaration| declaration.name == SCOPE).map_or(&[], |declaration| &declaration.events)
}

struct Writer<'a> {
    text: String,
    events: &'a [(&'static str, &'static str)],
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A comment, if there is anything to say.
    fn docs(&mut self, indent: &str, docs: &str) {
        if !docs.is_empty() {
            let plain = docs.replace("*/", "").replace(['[', ']'], "").replace("<https:", "https:").replace("/>", "/");
            let plain = plain.split_whitespace().map(|word| if word.starts_with("https:") { word.trim_end_matches('>') } else { word });
            let plain = plain.collect::<Vec<_>>().join(" ");
            self.line(&format!("{indent}/** {plain} */"));
        }
    }

    // https://webidl.spec.whatwg.org/#idl-interfaces
    fn interface(&mut self, declaration: &Declaration, more: &[&DeclaredMember]) {
        let Declaration { name, generics, parent, .. } = *declaration;
        self.text.push('\n');
        if !declaration.events.is_empty() {
            self.event_map(name, &declaration.events);
        }
        self.docs("", declaration.docs);
        let extends = if parent.is_empty() { String::new() } else { format!(" extends {parent}") };
        self.line(&format!("interface {name}{generics}{extends} {{"));
        let handlers = Handlers { interface: name, events: &declaration.events };
        for member in declaration.members.iter().chain(more.iter().copied()) {
            if !member.is_static && member.kind != DeclaredKind::Constructor {
                self.docs("  ", member.docs);
                for line in member_lines(member, &declaration.members, &handlers) {
                    self.line(&format!("  {line}"));
                }
            }
        }
        if !declaration.events.is_empty() {
            for line in listener_lines(name) {
                self.line(&format!("  {line}"));
            }
        }
        self.line("}");
        if declaration.is_global || !declaration.namespace.is_empty() {
            self.constructor(declaration, &handlers);
        }
    }

    fn event_map(&mut self, name: &str, events: &[(&str, &str)]) {
        self.line(&format!("interface {name}EventMap {{"));
        for (event, ty) in events {
            self.line(&format!("  {event}: {ty};"));
        }
        self.line("}\n");
    }

    fn constructor(&mut self, declaration: &Declaration, handlers: &Handlers<'_>) {
        let name = declaration.name;
        let constructor = declaration.members.iter().find(|member| member.kind == DeclaredKind::Constructor);
        match constructor {
            Some(_) => self.line(&format!("declare var {name}: {{")),
            // Nothing that can be called with `new`, but `instanceof` and `extends` want a constructor type.
            None => self.line(&format!("declare var {name}: (abstract new () => {name}) & {{")),
        }
        self.line(&format!("  prototype: {name};"));
        if let Some(constructor) = constructor {
            for signature in signatures(constructor, name) {
                self.line(&format!("  new{signature};"));
            }
        }
        for member in declaration.members.iter().filter(|member| member.is_static || matches!(member.kind, DeclaredKind::Constant(_))) {
            self.docs("  ", member.docs);
            for line in member_lines(member, &declaration.members, handlers) {
                self.line(&format!("  {line}"));
            }
        }
        self.line("};");
    }

    // https://webidl.spec.whatwg.org/#idl-namespaces
    fn namespace(&mut self, declaration: &Declaration) {
        let name = declaration.name;
        let mut interface = name.to_string();
        if let Some(first) = interface.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        self.text.push('\n');
        self.docs("", declaration.docs);
        self.line(&format!("interface {interface} {{"));
        let handlers = Handlers { interface: name, events: &[] };
        for member in &declaration.members {
            for line in member_lines(member, &declaration.members, &handlers) {
                self.line(&format!("  {line}"));
            }
        }
        self.line("}");
        if declaration.is_global {
            self.line(&format!("declare var {name}: {interface};"));
        }
    }

    // https://webidl.spec.whatwg.org/#LegacyNamespace
    /// A namespace object with interfaces in it, and what they name.
    fn namespace_with_interfaces(&mut self, declaration: &Declaration, interfaces: &[&Declaration]) {
        let name = declaration.name;
        let library = NAMESPACE_LIBRARIES.iter().find(|(namespace, _)| *namespace == name).map_or("", |(_, library)| library);
        let mut collected = Collected::default();
        let mut inner = Writer { text: library.to_string(), events: &[] };
        for declared in interfaces.iter().copied().chain([declaration]) {
            collected.add_declaration(declared);
        }
        inner.text.push_str(&collected.text());
        for interface in interfaces {
            inner.interface(interface, &[]);
        }
        let handlers = Handlers { interface: name, events: &[] };
        for member in &declaration.members {
            inner.docs("", member.docs);
            match member.kind {
                DeclaredKind::Method => {
                    for signature in signatures(member, "") {
                        inner.line(&format!("function {}{signature};", member.name));
                    }
                }
                _ => inner.line(&format!("const {}: {};", member.name, handlers.attribute(member))),
            }
        }
        self.text.push('\n');
        self.docs("", declaration.docs);
        self.line(&format!("declare namespace {name} {{"));
        for line in inner.text.lines().filter(|line| !line.is_empty()) {
            self.line(&format!("  {}", line.strip_prefix("declare ").unwrap_or(line)));
        }
        self.line("}");
    }

    fn globals(&mut self, members: &[&DeclaredMember]) {
        self.text.push('\n');
        let handlers = Handlers { interface: SCOPE, events: self.events };
        for member in members {
            self.docs("", member.docs);
            match member.kind {
                DeclaredKind::Method => {
                    for signature in signatures(member, "") {
                        self.line(&format!("declare function {}{signature};", member.name));
                    }
                }
                _ => self.line(&format!("declare var {}: {};", member.name, handlers.attribute(member))),
            }
        }
        for line in listener_lines(SCOPE) {
            self.line(&format!("declare function {line}"));
        }
        self.line("declare function dispatchEvent(event: Event): boolean;");
    }

    fn bindings(&mut self, bindings: &Bindings) {
        if bindings.has_location {
            self.line("declare var location: WorkerLocation;");
            self.line("declare var origin: string;");
        }
        self.text.push_str("\n/** What the worker is bound to: the second argument of a module worker's handlers. */\n");
        if bindings.are_global || bindings.all().next().is_none() {
            self.line("interface Env {}");
        } else {
            self.line("interface Env {");
            for (name, ty) in bindings.all() {
                self.line(&format!("  {}: {ty};", property_name(name)));
            }
            self.line("}");
        }
        if bindings.are_global {
            for (name, ty) in bindings.all() {
                self.line(&format!("declare const {name}: {ty};"));
            }
        }
    }
}

/// A name as the key of a property.
fn property_name(name: &str) -> String {
    let is_plain =
        name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$') && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_plain && !name.is_empty() { name.to_string() } else { format!("{name:?}") }
}

/// Types of event handler attributes.
struct Handlers<'a> {
    interface: &'a str,
    events: &'a [(&'static str, &'static str)],
}

impl Handlers<'_> {
    /// Type of an attribute.
    fn attribute(&self, member: &DeclaredMember) -> String {
        let event = member.name.strip_prefix("on").and_then(|name| self.events.iter().find(|(event, _)| *event == name));
        match event {
            // The global object's gets the parts of the event instead.
            Some(("error", _)) if self.interface == SCOPE => "OnErrorEventHandler".to_string(),
            Some((_, ty)) => format!("((this: {}, event: {ty}) => any) | null", self.interface),
            None => show(&member.result, Position::Result, member.is_promise),
        }
    }
}

/// `addEventListener` and `removeEventListener` that know the interface's events.
fn listener_lines(interface: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, options) in [("addEventListener", "AddEventListenerOptions"), ("removeEventListener", "EventListenerOptions")] {
        lines.push(format!(
            "{name}<K extends keyof {interface}EventMap>(type: K, callback: (this: {interface}, event: {interface}EventMap[K]) => any, \
             options?: boolean | {options}): void;"
        ));
        lines.push(format!(
            "{name}(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | {options}): void;"
        ));
    }
    lines
}

fn member_lines(member: &DeclaredMember, all: &[DeclaredMember], handlers: &Handlers<'_>) -> Vec<String> {
    let name = member.name;
    match member.kind {
        DeclaredKind::Constructor => Vec::new(),
        DeclaredKind::Method => signatures(member, "").into_iter().map(|signature| format!("{name}{signature};")).collect(),
        DeclaredKind::Attribute { writable } => {
            let readonly = if writable { "" } else { "readonly " };
            vec![format!("{readonly}{name}: {};", handlers.attribute(member))]
        }
        DeclaredKind::Constant(value) => vec![format!("readonly {name}: {value};")],
        DeclaredKind::Alias(of) => {
            let Some(of) = all.iter().find(|other| other.name == of && !other.is_static) else { return Vec::new() };
            signatures(of, "").into_iter().map(|signature| format!("{name}{signature};")).collect()
        }
    }
}

/// `(name: Type, …): Result` of each overload. Constructors give instances of `interface`.
fn signatures(member: &DeclaredMember, interface: &str) -> Vec<String> {
    if !member.signatures.is_empty() {
        return member.signatures.iter().map(|text| (*text).to_string()).collect();
    }
    let mut text = String::from("(");
    for (i, argument) in member.arguments.iter().enumerate() {
        if i > 0 {
            text.push_str(", ");
        }
        // What comes before a required argument is required in TypeScript.
        let is_optional = argument.is_optional && member.arguments[i + 1..].iter().all(|later| later.is_optional);
        text.push_str(&types::argument(argument, is_optional));
    }
    text.push_str("): ");
    let result = match member.kind {
        DeclaredKind::Constructor => interface.to_string(),
        _ => show(&member.result, Position::Result, member.is_promise),
    };
    let _ = write!(text, "{result}");
    vec![text]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bindings_are_members_of_env_or_globals() {
        let mut bindings = Bindings {
            texts: vec!["API_URL".to_string(), "a-b".to_string()],
            namespaces: vec!["STORE".to_string()],
            ..Bindings::default()
        };
        let text = declarations(&bindings);
        assert!(text.ends_with("interface Env {\n  API_URL: string;\n  \"a-b\": string;\n  STORE: KVNamespace;\n}\n"), "{text}");
        assert!(!text.contains("declare var location"));
        bindings.texts.pop();
        bindings.are_global = true;
        bindings.has_location = true;
        let text = declarations(&bindings);
        assert!(text.ends_with("interface Env {}\ndeclare const API_URL: string;\ndeclare const STORE: KVNamespace;\n"), "{text}");
        assert!(text.contains("declare var location: WorkerLocation;\ndeclare var origin: string;\n"), "{text}");
    }
}
