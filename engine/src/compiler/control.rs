//! The control stack: loops, labels, and the regions (try, iteration, disposal) that break, continue, return and exceptions pass.
//!
//! A region covers a range of code with an exception handler. A jump that leaves it first does what the region asks for (close the
//! iterator, run the finally block). Code emitted for that lies inside the range by address but not by meaning, so it is cut out:
//! each region keeps a list of holes.
//!
//! `finally` is entered with two registers, kind and value. Kind 0: go on behind it. 1: throw the value. From 2 on: one of the
//! exits that were taken through it, numbered in order of appearance.

use mayfly_syntax::Name;

use super::emitter::{Label, Reg};
use super::state::{Compiler, fixed_text};
use crate::bytecode::Op;

/// Where a jump out of a region goes in the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Exit {
    /// To `label`, leaving every entry of the control stack from `depth` on.
    Jump { label: Label, depth: usize },
    /// Out of the function with the value in a register of the region's choice.
    Return,
}

/// What an entry of the control stack is.
pub(super) enum ControlKind {
    /// A statement that break (and continue) may name.
    Target {
        /// Its labels.
        labels: Vec<Name>,
        /// Where break goes, unless another entry says so.
        break_label: Option<Label>,
        /// Where continue goes, if it is a loop.
        continue_label: Option<Label>,
        /// Whether a break without a label may mean it.
        is_breakable: bool,
    },
    /// A region with a catch handler only.
    Catch,
    /// A region that a finally block (or disposal) follows.
    Finally {
        /// Completion kind; the register behind it is the value.
        kind: Reg,
        /// The block's beginning.
        entry: Label,
        /// Exits taken, numbered from 2.
        exits: Vec<Exit>,
    },
    /// A region in which the iterator record must be closed when left early.
    Iterator {
        /// The record.
        record: Reg,
        /// for await.
        is_async: bool,
    },
}

/// An entry of the control stack.
pub(super) struct Control {
    pub(super) kind: ControlKind,
    start: u32,
    holes: Vec<(u32, u32)>,
}

/// A finished region: its ranges without the holes.
pub(super) struct Region {
    pub(super) kind: ControlKind,
    ranges: Vec<(u32, u32)>,
}

impl Region {
    /// Whether any code is covered.
    pub(super) fn is_covered(&self) -> bool {
        self.ranges.iter().any(|range| range.0 < range.1)
    }
}

impl Compiler<'_, '_> {
    /// Opens an entry of the control stack here.
    pub(super) fn push_control(&mut self, kind: ControlKind) {
        let start = self.f.e.here();
        self.f.control.push(Control { kind, start, holes: Vec::new() });
    }

    /// Closes the innermost entry here.
    pub(super) fn pop_control(&mut self) -> Option<Region> {
        let end = self.f.e.here();
        let control = self.f.control.pop()?;
        let mut ranges = Vec::with_capacity(control.holes.len() + 1);
        let mut start = control.start;
        for (hole_start, hole_end) in control.holes {
            if start < hole_start {
                ranges.push((start, hole_start));
            }
            start = hole_end;
        }
        if start < end {
            ranges.push((start, end));
        }
        Some(Region { kind: control.kind, ranges })
    }

    /// Sends exceptions of the region to the handler that begins here, with the exception in `register`.
    pub(super) fn begin_handler(&mut self, region: &Region, register: Reg) {
        if !region.is_covered() {
            self.f.e.end_path();
            return;
        }
        let target = self.f.e.here();
        for &(start, end) in &region.ranges {
            self.f.e.handler(start, end, target, register);
        }
        self.f.e.begin_path();
    }

    /// Opens a break/continue target with the labels in front of the statement.
    pub(super) fn push_target(&mut self, continue_label: Option<Label>, is_breakable: bool) -> Label {
        let labels = std::mem::take(&mut self.f.pending_labels);
        let break_label = self.label();
        self.push_control(ControlKind::Target { labels, break_label: Some(break_label), continue_label, is_breakable });
        break_label
    }

    /// Opens the inner half of a loop's target: the part of the loop that continue does not leave.
    pub(super) fn push_continue_target(&mut self, labels: Vec<Name>, continue_label: Label) {
        self.push_control(ControlKind::Target { labels, break_label: None, continue_label: Some(continue_label), is_breakable: false });
    }

    /// Closes a target and binds its break label here.
    pub(super) fn pop_target(&mut self) {
        if let Some(Region { kind: ControlKind::Target { break_label: Some(label), .. }, .. }) = self.pop_control() {
            self.bind(label);
        }
    }

    /// `break label`
    pub(super) fn break_to(&mut self, label: Option<Name>) {
        let found = self.f.control.iter().enumerate().rev().find_map(|(depth, control)| match &control.kind {
            ControlKind::Target { labels, break_label: Some(target), is_breakable, .. } => {
                let matches = label.map_or(*is_breakable, |label| labels.contains(&label));
                matches.then_some((*target, depth))
            }
            _ => None,
        });
        // The parser refuses a break without a target.
        if let Some((label, depth)) = found {
            self.exit(Exit::Jump { label, depth: depth + 1 }, None);
        }
    }

    /// `continue label`
    pub(super) fn continue_to(&mut self, label: Option<Name>) {
        let found = self.f.control.iter().enumerate().rev().find_map(|(depth, control)| match &control.kind {
            ControlKind::Target { labels, continue_label: Some(target), .. } => {
                let matches = label.is_none_or(|label| labels.contains(&label));
                matches.then_some((*target, depth))
            }
            _ => None,
        });
        if let Some((label, depth)) = found {
            self.exit(Exit::Jump { label, depth: depth + 1 }, None);
        }
    }

    /// The label that break (or continue) jumps to, if it leaves no region on the way.
    pub(super) fn direct_target(&self, label: Option<Name>, is_break: bool) -> Option<Label> {
        for control in self.f.control.iter().rev() {
            match &control.kind {
                ControlKind::Target { labels, break_label, continue_label, is_breakable, .. } => {
                    let target = if is_break { *break_label } else { *continue_label };
                    let matches = match label {
                        Some(label) => labels.contains(&label),
                        None => !is_break || *is_breakable,
                    };
                    if matches && target.is_some() {
                        return target;
                    }
                }
                // A catch handler asks for nothing when it is left.
                ControlKind::Catch => {}
                _ => return None,
            }
        }
        None
    }

    /// `return value`: leaves every region, then the function. None returns undefined.
    pub(super) fn return_value(&mut self, value: Option<Reg>) {
        self.exit(Exit::Return, value);
    }

    /// Leaves regions from the inside out until the exit is done or a finally block takes over.
    pub(super) fn exit(&mut self, exit: Exit, value: Option<Reg>) {
        if !self.reachable() {
            return;
        }
        let depth = match exit {
            Exit::Jump { depth, .. } => depth,
            Exit::Return => 0,
        };
        let mark = self.mark();
        let mut opened: Vec<(usize, u32)> = Vec::new();
        let mut taken_over = false;
        for index in (depth..self.f.control.len()).rev() {
            if matches!(self.f.control[index].kind, ControlKind::Target { .. }) {
                continue;
            }
            let hole = self.f.e.here();
            match &mut self.f.control[index].kind {
                ControlKind::Target { .. } => {}
                ControlKind::Catch => opened.push((index, hole)),
                ControlKind::Iterator { record, is_async } => {
                    let (record, is_async) = (*record, *is_async);
                    opened.push((index, hole));
                    if is_async {
                        self.async_iterator_close(record);
                    } else {
                        self.op(Op::IterClose, record, 0, 0);
                    }
                }
                ControlKind::Finally { kind, entry, exits } => {
                    let (kind, entry) = (*kind, *entry);
                    let number = exits.iter().position(|known| *known == exit).unwrap_or_else(|| {
                        exits.push(exit);
                        exits.len() - 1
                    });
                    if exit == Exit::Return {
                        match value {
                            Some(value) => self.mov(kind + 1, value),
                            None => self.undefined(kind + 1),
                        }
                    }
                    self.wide(Op::LoadInt, kind, number as i32 + 2);
                    opened.push((index, hole));
                    self.jump(entry);
                    taken_over = true;
                }
            }
            if taken_over {
                break;
            }
        }
        if !taken_over {
            match exit {
                Exit::Jump { label, .. } => self.jump(label),
                Exit::Return => {
                    if self.f.is_derived() {
                        self.reload_this();
                    }
                    match value {
                        Some(value) => self.op(Op::Return, value, 0, 0),
                        None => self.op(Op::ReturnUndefined, 0, 0, 0),
                    }
                    self.f.e.end_path();
                }
            }
        }
        if !opened.is_empty() {
            let end = self.f.e.here();
            for (index, start) in opened {
                if start < end {
                    self.f.control[index].holes.push((start, end));
                }
            }
        }
        self.release(mark);
    }

    /// Behind a finally block: goes on as the completion in `kind`, `kind + 1` says.
    pub(super) fn dispatch_completion(&mut self, kind: Reg, exits: &[Exit], may_throw: bool) {
        let done = self.label();
        let value = kind + 1;
        if !exits.is_empty() {
            self.f.e.jump_short(Op::JSEqI, 0, kind, 0, done);
        }
        for (index, &exit) in exits.iter().enumerate() {
            let next = self.label();
            self.f.e.jump_short(Op::JSNeI, 0, kind, (index + 2) as u16, next);
            self.exit(exit, Some(value));
            self.bind(next);
        }
        if may_throw {
            self.f.e.jump_short(Op::JSNeI, 0, kind, 1, done);
            self.throw(value);
        }
        self.bind(done);
    }

    /// 7.4.13 AsyncIteratorClose ( iteratorRecord, completion ), https://tc39.es/ecma262/#sec-asynciteratorclose
    /// for a completion that is not a throw.
    pub(super) fn async_iterator_close(&mut self, record: Reg) {
        let mark = self.mark();
        let done = self.label();
        self.jump_if(Op::JTrue, record + 2, done);
        let base = self.f.e.alloc_group(5);
        let ic = self.f.e.ic(&fixed_text("return"));
        self.op(Op::IterGetMethod, base + 2, record, ic);
        self.jump_if(Op::JUndefined, base + 2, done);
        self.mov(base + 4, record);
        self.op(Op::Call, base, base, 0);
        self.op(Op::Await, base, base, 0);
        self.op(Op::ThrowIfNotObject, base, 0, 0);
        self.bind(done);
        self.release(mark);
    }

    /// The same for a throw completion: errors on the way are swallowed. The exception itself stays with the caller.
    pub(super) fn async_iterator_close_quietly(&mut self, record: Reg) {
        let mark = self.mark();
        let done = self.label();
        self.jump_if(Op::JTrue, record + 2, done);
        let base = self.f.e.alloc_group(5);
        let ic = self.f.e.ic(&fixed_text("return"));
        self.push_control(ControlKind::Catch);
        self.op(Op::IterGetMethod, base + 2, record, ic);
        self.jump_if(Op::JUndefined, base + 2, done);
        self.mov(base + 4, record);
        self.op(Op::Call, base, base, 0);
        self.op(Op::Await, base, base, 0);
        if let Some(region) = self.pop_control() {
            self.jump(done);
            self.begin_handler(&region, base);
        }
        self.bind(done);
        self.release(mark);
    }
}
