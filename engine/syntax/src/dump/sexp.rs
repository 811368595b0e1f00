//! S-expressions and their layout.

/// Lists that fit are written on one line of at most this many characters, indentation included.
const LINE_WIDTH: usize = 100;

/// An atom or a list.
pub(super) enum Sexp {
    /// Text without structure.
    Atom(String),
    /// A parenthesised list and its width on one line.
    List(Vec<Sexp>, usize),
}

/// An atom.
pub(super) fn atom(text: impl Into<String>) -> Sexp {
    Sexp::Atom(text.into())
}

/// A list that begins with an atom.
pub(super) fn list(head: &str, items: Vec<Sexp>) -> Sexp {
    let mut all = Vec::with_capacity(items.len() + 1);
    all.push(atom(head));
    all.extend(items);
    bare_list(all)
}

/// A list.
pub(super) fn bare_list(items: Vec<Sexp>) -> Sexp {
    let width = items.iter().map(Sexp::width).sum::<usize>() + items.len().saturating_sub(1) + 2;
    Sexp::List(items, width)
}

impl Sexp {
    fn width(&self) -> usize {
        match self {
            Sexp::Atom(text) => text.chars().count(),
            Sexp::List(_, width) => *width,
        }
    }

    /// The text with a newline at its end.
    pub(super) fn print(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.push('\n');
        out
    }

    /// Writes a list on one line if it fits; else its leading atoms on the first line and each further item on a line of its own.
    fn write(&self, out: &mut String, indent: usize) {
        let (items, width) = match self {
            Sexp::Atom(text) => return out.push_str(text),
            Sexp::List(items, width) => (items, *width),
        };
        let broken = indent + width > LINE_WIDTH;
        let mut leading = true;
        out.push('(');
        for (number, item) in items.iter().enumerate() {
            leading &= matches!(item, Sexp::Atom(_));
            if number > 0 && broken && !leading {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent + 2));
            } else if number > 0 {
                out.push(' ');
            }
            item.write(out, indent + 2);
        }
        out.push(')');
    }
}
