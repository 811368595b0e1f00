//! The scope tables as an outline.

use std::fmt::Write;

use crate::ast::ScopeId;
use crate::names::Names;
use crate::scope::{ArgumentsUse, Binding, Scope, ScopeTree, Storage};

/// The scopes of a program, indented by nesting, with their facts and bindings. Scopes without bindings are shown only if they have an
/// environment. Numbers are [`ScopeId`]s.
pub fn dump_scopes(tree: &ScopeTree<'_>, names: &Names) -> String {
    let mut children = vec![Vec::new(); tree.scopes.len()];
    for (number, scope) in tree.scopes.iter().enumerate() {
        if let Some(parent) = scope.parent {
            children[parent.index()].push(ScopeId(number as u32));
        }
    }
    // In source order: numbers are given in the order of parsing, which may differ.
    for list in &mut children {
        list.sort_by_key(|id| (tree.scope(*id).start, *id));
    }
    let mut out = String::new();
    let mut stack = vec![(tree.top, 0)];
    while let Some((id, depth)) = stack.pop() {
        let scope = tree.scope(id);
        let shown = !scope.bindings.is_empty() || scope.needs_env || id == tree.top || scope.function_facts.is_some();
        if shown {
            write_scope(&mut out, scope, id, depth, names);
        }
        let inner = depth + usize::from(shown);
        stack.extend(children[id.index()].iter().rev().map(|child| (*child, inner)));
    }
    for export in &tree.exports {
        let local = tree.scope(tree.top).bindings[export.binding as usize].name;
        push(&mut out, format_args!("export {} as {:?}\n", names.text(local), names.text(export.exported)));
    }
    let lists = [("vars", &tree.top_level.vars), ("functions", &tree.top_level.functions), ("annex-b", &tree.top_level.annex_b_functions)];
    for (what, list) in lists {
        if !list.is_empty() {
            let list: Vec<&str> = list.iter().map(|name| names.text(*name)).collect();
            push(&mut out, format_args!("{what}: {}\n", list.join(" ")));
        }
    }
    if !tree.top_level.lexical.is_empty() {
        let one = |(name, is_const): &(_, bool)| format!("{}{}", names.text(*name), if *is_const { "!" } else { "" });
        let list: Vec<String> = tree.top_level.lexical.iter().map(one).collect();
        push(&mut out, format_args!("lexical: {}\n", list.join(" ")));
    }
    out
}

/// Writing to a string cannot fail.
fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

fn write_scope(out: &mut String, scope: &Scope<'_>, id: ScopeId, depth: usize, names: &Names) {
    let indent = "  ".repeat(depth);
    push(out, format_args!("{indent}{} {}", id.0, spaced(&format!("{:?}", scope.kind))));
    let facts = scope.function_facts.unwrap_or_default();
    for (holds, word) in [
        (scope.is_strict, "strict"),
        (scope.contains_direct_eval, "eval"),
        (scope.is_dynamic, "dynamic"),
        (scope.inside_with, "in-with"),
        (facts.is_declaration, "declaration"),
        (facts.annex_b_hoisted, "hoisted"),
        (facts.separate_body, "separate-body"),
    ] {
        if holds {
            push(out, format_args!(" {word}"));
        }
    }
    match facts.arguments {
        ArgumentsUse::None => {}
        ArgumentsUse::Unmapped => out.push_str(" arguments"),
        ArgumentsUse::Mapped { live: false } => out.push_str(" mapped-arguments"),
        ArgumentsUse::Mapped { live: true } => out.push_str(" live-mapped-arguments"),
    }
    if scope.needs_env {
        push(out, format_args!(" env({})", scope.slot_count));
    }
    out.push('\n');
    for binding in &scope.bindings {
        write_binding(out, binding, &indent, names);
    }
    if !scope.functions.is_empty() {
        let list: Vec<&str> =
            scope.functions.iter().map(|function| function.name.map_or("*default*", |name| names.text(name.name))).collect();
        push(out, format_args!("{indent}  : instantiates {}\n", list.join(" ")));
    }
}

fn write_binding(out: &mut String, binding: &Binding, indent: &str, names: &Names) {
    push(out, format_args!("{indent}  - {} {}", names.text(binding.name), spaced(&format!("{:?}", binding.kind))));
    for (holds, word) in [
        (binding.captured, "captured"),
        (binding.assigned, "assigned"),
        (binding.needs_hole, "hole"),
        (binding.starts_as_param, "starts-as-param"),
    ] {
        if holds {
            push(out, format_args!(" {word}"));
        }
    }
    match binding.storage {
        Storage::Register => {}
        Storage::Slot(slot) => push(out, format_args!(" slot {slot}")),
        Storage::Global => out.push_str(" global"),
        Storage::Dynamic => out.push_str(" dynamic"),
    }
    out.push('\n');
}

/// `FunctionName` as `function-name`.
fn spaced(name: &str) -> String {
    let mut out = String::new();
    for (number, c) in name.chars().enumerate() {
        if c.is_uppercase() && number > 0 {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}
