//! Types as TypeScript writes them, and the dictionaries, enumerations and typedefs that they name.

use crate::webidl::declaration::{Declaration, DeclaredArgument, DeclaredDictionary, DeclaredEnumeration, Type};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;

/// Where a type stands. What goes in may be any iterable where an array comes out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Position {
    /// An argument, or a member of a dictionary.
    Argument,
    /// An attribute, or what a method gives.
    Result,
}

/// A type's text, in a promise if it comes in one.
pub(super) fn show(ty: &Type, position: Position, is_promise: bool) -> String {
    let text = match ty {
        Type::Text(text) => (*text).to_string(),
        Type::Nullable(inner) => format!("{} | null", show(inner, position, false)),
        Type::Rest(inner) => format!("Array<{}>", show(inner, position, false)),
        Type::Sequence(inner) => {
            let list = if position == Position::Argument { "Iterable" } else { "Array" };
            format!("{list}<{}>", show(inner, position, false))
        }
        Type::Record(key, value) => format!("Record<{}, {}>", show(key, position, false), show(value, position, false)),
        Type::Union("", members) => members.iter().map(|member| show(member, position, false)).collect::<Vec<_>>().join(" | "),
        Type::Union(name, _) => (*name).to_string(),
        Type::Dictionary(name, _) => (*name).to_string(),
        Type::Enumeration(enumeration) => enumeration.name.to_string(),
    };
    if is_promise { format!("Promise<{text}>") } else { text }
}

/// `name: Type`
pub(super) fn argument(argument: &DeclaredArgument, is_optional: bool) -> String {
    let ty = show(&argument.ty, Position::Argument, false);
    match (&argument.ty, is_optional) {
        (Type::Rest(_), _) => format!("...{}: {ty}", argument.name),
        (_, true) => format!("{}?: {ty}", argument.name),
        (_, false) => format!("{}: {ty}", argument.name),
    }
}

/// Everything that the declarations name and that needs a declaration of its own, by name.
#[derive(Default)]
pub(super) struct Collected {
    dictionaries: BTreeMap<&'static str, Rc<DeclaredDictionary>>,
    enumerations: BTreeMap<&'static str, DeclaredEnumeration>,
    unions: BTreeMap<&'static str, Vec<Type>>,
}

impl Collected {
    /// What a class or namespace names.
    pub(super) fn add_declaration(&mut self, declaration: &Declaration) {
        for ty in &declaration.uses {
            self.add(ty);
        }
        for member in &declaration.members {
            self.add(&member.result);
            for argument in &member.arguments {
                self.add(&argument.ty);
            }
        }
    }

    fn add(&mut self, ty: &Type) {
        match ty {
            Type::Text(_) => {}
            Type::Nullable(inner) | Type::Rest(inner) | Type::Sequence(inner) => self.add(inner),
            Type::Record(key, value) => {
                self.add(key);
                self.add(value);
            }
            Type::Union(name, members) => {
                if name.is_empty() || self.unions.insert(name, members.clone()).is_none() {
                    members.iter().for_each(|member| self.add(member));
                }
            }
            Type::Dictionary(name, declared) => {
                if !self.dictionaries.contains_key(name) {
                    let dictionary = Rc::new(declared());
                    self.dictionaries.insert(name, Rc::clone(&dictionary));
                    dictionary.parents.iter().for_each(|parent| self.add(parent));
                    dictionary.members.iter().for_each(|member| self.add(&member.ty));
                }
            }
            Type::Enumeration(enumeration) => {
                self.enumerations.insert(enumeration.name, *enumeration);
            }
        }
    }

    /// Their declarations.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (name, members) in &self.unions {
            let members: Vec<String> = members.iter().map(|member| show(member, Position::Argument, false)).collect();
            let _ = write!(text, "\ntype {name} =\n  | {};\n", members.join("\n  | "));
        }
        for (name, enumeration) in &self.enumerations {
            let values: Vec<String> = enumeration.values.split('\n').map(|value| format!("{value:?}")).collect();
            let _ = write!(text, "\ntype {name} = {};\n", values.join(" | "));
        }
        for (name, dictionary) in &self.dictionaries {
            let parents: Vec<String> = dictionary.parents.iter().map(|parent| show(parent, Position::Argument, false)).collect();
            let extends = if parents.is_empty() { String::new() } else { format!(" extends {}", parents.join(", ")) };
            let _ = writeln!(text, "\ninterface {name}{}{extends} {{", dictionary.generics);
            for member in &dictionary.members {
                let _ = writeln!(text, "  {};", argument(member, member.is_optional));
            }
            text.push_str("}\n");
        }
        text
    }
}
