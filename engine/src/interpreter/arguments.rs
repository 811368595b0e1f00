//! Arguments of natives as they lie on the stack.

use crate::heap::Heap;
use crate::native::Args;
use crate::value::Value;

/// The slice that an `Args` stands for.
#[inline(always)]
#[allow(clippy::not_unsafe_ptr_arg_deref)] // callable only with the parts of an `Args`, whose fields are private
pub(crate) fn arguments_slice<'a>(first: *const Value, count: u32) -> &'a [Value] {
    // SAFETY: `Args` is only made from a live slice of its own lifetime, or by `on_stack` from stack words that the interpreter leaves alone
    // while the native runs (later windows are laid above them).
    unsafe { std::slice::from_raw_parts(first, count as usize) }
}

/// Arguments that lie in the cage's stack at offset `first`.
#[inline(always)]
pub(super) fn on_stack<'a>(heap: &Heap, first: u32, count: u32, new_target: Value, callee: Value) -> Args<'a> {
    // SAFETY: `first..first + 8 * count` was checked against the stack's limit when the window was laid, and is 8-byte aligned.
    let slice = unsafe { std::slice::from_raw_parts(heap.cage().base().add(first as usize).cast::<Value>(), count as usize) };
    Args::new(slice, new_target, callee)
}
