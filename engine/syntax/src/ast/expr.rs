//! Expressions.

use super::{Class, Function, Ident, JsStr, Pattern, Span};

/// An expression: a tag and a pointer into the arena.
#[derive(Clone, Copy, Debug)]
pub enum Expr<'a> {
    /// A reference to a variable.
    Ident(Ident),
    /// `null`
    Null(Span),
    /// `true` or `false`
    Bool(bool, Span),
    /// A numeric literal.
    Number(&'a NumberLit),
    /// A string literal.
    String(&'a StringLit<'a>),
    /// A BigInt literal.
    BigInt(&'a BigIntLit<'a>),
    /// A regular expression literal.
    RegExp(&'a RegExpLit<'a>),
    /// An untagged template.
    Template(&'a Template<'a>),
    /// A tagged template.
    TaggedTemplate(&'a TaggedTemplate<'a>),
    /// `this`
    This(Span),
    /// `[…]`
    Array(&'a ArrayLit<'a>),
    /// `{…}`
    Object(&'a ObjectLit<'a>),
    /// A function expression or an arrow function (see [`Function::kind`]).
    Function(&'a Function<'a>),
    /// A class expression.
    Class(&'a Class<'a>),
    /// `(…)`. Ends an optional chain, stops name inference for assignment targets; otherwise transparent.
    Paren(&'a Paren<'a>),
    /// A unary operator, not `delete` of a reference.
    Unary(&'a Unary<'a>),
    /// `++` and `--`
    Update(&'a Update<'a>),
    /// A binary operator that evaluates both sides. Left-deep, possibly very long.
    Binary(&'a Binary<'a>),
    /// `&&`, `||`, `??`. Left-deep, possibly very long.
    Logical(&'a Logical<'a>),
    /// `#x in object`
    PrivateIn(&'a PrivateIn<'a>),
    /// `=`, `+=`, `&&=` and so on.
    Assign(&'a Assign<'a>),
    /// `test ? consequent : alternate`
    Conditional(&'a Conditional<'a>),
    /// `a, b, c`: two or more.
    Sequence(&'a Sequence<'a>),
    /// `object.property`
    Member(&'a Member<'a>),
    /// `object[index]`
    Index(&'a Index<'a>),
    /// `object.#property`
    PrivateMember(&'a PrivateMember<'a>),
    /// `super.property`
    SuperMember(&'a SuperMember),
    /// `super[index]`
    SuperIndex(&'a SuperIndex<'a>),
    /// `super(…)`
    SuperCall(&'a SuperCall<'a>),
    /// `callee(…)`
    Call(&'a Call<'a>),
    /// `new callee(…)`
    New(&'a New<'a>),
    /// A whole optional chain: the scope of short-circuiting. Inside, at least one link of the spine has `optional` set; when the
    /// object (or callee) of such a link is null or undefined, the value of this node is undefined.
    OptionalChain(&'a OptionalChain<'a>),
    /// `new.target`
    NewTarget(Span),
    /// `import.meta`
    ImportMeta(Span),
    /// `import(…)`, `import.defer(…)`, `import.source(…)`
    ImportCall(&'a ImportCall<'a>),
    /// `await x`
    Await(&'a Await<'a>),
    /// `yield`, `yield x`, `yield* x`
    Yield(&'a Yield<'a>),
}

/// A numeric literal.
#[derive(Clone, Copy, Debug)]
pub struct NumberLit {
    /// Its value.
    pub value: f64,
    /// Where it is written.
    pub span: Span,
}

/// A string literal.
#[derive(Clone, Copy, Debug)]
pub struct StringLit<'a> {
    /// Its value, escapes resolved.
    pub value: JsStr<'a>,
    /// Where it is written, quotes included.
    pub span: Span,
}

/// A BigInt literal.
#[derive(Clone, Copy, Debug)]
pub struct BigIntLit<'a> {
    /// The digits without prefix, separators, suffix and leading zeros; `0` for zero.
    pub digits: &'a str,
    /// 2, 8, 10 or 16.
    pub radix: u32,
    /// Where it is written.
    pub span: Span,
}

/// A regular expression literal.
#[derive(Clone, Copy, Debug)]
pub struct RegExpLit<'a> {
    /// The text between the slashes.
    pub pattern: &'a str,
    /// The text after the second slash.
    pub flags: &'a str,
    /// Where it is written.
    pub span: Span,
}

/// A template without its tag.
#[derive(Clone, Copy, Debug)]
pub struct Template<'a> {
    /// The literal parts: one more than expressions.
    pub quasis: &'a [TemplateElement<'a>],
    /// The substitutions.
    pub exprs: &'a [Expr<'a>],
    /// From backtick to backtick.
    pub span: Span,
}

/// A literal part of a template.
#[derive(Clone, Copy, Debug)]
pub struct TemplateElement<'a> {
    /// The value, None if an escape is invalid (tagged templates only).
    pub cooked: Option<JsStr<'a>>,
    /// The text as written, with line endings made `\n`.
    pub raw: &'a str,
    /// The text without the delimiters.
    pub span: Span,
}

/// A tagged template.
#[derive(Clone, Copy, Debug)]
pub struct TaggedTemplate<'a> {
    /// The function; an OptionalChain or member expression supplies `this` like a call's callee.
    pub tag: Expr<'a>,
    /// The template.
    pub quasi: &'a Template<'a>,
    /// Number of this site within the program, from 0, for the template object's cache.
    pub site: u32,
    /// The whole expression.
    pub span: Span,
}

/// An array literal.
#[derive(Clone, Copy, Debug)]
pub struct ArrayLit<'a> {
    /// The elements.
    pub elements: &'a [ArrayElement<'a>],
    /// Where it is written.
    pub span: Span,
}

/// An element of an array literal.
#[derive(Clone, Copy, Debug)]
pub enum ArrayElement<'a> {
    /// A hole.
    Hole,
    /// A value.
    Expr(Expr<'a>),
    /// `...iterable`
    Spread(Expr<'a>, Span),
}

/// An argument of a call.
#[derive(Clone, Copy, Debug)]
pub enum Argument<'a> {
    /// A value.
    Expr(Expr<'a>),
    /// `...iterable`
    Spread(Expr<'a>, Span),
}

/// An object literal.
#[derive(Clone, Copy, Debug)]
pub struct ObjectLit<'a> {
    /// The properties in order.
    pub properties: &'a [Property<'a>],
    /// Where it is written.
    pub span: Span,
}

/// A property definition of an object literal.
#[derive(Clone, Copy, Debug)]
pub enum Property<'a> {
    /// `key: value`, or the shorthand `key` whose value is then an [`Expr::Ident`].
    Value {
        /// The key.
        key: PropertyKey<'a>,
        /// The value.
        value: Expr<'a>,
        /// Whether it was written as a shorthand (`__proto__` then defines an ordinary property).
        shorthand: bool,
        /// The whole definition.
        span: Span,
    },
    /// `__proto__: value`, which sets the prototype. Not written for shorthand, computed or method `__proto__`.
    Proto {
        /// The prototype.
        value: Expr<'a>,
        /// The whole definition.
        span: Span,
    },
    /// A method, getter or setter, as [`Function::kind`] says.
    Method {
        /// The key.
        key: PropertyKey<'a>,
        /// The function.
        function: &'a Function<'a>,
        /// The whole definition.
        span: Span,
    },
    /// `...value`
    Spread(Expr<'a>, Span),
    /// `name = default`, valid only in what becomes a pattern. Never in a finished tree.
    CoverInit(&'a CoverInit<'a>),
}

/// A shorthand with initialiser, before the object literal around it becomes a pattern.
#[derive(Clone, Copy, Debug)]
pub struct CoverInit<'a> {
    /// The name.
    pub ident: Ident,
    /// The default.
    pub value: Expr<'a>,
    /// The whole.
    pub span: Span,
}

/// A property name in an object literal, class or pattern.
#[derive(Clone, Copy, Debug)]
pub enum PropertyKey<'a> {
    /// An identifier name.
    Ident(Ident),
    /// A string literal; may look like an array index.
    String(&'a StringLit<'a>),
    /// A numeric literal.
    Number(&'a NumberLit),
    /// A BigInt literal; the key is its decimal digits.
    BigInt(&'a BigIntLit<'a>),
    /// `[expression]`
    Computed(Expr<'a>),
    /// `#name`, only in classes; the interned name includes the `#`.
    Private(Ident),
}

impl PropertyKey<'_> {
    /// Where it is written; of a computed key, the expression inside the brackets.
    pub fn span(&self) -> Span {
        match self {
            PropertyKey::Ident(ident) | PropertyKey::Private(ident) => ident.span,
            PropertyKey::String(literal) => literal.span,
            PropertyKey::Number(literal) => literal.span,
            PropertyKey::BigInt(literal) => literal.span,
            PropertyKey::Computed(expr) => expr.span(),
        }
    }
}

/// A parenthesised expression.
#[derive(Clone, Copy, Debug)]
pub struct Paren<'a> {
    /// What is inside, perhaps another Paren: see [`Expr::without_parens`].
    pub expr: Expr<'a>,
    /// Parentheses included.
    pub span: Span,
}

/// A unary operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `+`
    Plus,
    /// `!`
    Not,
    /// `~`
    BitNot,
    /// `typeof`
    Typeof,
    /// `void`
    Void,
    /// `delete`
    Delete,
}

/// A unary expression.
#[derive(Clone, Copy, Debug)]
pub struct Unary<'a> {
    /// The operator.
    pub op: UnaryOp,
    /// The operand.
    pub operand: Expr<'a>,
    /// The whole.
    pub span: Span,
}

/// `++x`, `x--` and so on.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// True for `++`, false for `--`.
    pub increment: bool,
    /// Whether the operator stands before the operand.
    pub prefix: bool,
    /// What is updated: never an object or array pattern.
    pub target: Pattern<'a>,
    /// The whole.
    pub span: Span,
}

/// A binary operator that evaluates both operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `**`
    Exp,
    /// `<<`
    Shl,
    /// `>>`
    Shr,
    /// `>>>`
    UShr,
    /// `&`
    BitAnd,
    /// `|`
    BitOr,
    /// `^`
    BitXor,
    /// `==`
    Eq,
    /// `!=`
    NotEq,
    /// `===`
    StrictEq,
    /// `!==`
    StrictNotEq,
    /// `<`
    Lt,
    /// `<=`
    LtEq,
    /// `>`
    Gt,
    /// `>=`
    GtEq,
    /// `in`
    In,
    /// `instanceof`
    Instanceof,
}

/// A binary expression.
#[derive(Clone, Copy, Debug)]
pub struct Binary<'a> {
    /// The operator.
    pub op: BinaryOp,
    /// The left operand: the spine of a chain.
    pub left: Expr<'a>,
    /// The right operand.
    pub right: Expr<'a>,
    /// The whole.
    pub span: Span,
}

/// A short-circuiting operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogicalOp {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `??`
    Coalesce,
}

/// A short-circuiting expression.
#[derive(Clone, Copy, Debug)]
pub struct Logical<'a> {
    /// The operator.
    pub op: LogicalOp,
    /// The left operand: the spine of a chain.
    pub left: Expr<'a>,
    /// The right operand.
    pub right: Expr<'a>,
    /// The whole.
    pub span: Span,
}

/// `#name in object`
#[derive(Clone, Copy, Debug)]
pub struct PrivateIn<'a> {
    /// The private name, `#` included in the interned text.
    pub name: Ident,
    /// The object.
    pub object: Expr<'a>,
    /// The whole.
    pub span: Span,
}

/// An assignment operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AssignOp {
    /// `=`
    Assign,
    /// `+=` and so on.
    Binary(BinaryOp),
    /// `&&=`, `||=`, `??=`
    Logical(LogicalOp),
}

/// An assignment.
#[derive(Clone, Copy, Debug)]
pub struct Assign<'a> {
    /// The operator.
    pub op: AssignOp,
    /// The target: an object or array pattern only for `=`. A bare identifier ([`Pattern::Ident`]) names an anonymous function on
    /// the right, a parenthesised one ([`Pattern::Expr`]) does not.
    pub target: Pattern<'a>,
    /// The right side.
    pub value: Expr<'a>,
    /// The whole.
    pub span: Span,
}

/// `test ? consequent : alternate`
#[derive(Clone, Copy, Debug)]
pub struct Conditional<'a> {
    /// The condition.
    pub test: Expr<'a>,
    /// The value if true.
    pub consequent: Expr<'a>,
    /// The value if false.
    pub alternate: Expr<'a>,
    /// The whole.
    pub span: Span,
}

/// `a, b, c`
#[derive(Clone, Copy, Debug)]
pub struct Sequence<'a> {
    /// Two or more expressions.
    pub exprs: &'a [Expr<'a>],
    /// The whole.
    pub span: Span,
}

/// `object.property`
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The object.
    pub object: Expr<'a>,
    /// The property name.
    pub property: Ident,
    /// Written `?.`: see [`Expr::OptionalChain`].
    pub optional: bool,
    /// The whole, from the object's start.
    pub span: Span,
}

/// `object[index]`
#[derive(Clone, Copy, Debug)]
pub struct Index<'a> {
    /// The object.
    pub object: Expr<'a>,
    /// The key.
    pub index: Expr<'a>,
    /// Written `?.[`: see [`Expr::OptionalChain`].
    pub optional: bool,
    /// The whole, from the object's start.
    pub span: Span,
}

/// `object.#property`
#[derive(Clone, Copy, Debug)]
pub struct PrivateMember<'a> {
    /// The object.
    pub object: Expr<'a>,
    /// The private name, `#` included in the interned text.
    pub property: Ident,
    /// Written `?.`: see [`Expr::OptionalChain`].
    pub optional: bool,
    /// The whole, from the object's start.
    pub span: Span,
}

/// `super.property`
#[derive(Clone, Copy, Debug)]
pub struct SuperMember {
    /// The property name.
    pub property: Ident,
    /// The whole.
    pub span: Span,
}

/// `super[index]`
#[derive(Clone, Copy, Debug)]
pub struct SuperIndex<'a> {
    /// The key.
    pub index: Expr<'a>,
    /// The whole.
    pub span: Span,
}

/// `super(…)`
#[derive(Clone, Copy, Debug)]
pub struct SuperCall<'a> {
    /// The arguments.
    pub args: &'a [Argument<'a>],
    /// The whole.
    pub span: Span,
}

/// `callee(…)`
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// What is called; a member expression, possibly in parentheses, supplies `this`.
    pub callee: Expr<'a>,
    /// The arguments.
    pub args: &'a [Argument<'a>],
    /// Written `?.(`: see [`Expr::OptionalChain`].
    pub optional: bool,
    /// The callee is the identifier `eval`, possibly in parentheses, and the call is not optional.
    pub direct_eval: bool,
    /// The whole, from the callee's start.
    pub span: Span,
}

/// `new callee(…)`
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// The constructor.
    pub callee: Expr<'a>,
    /// The arguments; empty also if there is no list.
    pub args: &'a [Argument<'a>],
    /// The whole.
    pub span: Span,
}

/// A whole optional chain.
#[derive(Clone, Copy, Debug)]
pub struct OptionalChain<'a> {
    /// The last link.
    pub expr: Expr<'a>,
    /// The whole.
    pub span: Span,
}

/// When a dynamically or statically imported module is evaluated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportPhase {
    /// `import`
    Evaluation,
    /// `import defer`
    Defer,
    /// `import source`
    Source,
}

/// A dynamic import.
#[derive(Clone, Copy, Debug)]
pub struct ImportCall<'a> {
    /// The phase.
    pub phase: ImportPhase,
    /// The specifier.
    pub specifier: Expr<'a>,
    /// The second argument.
    pub options: Option<Expr<'a>>,
    /// The whole.
    pub span: Span,
}

/// `await operand`
#[derive(Clone, Copy, Debug)]
pub struct Await<'a> {
    /// What is awaited.
    pub operand: Expr<'a>,
    /// The whole.
    pub span: Span,
}

/// A yield.
#[derive(Clone, Copy, Debug)]
pub struct Yield<'a> {
    /// The value, absent only without `*`.
    pub operand: Option<Expr<'a>>,
    /// Whether it is `yield*`.
    pub delegate: bool,
    /// The whole.
    pub span: Span,
}

impl<'a> Expr<'a> {
    /// Where it is written.
    pub fn span(&self) -> Span {
        match *self {
            Expr::Ident(ident) => ident.span,
            Expr::Null(span) | Expr::Bool(_, span) | Expr::This(span) | Expr::NewTarget(span) | Expr::ImportMeta(span) => span,
            Expr::Number(node) => node.span,
            Expr::String(node) => node.span,
            Expr::BigInt(node) => node.span,
            Expr::RegExp(node) => node.span,
            Expr::Template(node) => node.span,
            Expr::TaggedTemplate(node) => node.span,
            Expr::Array(node) => node.span,
            Expr::Object(node) => node.span,
            Expr::Function(node) => node.span,
            Expr::Class(node) => node.span,
            Expr::Paren(node) => node.span,
            Expr::Unary(node) => node.span,
            Expr::Update(node) => node.span,
            Expr::Binary(node) => node.span,
            Expr::Logical(node) => node.span,
            Expr::PrivateIn(node) => node.span,
            Expr::Assign(node) => node.span,
            Expr::Conditional(node) => node.span,
            Expr::Sequence(node) => node.span,
            Expr::Member(node) => node.span,
            Expr::Index(node) => node.span,
            Expr::PrivateMember(node) => node.span,
            Expr::SuperMember(node) => node.span,
            Expr::SuperIndex(node) => node.span,
            Expr::SuperCall(node) => node.span,
            Expr::Call(node) => node.span,
            Expr::New(node) => node.span,
            Expr::OptionalChain(node) => node.span,
            Expr::ImportCall(node) => node.span,
            Expr::Await(node) => node.span,
            Expr::Yield(node) => node.span,
        }
    }

    /// The expression without any parentheses around it.
    pub fn without_parens(self) -> Expr<'a> {
        let mut expr = self;
        while let Expr::Paren(paren) = expr {
            expr = paren.expr;
        }
        expr
    }
}

const _: () = assert!(size_of::<Expr<'static>>() == 16);
