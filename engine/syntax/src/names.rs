//! The table of names: identifiers, private names and export names, each held once and compared as a number.

use lasso::{Key, Rodeo, Spur};

/// An interned name. Equal names have equal numbers within one [`Names`] table.
///
/// Private names are interned with their `#`, so that `#x` and `x` differ.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(std::num::NonZeroU32);

impl Name {
    const fn known(index: u32) -> Name {
        match std::num::NonZeroU32::new(index + 1) {
            Some(number) => Name(number),
            None => panic!("index overflow"),
        }
    }

    /// A small number, dense from 0, usable as an index into side tables of the same [`Names`].
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    fn spur(self) -> Spur {
        Spur::try_from_usize(self.index()).expect("a name's number came from a Spur")
    }

    fn from_spur(spur: Spur) -> Name {
        Name(std::num::NonZeroU32::new(spur.into_usize() as u32 + 1).expect("one more than an unsigned number is not zero"))
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match KNOWN.get(self.index()) {
            Some(text) => write!(f, "Name({text})"),
            None => write!(f, "Name({})", self.index()),
        }
    }
}

/// The interner. Single-threaded; one per compilation or shared by all scripts and modules of an isolate.
pub struct Names {
    rodeo: Rodeo,
}

impl Default for Names {
    fn default() -> Self {
        Names::new()
    }
}

impl Names {
    /// A table that holds the names of [`known`] under their constants.
    pub fn new() -> Names {
        let mut rodeo = Rodeo::new();
        for text in KNOWN {
            rodeo.get_or_intern_static(text);
        }
        Names { rodeo }
    }

    /// The name with this text, new or old.
    pub fn intern(&mut self, text: &str) -> Name {
        Name::from_spur(self.rodeo.get_or_intern(text))
    }

    /// The name with this text if anyone has interned it.
    pub fn get(&self, text: &str) -> Option<Name> {
        self.rodeo.get(text).map(Name::from_spur)
    }

    /// The text of a name of this table.
    pub fn text(&self, name: Name) -> &str {
        self.rodeo.resolve(&name.spur())
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.rodeo.len()
    }

    /// Never true: the known names are always there.
    pub fn is_empty(&self) -> bool {
        self.rodeo.is_empty()
    }
}

macro_rules! known_names {
    ($($constant:ident = $text:literal),* $(,)?) => {
        /// Names that the syntax or a later pass must recognise, the same number in every [`Names`].
        pub mod known {
            use super::Name;
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum Index { $($constant),* }
            $(#[doc = concat!("`", $text, "`")] pub const $constant: Name = Name::known(Index::$constant as u32);)*
        }
        const KNOWN: &[&str] = &[$($text),*];
    };
}

known_names! {
    EMPTY = "",
    ARGUMENTS = "arguments",
    EVAL = "eval",
    ASYNC = "async",
    AWAIT = "await",
    YIELD = "yield",
    LET = "let",
    STATIC = "static",
    OF = "of",
    GET = "get",
    SET = "set",
    AS = "as",
    FROM = "from",
    META = "meta",
    TARGET = "target",
    USING = "using",
    DEFER = "defer",
    SOURCE = "source",
    WITH = "with",
    IMPLEMENTS = "implements",
    INTERFACE = "interface",
    PACKAGE = "package",
    PRIVATE = "private",
    PROTECTED = "protected",
    PUBLIC = "public",
    ACCESSOR = "accessor",
    CONSTRUCTOR = "constructor",
    PRIVATE_CONSTRUCTOR = "#constructor",
    PROTOTYPE = "prototype",
    PROTO = "__proto__",
    DEFAULT = "default",
    STAR_DEFAULT = "*default*",
    UNDEFINED = "undefined",
    NAME = "name",
    LENGTH = "length",
    THIS = "this",
    NEW_TARGET = "new.target",
    HOME_OBJECT = "%home",
    ACTIVE_FUNCTION = "%function",
    ANONYMOUS = "anonymous",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_keep_their_numbers() {
        let mut names = Names::new();
        assert_eq!(names.intern("arguments"), known::ARGUMENTS);
        assert_eq!(names.intern("anonymous"), known::ANONYMOUS);
        assert_eq!(names.text(known::PROTO), "__proto__");
        let new = names.intern("newcomer");
        assert_eq!(new.index(), KNOWN.len());
        assert_eq!(names.text(new), "newcomer");
        assert_eq!(names.get("newcomer"), Some(new));
        assert_eq!(names.get("unseen"), None);
    }
}
