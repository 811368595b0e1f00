//! Syntax tree → compiler's tree: matching order in look-behind, simplifications that nobody can observe.

use super::tree::{Kind, Tree};
use crate::ast::{Node, RefTarget};
use crate::charset::CharSet;

/// How many times common first characters of alternatives are taken out, one inside the other.
const MAX_FACTORINGS: u32 = 32;

/// Alternatives that nest deeper than this are not factored, so that factoring cannot multiply the depth of the tree.
const MAX_FACTORED_DEPTH: u32 = 8;

/// Repetitions of a single character up to this count become text.
const MAX_SPELLED_OUT: u32 = 16;

pub(crate) struct Lowering<'a> {
    pub(crate) unicode: bool,
    pub(crate) group_names: &'a [(Vec<u16>, Vec<u32>)],
}

impl Lowering<'_> {
    fn tree(&self, kind: Kind) -> Tree {
        Tree::new(kind, self.unicode)
    }

    /// `behind`: whether matching goes backwards here, so that sequences are turned around.
    pub(crate) fn lower(&self, node: Node, behind: bool) -> Tree {
        match node {
            Node::Empty => Tree::empty(),
            Node::Char(c) => self.tree(Kind::Char(c)),
            Node::Set(set) => self.one(set),
            Node::Seq(nodes) => {
                let mut items: Vec<Tree> = nodes.into_iter().map(|n| self.lower(n, behind)).collect();
                if behind {
                    items.reverse();
                }
                self.sequence(items)
            }
            Node::Alt(arms) => {
                let arms = arms.into_iter().map(|n| self.lower(n, behind)).collect();
                self.alternatives(arms, MAX_FACTORINGS)
            }
            Node::Capture(index, body) => self.tree(Kind::Capture(index, Box::new(self.lower(*body, behind)))),
            Node::BackRef { target, ignore_case } => {
                let groups = match target {
                    RefTarget::Number(number) => vec![number],
                    RefTarget::Name(slot) => self.group_names.get(slot).map(|g| g.1.clone()).unwrap_or_default(),
                };
                self.tree(Kind::BackRef { groups, ignore_case })
            }
            Node::Assert(assertion) => {
                let mut tree = self.tree(Kind::Assert(assertion));
                if behind {
                    // Backwards, the end of the input says nothing about the character before.
                    tree.first = super::first::First::NONE;
                    tree.transparent = true;
                }
                tree
            }
            Node::Look { behind: inner, negative, body } => {
                let mut tree = self.tree(Kind::Look { behind: inner, negative, body: Box::new(self.lower(*body, inner)) });
                if behind {
                    tree.first = super::first::First::NONE;
                    tree.transparent = true;
                }
                tree
            }
            Node::Repeat { body, min, max, greedy, captures } => {
                let body = self.lower(*body, behind);
                self.repeat(body, min, max, greedy, captures)
            }
        }
    }

    fn one(&self, set: CharSet) -> Tree {
        match set.as_single() {
            Some(c) => self.tree(Kind::Char(c)),
            None => self.tree(Kind::Set(set)),
        }
    }

    /// Flattens nested sequences and drops empty items.
    fn sequence(&self, items: Vec<Tree>) -> Tree {
        let mut flat = Vec::with_capacity(items.len());
        for item in items {
            match item.kind {
                Kind::Empty => {}
                Kind::Seq(inner) => flat.extend(inner),
                _ => flat.push(item),
            }
        }
        match flat.len() {
            0 => Tree::empty(),
            1 => flat.swap_remove(0),
            _ => self.tree(Kind::Seq(flat)),
        }
    }

    /// Merges neighbours that match one character each, and takes out what neighbours begin with in common.
    fn alternatives(&self, arms: Vec<Tree>, factorings: u32) -> Tree {
        let mut merged: Vec<Tree> = Vec::with_capacity(arms.len());
        for arm in arms {
            if let (Some(set), Some(mut last)) = (arm.as_one(), merged.last().and_then(Tree::as_one)) {
                last.union_with(&set);
                merged.pop();
                merged.push(self.one(last));
            } else {
                merged.push(arm);
            }
        }
        if factorings > 0 && merged.iter().all(|arm| arm.depth <= MAX_FACTORED_DEPTH) {
            merged = self.factored(merged, factorings - 1);
        }
        if merged.len() == 1 { merged.swap_remove(0) } else { self.tree(Kind::Alt(merged)) }
    }

    /// `abc|abd|x` → `ab(?:c|d)|x`. Only neighbours: the order of alternatives is observable.
    fn factored(&self, arms: Vec<Tree>, factorings: u32) -> Vec<Tree> {
        let mut out = Vec::with_capacity(arms.len());
        let mut arms = arms.into_iter().peekable();
        while let Some(arm) = arms.next() {
            let Some(head) = leading_char(&arm) else {
                out.push(arm);
                continue;
            };
            let mut group = vec![arm];
            while let Some(next) = arms.next_if(|next| leading_char(next) == Some(head)) {
                group.push(next);
            }
            if group.len() == 1 {
                out.append(&mut group);
                continue;
            }
            let mut group: Vec<Vec<Tree>> = group.into_iter().map(into_items).collect();
            let common = common_prefix(&group);
            let mut items: Vec<Tree> = group.first().map(|g| g[..common].to_vec()).unwrap_or_default();
            let rests = group.iter_mut().map(|g| self.sequence(g.split_off(common))).collect();
            items.push(self.alternatives(rests, factorings));
            out.push(self.sequence(items));
        }
        out
    }

    fn repeat(&self, body: Tree, min: u32, max: u32, greedy: bool, captures: (u32, u32)) -> Tree {
        if max == 0 || matches!(body.kind, Kind::Empty) || (body.max == 0 && min == 0) {
            // An iteration beyond `min` that matches nothing fails, so there can be none.
            return Tree::empty();
        }
        if body.max == 0 {
            // The iterations see the same position and the same captures outside, and reset those inside: one stands for all.
            return self.tree(Kind::Repeat { body: Box::new(body), min: 1, max: 1, greedy, captures });
        }
        if min == 1 && max == 1 {
            return body;
        }
        if min == max && min <= MAX_SPELLED_OUT && matches!(body.kind, Kind::Char(_)) {
            return self.sequence(vec![body; min as usize]);
        }
        self.tree(Kind::Repeat { body: Box::new(body), min, max, greedy, captures })
    }
}

fn leading_char(tree: &Tree) -> Option<u32> {
    match &tree.kind {
        Kind::Char(c) => Some(*c),
        Kind::Seq(items) => items.first().and_then(leading_char),
        _ => None,
    }
}

fn into_items(tree: Tree) -> Vec<Tree> {
    match tree.kind {
        Kind::Seq(items) => items,
        _ => vec![tree],
    }
}

fn common_prefix(group: &[Vec<Tree>]) -> usize {
    let mut length = 0;
    loop {
        let mut heads = group.iter().map(|g| match g.get(length).map(|t| &t.kind) {
            Some(Kind::Char(c)) => Some(*c),
            _ => None,
        });
        match heads.next().flatten() {
            Some(head) if heads.all(|h| h == Some(head)) => length += 1,
            _ => return length,
        }
    }
}
