//! The heap verifier: walks every cell and checks that what it refers to is a cell of the right sort.

use super::{FIRST_CELL, Heap, Kind, ROOT_COUNT, ROOTS_START};
use crate::value::{Value, tag};

/// What the verifier found wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeapError {
    /// The cell.
    pub cell: u32,
    /// What is wrong with it.
    pub message: String,
}

impl std::fmt::Display for HeapError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "heap cell {:#x}: {}", self.cell, self.message)
    }
}
impl std::error::Error for HeapError {}

impl Heap {
    /// Offsets of every cell, in order.
    pub fn cells(&self) -> Vec<u32> {
        self.fill_rest_of_hole();
        let mut cells = Vec::new();
        let gap = (self.image_end, self.image_end.next_multiple_of(4096));
        let mut cell = FIRST_CELL;
        let end = self.used_end();
        while cell < end {
            if self.image_end != 0 && cell >= gap.0 && cell < gap.1 {
                cell = gap.1;
                continue;
            }
            cells.push(cell);
            cell += self.cell_size(cell);
        }
        cells
    }

    /// Checks the whole heap. Between jobs only: a running native may hold half-built cells.
    pub fn verify(&self) -> Result<(), HeapError> {
        let cells = self.cells();
        let known = |offset: u32| cells.binary_search(&offset).is_ok();
        let check = |cell: u32, value: Value, what: &str| -> Result<(), HeapError> {
            if !value.is_reference() {
                return Ok(());
            }
            let target = value.offset();
            let fail = |message: String| Err(HeapError { cell, message });
            if !known(target) {
                return fail(format!("{what} refers to {target:#x}, which is no cell"));
            }
            let kind = self.kind(target);
            let fits = match value.tag() {
                tag::OBJECT => kind.is_object(),
                tag::STRING => matches!(kind, Kind::FlatString | Kind::Rope | Kind::Slice),
                tag::SYMBOL => kind == Kind::Symbol,
                tag::BIGINT => kind == Kind::BigInt,
                _ => kind != Kind::Free,
            };
            if fits { Ok(()) } else { fail(format!("{what} is tagged {:#x} but refers to a {kind:?}", value.tag())) }
        };
        for i in 0..ROOT_COUNT {
            check(0, self.load(ROOTS_START + 8 * i), &format!("root {i}"))?;
        }
        for &cell in &cells {
            let kind = self.kind(cell);
            match kind {
                Kind::Values => {
                    for i in 0..self.word(cell) {
                        check(cell, self.load(cell + 16 + 8 * i), "value")?;
                    }
                }
                Kind::Environment => {
                    for i in 0..self.load::<u32>(cell + 12) {
                        check(cell, self.load(cell + 16 + 8 * i), "slot")?;
                    }
                }
                kind if kind.is_object() => {
                    let shape = self.word(cell);
                    if !known(shape) || self.kind(shape) != Kind::Shape {
                        return Err(HeapError { cell, message: format!("{kind:?} without a shape ({shape:#x})") });
                    }
                    for link in [self.load::<u32>(cell + 8), self.load::<u32>(cell + 12)] {
                        if link != 0 && (!known(link) || self.kind(link) != Kind::Values) {
                            return Err(HeapError { cell, message: format!("{kind:?} with slots or elements at {link:#x}") });
                        }
                    }
                    let mut at = cell + 16;
                    while at < cell + self.cell_size(cell) {
                        check(cell, self.load(at), "slot")?;
                        at += 8;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}
