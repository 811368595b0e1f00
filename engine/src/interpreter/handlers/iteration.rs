//! Steps through arrays whose iteration is the built-in one: a record of array, hole, next index (see `slow::iteration`).

use super::{frame_handler, handler, load, set, slow_handler};
use crate::interpreter::dispatch::next;
use crate::interpreter::slow::iteration as slow;
use crate::value::Value;

/// The next element of the record in `$record`, when that is an array's and the element is there; goes on to `$slow` otherwise.
macro_rules! next_element {
    ($base:ident, $record:expr, $slow:expr) => {{
        let record = $record;
        let (array, method, next) = (*record, *record.add(1), *record.add(2));
        if !method.is_hole() || !next.is_int() {
            return $slow;
        }
        let index = next.as_int_unchecked() as u32;
        let elements: u32 = load($base, array.offset() + 12);
        let length: Value = load($base, array.offset() + 16);
        if !length.is_int() || index >= length.as_int_unchecked() as u32 || index >= load::<u32>($base, elements + 8) {
            return $slow;
        }
        let value: Value = load($base, elements.wrapping_add(16).wrapping_add(index.wrapping_mul(8)));
        if value.is_hole() {
            return $slow;
        }
        *record.add(2) = Value::int(index as i32 + 1);
        value
    }};
}

handler!(IterNext(pc, regs, cx, base, ic) {
    let value = next_element!(base, regs.add((*pc).b as usize), iter_next_slow(pc, regs, cx, base, ic));
    set(regs, (*pc).a, value);
    next!(pc, regs, cx, base, ic)
});
frame_handler!(iter_next_slow => slow::iter_next);

handler!(IterStep(pc, regs, cx, base, ic) {
    let value = next_element!(base, regs.add((*pc).b as usize), iter_step_slow(pc, regs, cx, base, ic));
    set(regs, (*pc).a, value);
    next!(pc, regs, cx, base, ic)
});
slow_handler!(iter_step_slow => slow::iter_step);
