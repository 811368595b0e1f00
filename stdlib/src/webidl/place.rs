//! Where a conversion happens, for messages worded as V8's.

use mayfly_engine::context::Context;
use mayfly_engine::native::Thrown;

/// What kind of member is running.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlaceKind {
    /// `new X(…)`
    Constructor,
    /// A method.
    Method,
    /// Reading an attribute.
    Getter,
    /// Setting an attribute.
    Setter,
}

/// A member of an interface, an argument of it, a member of a dictionary.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    kind: PlaceKind,
    interface: &'a str,
    member: &'a str,
    /// From 1; 0 when no argument is meant.
    argument: usize,
    /// Where the dictionary came from that this is a member of, then dictionary and member.
    outer: Option<(&'a Place<'a>, &'a str, &'a str)>,
}

impl<'a> Place<'a> {
    /// A member of an interface.
    pub const fn member(kind: PlaceKind, interface: &'a str, member: &'a str) -> Place<'a> {
        Place { kind, interface, member, argument: 0, outer: None }
    }

    /// A method, for conversions made by hand.
    pub const fn method(interface: &'a str, member: &'a str) -> Place<'a> {
        Place::member(PlaceKind::Method, interface, member)
    }

    /// Argument `index` (from 0) of this member.
    pub const fn argument(&self, index: usize) -> Place<'a> {
        Place { argument: index + 1, ..*self }
    }

    /// Member `name` of a dictionary that was found here.
    pub const fn of_dictionary_member<'b>(&'b self, dictionary: &'b str, name: &'b str) -> Place<'b> {
        Place { kind: self.kind, interface: self.interface, member: self.member, argument: 0, outer: Some((self, dictionary, name)) }
    }

    /// A whole message from its last part.
    pub fn message(&self, detail: &str) -> String {
        match self.outer {
            Some((outer, dictionary, name)) => {
                outer.message(&format!("Failed to read the '{name}' property from '{dictionary}': {detail}"))
            }
            None => {
                let Place { interface, member, .. } = self;
                match self.kind {
                    PlaceKind::Constructor => format!("Failed to construct '{interface}': {detail}"),
                    PlaceKind::Method => format!("Failed to execute '{member}' on '{interface}': {detail}"),
                    PlaceKind::Getter => format!("Failed to read the '{member}' property from '{interface}': {detail}"),
                    PlaceKind::Setter => format!("Failed to set the '{member}' property on '{interface}': {detail}"),
                }
            }
        }
    }

    /// A TypeError with this detail.
    #[cold]
    pub fn type_error(&self, cx: &mut Context, detail: &str) -> Thrown {
        let message = self.message(detail);
        cx.throw_type_error(&message)
    }

    /// A TypeError: the value is not of the wanted type.
    #[cold]
    pub fn wrong_type(&self, cx: &mut Context, wanted: &str) -> Thrown {
        if self.argument > 0 {
            return self.type_error(cx, &format!("parameter {} is not of type '{wanted}'.", self.argument));
        }
        self.type_error(cx, &format!("Failed to convert value to '{wanted}'."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages() {
        let place = Place::member(PlaceKind::Constructor, "Request", "constructor");
        let argument = place.argument(1);
        let inner = argument.of_dictionary_member("RequestInit", "mode");
        assert_eq!(inner.message("x"), "Failed to construct 'Request': Failed to read the 'mode' property from 'RequestInit': x");
        assert_eq!(Place::method("Headers", "get").message("x"), "Failed to execute 'get' on 'Headers': x");
        assert_eq!(Place::member(PlaceKind::Setter, "URL", "href").message("x"), "Failed to set the 'href' property on 'URL': x");
        assert_eq!(Place::member(PlaceKind::Getter, "URL", "href").message("x"), "Failed to read the 'href' property from 'URL': x");
    }
}
