//! Safepoints: fuel, limits, collection, suspension.

use super::calls::window_end;
use crate::context::{Context, Termination};
use crate::heap::STACK_START;
use crate::host::Refuel;
use crate::native::{Result, Thrown};

/// At a taken backward jump or call whose fuel is used up. `Ok(false)`: the run is to be suspended here.
pub(super) fn safepoint(cx: &mut Context) -> Result<bool> {
    if cx.termination.is_some() {
        return Err(Thrown(()));
    }
    let mut goes_on = true;
    if cx.heap.attention.get() || cx.heap.stress.get() {
        let end = window_end(&cx.heap, cx.machine.regs);
        goes_on = collect_if_due(cx, end)?;
    }
    let answer = cx.host.refuel();
    match answer {
        Refuel::Continue(fuel) => cx.machine.fuel = fuel.min(cx.machine.quantum),
        Refuel::Yield(fuel) => {
            cx.machine.fuel = fuel.min(cx.machine.quantum);
            goes_on = goes_on && !(cx.machine.may_suspend && cx.machine.depth == 1);
        }
        Refuel::Stop => return Err(cx.terminate(Termination::Cpu)),
    }
    Ok(goes_on)
}

/// `Ok(false)`: a collection has begun, and goes on when the run, which is to be suspended, goes on.
fn collect_if_due(cx: &mut Context, stack_end: u32) -> Result<bool> {
    if cx.machine.collection_ban == 0 {
        if cx.machine.may_suspend && cx.machine.depth == 1 {
            cx.begin_collection(stack_end);
            return cx.go_on_collecting();
        }
        cx.collect_now(stack_end);
    }
    // Below a native frame the slack may be drawn on: how much of it is garbage is seen when the native has returned. The wish for a
    // collection stays until then.
    let over = cx.heap.out_of_memory.get() && (cx.machine.collection_ban == 0 || !cx.heap.has_half_slack());
    if over { Err(cx.terminate(Termination::Memory)) } else { Ok(true) }
}

/// Cells that a step of a collection visits, about: a fraction of a millisecond.
const STEP_WORK: u64 = 16_384;
/// The same under stress, where steps are to be many.
const STRESS_STEP_WORK: u64 = 1_024;

impl Context {
    /// A whole collection.
    pub(crate) fn collect_now(&mut self, stack_end: u32) {
        // One that is under way has weak references to report.
        self.finish_collection(u64::MAX);
        self.begin_collection(stack_end);
        self.finish_collection(u64::MAX);
    }

    fn begin_collection(&mut self, stack_end: u32) {
        let mut roots = self.temporaries.clone();
        roots.push(self.exception);
        roots.push(self.machine.result);
        roots.push(self.machine.realm.value());
        roots.extend(self.cycle_stack.iter().map(|object| object.value()));
        self.heap.begin_collection(&roots, &[(STACK_START, stack_end)]);
    }

    /// Goes on with a collection for so much work; nothing to do if there is none.
    fn finish_collection(&mut self, work: u64) {
        let Some(stats) = self.heap.go_on_collecting(work) else { return };
        self.generation = self.lookups.next_generation();
        if !stats.dead_registries.is_empty() {
            crate::jobs::enqueue_finalizers(self, &stats.dead_registries);
        }
    }

    /// A step of the collection that has begun, if one has. `Ok(false)`: it is not done, and nothing may run before it is.
    pub(crate) fn go_on_collecting(&mut self) -> Result<bool> {
        if !self.heap.is_collecting() {
            return Ok(true);
        }
        self.finish_collection(if self.heap.stress.get() { STRESS_STEP_WORK } else { STEP_WORK });
        if self.heap.is_collecting() {
            return Ok(false);
        }
        if self.heap.out_of_memory.get() { Err(self.terminate(Termination::Memory)) } else { Ok(true) }
    }

    /// Collects, when nothing is running or no native frame forbids it. Returns whether it did.
    pub fn collect_garbage(&mut self) -> bool {
        if self.machine.collection_ban > 0 {
            return false;
        }
        let end = if self.machine.depth == 0 {
            self.machine.top.max(STACK_START)
        } else {
            window_end(&self.heap, self.machine.regs).max(self.machine.top)
        };
        self.collect_now(end);
        true
    }

    /// Collects between jobs when the heap asks for it; stops the instance when it is over its limit.
    pub fn collect_between_jobs(&mut self) -> Result<()> {
        while !self.start_collection_between_jobs()? {}
        Ok(())
    }

    /// [`Context::collect_between_jobs`] in steps of less than a millisecond. `Ok(false)`: call it again, and until it has given `Ok(true)`
    /// nothing else of this context.
    pub fn start_collection_between_jobs(&mut self) -> Result<bool> {
        let is_due = self.heap.attention.get() || self.heap.postponed.get() || self.heap.stress.get();
        if is_due && self.machine.depth == 0 && !self.heap.is_collecting() {
            self.begin_collection(STACK_START);
        }
        self.go_on_collecting()
    }

    /// Whether a collection has begun that is not done.
    pub fn is_collecting(&self) -> bool {
        self.heap.is_collecting()
    }

    /// A native that loops has used up its fuel: limits only, no collection and no suspension.
    #[cold]
    pub(crate) fn fuel_used_up_in_native(&mut self) -> Result<()> {
        if self.termination.is_some() {
            return Err(Thrown(()));
        }
        // Without a ban, the next safepoint finds out how much of it is garbage.
        if self.heap.out_of_memory.get() && self.machine.collection_ban > 0 && !self.heap.has_half_slack() {
            return Err(self.terminate(Termination::Memory));
        }
        // When a collection is due, fuel stays used up, so that the next safepoint makes it. Filling up here could hide the want from
        // every safepoint: a loop whose native spends most of the fuel finds it used up in the native each time.
        let collection_is_due = self.heap.attention.get() && self.machine.collection_ban == 0;
        if collection_is_due && self.machine.fuel > -self.machine.quantum {
            return Ok(());
        }
        match self.host.refuel() {
            Refuel::Continue(fuel) | Refuel::Yield(fuel) => {
                self.machine.fuel = if collection_is_due { -1 } else { fuel.min(self.machine.quantum) };
                Ok(())
            }
            Refuel::Stop => Err(self.terminate(Termination::Cpu)),
        }
    }

    /// Sets the longest stretch between safepoints (stress tests use 1).
    pub fn set_quantum(&mut self, fuel: i64) {
        self.machine.quantum = fuel.max(1);
        self.machine.fuel = self.machine.fuel.min(self.machine.quantum);
    }
}
