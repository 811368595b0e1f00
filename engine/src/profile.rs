//! Profiles: which instructions and functions ran, how often, what they allocated, where inline caches missed, and where time went.
//!
//! [`enable`] puts the counting backend into the dispatch table of the whole process, before its first context is made; processes that do not
//! call it pay nothing. [`Context::start_profile`] begins to note, [`Context::take_profile`] ends it. The engine knows no clock: the embedder
//! counts *ticks* in a number that both see, and whatever has run when ticks are found is charged with them.
//!
//! Counts are exact and do not depend on the clock, so that budgets can be held against them. Ticks are samples. Noting takes its time with
//! every instruction, so that cheap instructions look dearer than they are, against natives.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use hashbrown::HashMap;

use crate::bytecode::{Op, Word};
use crate::context::Context;
use crate::heap::Kind;
use crate::interpreter::register;
use crate::object::Object;
use crate::realm::code::{Code, code_flag};
use crate::realm::error::position_in;
use crate::realm::function::{closure, display_name};
use crate::value::Value;

/// Makes this process one that can profile. False where it is too late: a context has been made already.
pub fn enable() -> bool {
    crate::interpreter::decide(true)
}

/// What was counted of an opcode or a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Instructions.
    pub instructions: u64,
    /// Property accesses that took the slow path: inline caches that missed, elements of objects that are not plain.
    pub misses: u64,
    /// Bytes of cells allocated, natives included. Not counted are cells in holes that a collection left, now and then one.
    pub bytes: u64,
    /// Ticks.
    pub ticks: u64,
}

/// A function that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name; `(program)` for top levels, `(anonymous)` for functions without a name.
    pub name: String,
    /// Name of its source; `native` for natives.
    pub file: String,
    /// Line where it begins, from 1; 0 for natives.
    pub line: u32,
    /// What ran in the function itself.
    pub counts: Counts,
}

/// A profile.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// By opcode name, those that ran, in the order of the opcode table.
    pub opcodes: Vec<(&'static str, Counts)>,
    /// Functions that ran, and natives that ticks fell into.
    pub functions: Vec<Function>,
    /// Stacks that ticks fell on: indices into `functions`, outermost first; and ticks.
    pub stacks: Vec<(Vec<u32>, u64)>,
}

impl Profile {
    /// All of it together.
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        for (_, counts) in &self.opcodes {
            total.instructions += counts.instructions;
            total.misses += counts.misses;
            total.bytes += counts.bytes;
            total.ticks += counts.ticks;
        }
        total
    }
}

/// An instruction about to run. Offsets in the cage.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub op: u8,
    pub pc: u32,
    pub regs: u32,
    pub feedback: u32,
}

/// Frames of a stack that are kept.
const MOST_FRAMES: usize = 512;

/// What has been noted so far.
pub(crate) struct Recorder {
    opcodes: Box<[Counts; 256]>,
    functions: Vec<Function>,
    /// Functions by name, file and line.
    by_place: HashMap<(String, String, u32), u32>,
    /// Functions by their feedback's offset. Past the image they are forgotten after collections and resets, which may give the offset to
    /// another function.
    by_feedback: HashMap<u32, u32>,
    generation: u64,
    /// The function that runs, and its feedback.
    current: u32,
    current_feedback: u32,
    /// The instruction that ran last in this run, with its function: what has happened since is charged to it.
    last: Option<(Step, u32)>,
    /// The same of the runs around this one.
    outer: Vec<Option<(Step, u32)>>,
    bump: (u32, u32),
    at_frontier: bool,
    misses: u64,
    ticks: Arc<AtomicU32>,
    stacks: HashMap<Vec<u32>, u64>,
}

impl Recorder {
    /// What was allocated since the last look.
    fn allocated(&mut self, heap: &crate::heap::Heap) -> u64 {
        let (bump, at_frontier) = (heap.bump_range(), heap.is_at_frontier());
        let (before, was_at_frontier) = (std::mem::replace(&mut self.bump, bump), std::mem::replace(&mut self.at_frontier, at_frontier));
        let same_range = bump.1 == before.1 || (at_frontier && was_at_frontier);
        if same_range { u64::from(bump.0.saturating_sub(before.0)) } else { 0 }
    }

    fn function(&mut self, name: String, file: String, line: u32) -> u32 {
        let Recorder { by_place, functions, .. } = self;
        *by_place.entry((name, file, line)).or_insert_with_key(|(name, file, line)| {
            functions.push(Function { name: name.clone(), file: file.clone(), line: *line, counts: Counts::default() });
            functions.len() as u32 - 1
        })
    }
}

impl Context {
    /// Begins a profile. `ticks` is advanced by the embedder, from any thread, whenever it wants to know what is running. False where
    /// [`enable`] was not called in time, or a profile is being made already.
    pub fn start_profile(&mut self, ticks: Arc<AtomicU32>) -> bool {
        if !crate::interpreter::decide(false) || self.profile.is_some() {
            return false;
        }
        self.profile = Some(Box::new(Recorder {
            opcodes: Box::new([Counts::default(); 256]),
            functions: Vec::new(),
            by_place: HashMap::new(),
            by_feedback: HashMap::new(),
            generation: self.generation,
            current: 0,
            current_feedback: 0,
            last: None,
            outer: Vec::new(),
            bump: self.heap.bump_range(),
            at_frontier: self.heap.is_at_frontier(),
            misses: self.machine.misses,
            ticks,
            stacks: HashMap::new(),
        }));
        true
    }

    /// Ends the profile and gives it.
    pub fn take_profile(&mut self) -> Option<Profile> {
        let recorder = self.profile.take()?;
        let counted = |(op, counts): (&Op, &Counts)| (counts.instructions > 0).then(|| (op.name(), *counts));
        let mut stacks: Vec<(Vec<u32>, u64)> = recorder.stacks.into_iter().collect();
        stacks.sort();
        Some(Profile {
            opcodes: Op::ALL.iter().zip(recorder.opcodes.iter()).filter_map(counted).collect(),
            functions: recorder.functions,
            stacks,
        })
    }

    /// The counting backend is about to run an instruction.
    pub(crate) fn note_step(&mut self, step: Step) {
        self.settle_profile();
        let generation = self.generation;
        let Some(recorder) = &mut self.profile else { return };
        if recorder.generation != generation {
            recorder.generation = generation;
            let image_end = self.heap.image_end();
            recorder.by_feedback.retain(|feedback, _| *feedback < image_end);
            recorder.current_feedback = 0;
        }
        if recorder.current_feedback != step.feedback {
            recorder.current_feedback = step.feedback;
            match recorder.by_feedback.get(&step.feedback) {
                Some(known) => recorder.current = *known,
                None => {
                    self.note_function(step);
                    // Finding its name and place took a while, which is nobody's.
                    let Some(recorder) = &mut self.profile else { return };
                    recorder.ticks.store(0, Ordering::Relaxed);
                }
            }
        }
        let Some(recorder) = &mut self.profile else { return };
        recorder.opcodes[step.op as usize].instructions += 1;
        recorder.functions[recorder.current as usize].counts.instructions += 1;
        recorder.last = Some((step, recorder.current));
    }

    /// A run begins: what called it goes on when it has ended.
    pub(crate) fn note_entry(&mut self) {
        self.settle_profile();
        let depth = self.machine.depth;
        let Some(recorder) = &mut self.profile else { return };
        // A run that memory exhaustion unwound has left without a word.
        recorder.outer.truncate(depth as usize - 1);
        recorder.outer.push(recorder.last.take());
    }

    /// A run has ended.
    pub(crate) fn note_exit(&mut self) {
        self.settle_profile();
        let Some(recorder) = &mut self.profile else { return };
        recorder.last = recorder.outer.pop().flatten();
        recorder.current_feedback = 0;
    }

    /// Charges what has happened to the last instruction. Where there is none, the host was at work: that is nobody's.
    fn settle_profile(&mut self) {
        let misses_now = self.machine.misses;
        let Some(recorder) = &mut self.profile else { return };
        let bytes = recorder.allocated(&self.heap);
        // A reset begins a new machine, which counts from 0.
        let misses = misses_now.saturating_sub(std::mem::replace(&mut recorder.misses, misses_now));
        let ticks = if recorder.ticks.load(Ordering::Relaxed) == 0 { 0 } else { recorder.ticks.swap(0, Ordering::Relaxed) };
        let Some((step, function)) = recorder.last else { return };
        for counts in [&mut recorder.opcodes[step.op as usize], &mut recorder.functions[function as usize].counts] {
            counts.bytes += bytes;
            counts.misses += misses;
            counts.ticks += u64::from(ticks);
        }
        if ticks > 0 {
            self.note_sample(step, function, u64::from(ticks));
        }
    }

    /// Notes the stack under an instruction that has just run. Its window may have been left, but nothing has been laid over it yet.
    #[cold]
    fn note_sample(&mut self, step: Step, function: u32, ticks: u64) {
        let outer = self.profile.as_ref().map(|recorder| recorder.outer.clone()).unwrap_or_default();
        let mut stack = Vec::new();
        if let Some(native) = self.called_native(step) {
            let name = display_name(&self.heap, native).unwrap_or_else(|| "(anonymous)".to_string());
            let Some(recorder) = &mut self.profile else { return };
            let number = recorder.function(name, "native".to_string(), 0);
            // The caller has been charged; the native takes it over.
            recorder.functions[function as usize].counts.ticks -= ticks;
            recorder.functions[number as usize].counts.ticks += ticks;
            stack.push(number);
        }
        for (step, function) in std::iter::once((step, function)).chain(outer.into_iter().rev().flatten()) {
            stack.push(function);
            for (callee, _) in self.stack_frames_from(step.regs, step.pc, MOST_FRAMES).into_iter().skip(1) {
                if stack.len() < MOST_FRAMES
                    && let Some(callee) = callee.as_object()
                {
                    let number = self.number_of(callee);
                    stack.push(number);
                }
            }
        }
        stack.reverse();
        let Some(recorder) = &mut self.profile else { return };
        *recorder.stacks.entry(stack).or_default() += ticks;
    }

    /// The native that a call instruction called, as far as its window still tells.
    fn called_native(&self, step: Step) -> Option<Object> {
        if !matches!(Op::from_u8(step.op)?, Op::Call | Op::New) {
            return None;
        }
        let word = Word::from_bits(self.heap.load::<u64>(step.pc));
        let callee: Value = register(&self.heap, step.regs, u32::from(word.b) + 2);
        callee.as_object().filter(|object| object.is(&self.heap, Kind::NativeFunction))
    }

    /// The function that runs has not been seen yet.
    #[cold]
    fn note_function(&mut self, step: Step) {
        let callee = register(&self.heap, step.regs, 2).as_object().filter(|object| object.is(&self.heap, Kind::Closure));
        let number = match callee {
            Some(callee) => self.number_of(callee),
            None => {
                let Some(recorder) = &mut self.profile else { return };
                recorder.function("(program)".to_string(), String::new(), 0)
            }
        };
        let Some(recorder) = &mut self.profile else { return };
        recorder.by_feedback.insert(step.feedback, number);
        recorder.current = number;
    }

    /// Number of a closure's function.
    fn number_of(&mut self, callee: Object) -> u32 {
        let heap = &self.heap;
        let code = Code::from_value(callee.internal(heap, closure::CODE));
        let (line, _, _) = position_in(heap, code.source(heap), code.position(heap, 0));
        // The name in the source: the property may be anything.
        let name = match code.name(heap).to_text(heap) {
            _ if code.has(heap, code_flag::TOP_LEVEL) => "(program)".to_string(),
            name if name.is_empty() => "(anonymous)".to_string(),
            name => name,
        };
        let file = code.source_name(heap);
        match &mut self.profile {
            Some(recorder) => recorder.function(name, file, line),
            None => 0,
        }
    }
}
