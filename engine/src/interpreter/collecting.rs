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
    if cx.heap.attention.get() || cx.heap.stress.get() {
        let end = window_end(&cx.heap, cx.machine.regs);
        collect_if_due(cx, end)?;
    }
    let answer = cx.host.refuel();
    match answer {
        Refuel::Continue(fuel) => cx.machine.fuel = fuel.min(cx.machine.quantum),
        Refuel::Yield(fuel) => {
            cx.machine.fuel = fuel.min(cx.machine.quantum);
            if cx.machine.may_suspend && cx.machine.depth == 1 {
                return Ok(false);
            }
        }
        Refuel::Stop => return Err(cx.terminate(Termination::Cpu)),
    }
    Ok(true)
}

fn collect_if_due(cx: &mut Context, stack_end: u32) -> Result<()> {
    if cx.machine.collection_ban == 0 {
        cx.collect_now(stack_end);
    }
    // Below a native frame the slack may be drawn on: how much of it is garbage is seen when the native has returned. The wish for a
    // collection stays until then.
    let over = cx.heap.out_of_memory.get() && (cx.machine.collection_ban == 0 || !cx.heap.has_half_slack());
    if over { Err(cx.terminate(Termination::Memory)) } else { Ok(()) }
}

impl Context {
    pub(crate) fn collect_now(&mut self, stack_end: u32) {
        let mut roots = self.temporaries.clone();
        roots.push(self.exception);
        roots.push(self.machine.result);
        roots.push(self.machine.realm.value());
        roots.extend(self.cycle_stack.iter().map(|object| object.value()));
        let stats = self.heap.collect(&roots, &[(STACK_START, stack_end)]);
        self.generation = self.lookups.next_generation();
        if !stats.dead_registries.is_empty() {
            crate::jobs::enqueue_finalizers(self, &stats.dead_registries);
        }
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
        let is_due = self.heap.attention.get() || self.heap.postponed.get() || self.heap.stress.get();
        if is_due && self.machine.depth == 0 {
            self.collect_now(STACK_START);
            if self.heap.out_of_memory.get() {
                return Err(self.terminate(Termination::Memory));
            }
        }
        Ok(())
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
