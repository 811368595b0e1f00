//! The walk over expressions.

use super::BindingKind;
use super::analyser::Analyser;
use crate::ast::{Argument, ArrayElement, Expr, Property, UnaryOp};
use crate::error::SyntaxError;
use crate::names::known;

type Walked = Result<(), SyntaxError>;

impl<'a, 'n> Analyser<'a, 'n> {
    pub(super) fn optional(&mut self, expr: Option<Expr<'a>>) -> Walked {
        expr.map_or(Ok(()), |expr| self.expression(expr))
    }

    /// Walks an expression; along the left spine of binary and logical chains in a loop.
    pub(super) fn expression(&mut self, expr: Expr<'a>) -> Walked {
        let mut expr = expr;
        loop {
            // One part of the expression is left to the next turn of the loop.
            expr = match expr {
                Expr::Ident(ident) => {
                    self.reference(ident, false);
                    return Ok(());
                }
                Expr::Null(_)
                | Expr::Bool(..)
                | Expr::Number(_)
                | Expr::String(_)
                | Expr::BigInt(_)
                | Expr::RegExp(_)
                | Expr::ImportMeta(_) => return Ok(()),
                Expr::This(_) => {
                    self.capture(&[BindingKind::This]);
                    return Ok(());
                }
                Expr::NewTarget(_) => {
                    self.capture(&[BindingKind::NewTarget]);
                    return Ok(());
                }
                Expr::SuperMember(_) => {
                    self.capture(&[BindingKind::This, BindingKind::HomeObject]);
                    return Ok(());
                }
                Expr::SuperIndex(node) => {
                    self.capture(&[BindingKind::This, BindingKind::HomeObject]);
                    node.index
                }
                Expr::SuperCall(node) => {
                    self.capture(&[BindingKind::This, BindingKind::NewTarget, BindingKind::ActiveFunction]);
                    return self.arguments(node.args);
                }
                Expr::Template(node) => return node.exprs.iter().try_for_each(|each| self.expression(*each)),
                Expr::TaggedTemplate(node) => {
                    node.quasi.exprs.iter().try_for_each(|each| self.expression(*each))?;
                    node.tag
                }
                Expr::Array(node) => return self.array(node.elements),
                Expr::Object(node) => return self.object(node.properties),
                Expr::Function(node) => return self.function(node, false),
                Expr::Class(node) => return self.class(node),
                Expr::Paren(node) => node.expr,
                Expr::Unary(node) => match node.operand.without_parens() {
                    Expr::Member(member) if node.op == UnaryOp::Delete => member.object,
                    operand => operand,
                },
                Expr::Update(node) => return self.assignment_pattern(node.target),
                Expr::Binary(node) => {
                    self.expression(node.right)?;
                    node.left
                }
                Expr::Logical(node) => {
                    self.expression(node.right)?;
                    node.left
                }
                Expr::PrivateIn(node) => {
                    self.private_reference(node.name);
                    node.object
                }
                Expr::Assign(node) => {
                    self.assignment_pattern(node.target)?;
                    node.value
                }
                Expr::Conditional(node) => {
                    self.expression(node.test)?;
                    self.expression(node.consequent)?;
                    node.alternate
                }
                Expr::Sequence(node) => return node.exprs.iter().try_for_each(|each| self.expression(*each)),
                Expr::Member(node) => {
                    if let (Expr::Ident(ident), known::LENGTH) = (node.object, node.property.name) {
                        self.harmless_reference(ident);
                        return Ok(());
                    }
                    node.object
                }
                Expr::Index(node) => {
                    self.expression(node.index)?;
                    node.object
                }
                Expr::PrivateMember(node) => {
                    self.private_reference(node.property);
                    node.object
                }
                Expr::Call(node) => {
                    if node.direct_eval {
                        self.direct_eval(node.span);
                    }
                    self.arguments(node.args)?;
                    // A method call hands its object over.
                    match node.callee {
                        Expr::Member(member) => member.object,
                        callee => callee,
                    }
                }
                Expr::New(node) => {
                    self.arguments(node.args)?;
                    node.callee
                }
                Expr::OptionalChain(node) => node.expr,
                Expr::ImportCall(node) => {
                    self.optional(node.options)?;
                    node.specifier
                }
                Expr::Await(node) => node.operand,
                Expr::Yield(node) => match node.operand {
                    Some(operand) => operand,
                    None => return Ok(()),
                },
            };
        }
    }

    fn arguments(&mut self, arguments: &'a [Argument<'a>]) -> Walked {
        for argument in arguments {
            match *argument {
                Argument::Expr(value) => self.expression(value)?,
                Argument::Spread(value, _) => self.spread(value)?,
            }
        }
        Ok(())
    }

    fn array(&mut self, elements: &'a [ArrayElement<'a>]) -> Walked {
        for element in elements {
            match *element {
                ArrayElement::Hole => {}
                ArrayElement::Expr(value) => self.expression(value)?,
                ArrayElement::Spread(value, _) => self.spread(value)?,
            }
        }
        Ok(())
    }

    /// `...value` in a call or an array.
    fn spread(&mut self, value: Expr<'a>) -> Walked {
        match value {
            Expr::Ident(ident) => {
                self.harmless_reference(ident);
                Ok(())
            }
            value => self.expression(value),
        }
    }

    fn object(&mut self, properties: &'a [Property<'a>]) -> Walked {
        for property in properties {
            match *property {
                Property::Value { key, value, .. } => {
                    self.key(key)?;
                    self.expression(value)?;
                }
                Property::Proto { value, .. } => self.expression(value)?,
                Property::Method { key, function, .. } => {
                    self.key(key)?;
                    self.function(function, false)?;
                }
                Property::Spread(value, _) => self.expression(value)?,
                Property::CoverInit(node) => {
                    self.reference(node.ident, true);
                    self.expression(node.value)?;
                }
            }
        }
        Ok(())
    }
}
