//! Words, labels and the constant pool.

use crate::error::Fault;
use crate::opcode::header;
use std::collections::HashMap;

/// Greatest code size, in words.
const MAX_WORDS: usize = 1 << 21;

/// A place in the code that may not be known yet.
#[derive(Clone, Copy)]
pub(super) struct Label(usize);

#[derive(Default)]
pub(super) struct Assembler {
    pub(super) words: Vec<u32>,
    labels: Vec<u32>,
    label_uses: Vec<(usize, Label)>,
    pool: Vec<u32>,
    pool_index: HashMap<Vec<u32>, u32>,
    pool_uses: Vec<usize>,
}

impl Assembler {
    pub(super) fn new() -> Assembler {
        Assembler { words: vec![0; header::LENGTH], ..Assembler::default() }
    }

    pub(super) fn here(&self) -> u32 {
        self.words.len() as u32
    }

    pub(super) fn word(&mut self, word: u32) {
        self.words.push(word);
    }

    pub(super) fn new_label(&mut self) -> Label {
        self.labels.push(0);
        Label(self.labels.len() - 1)
    }

    pub(super) fn place(&mut self, label: Label) {
        let here = self.here();
        if let Some(slot) = self.labels.get_mut(label.0) {
            *slot = here;
        }
    }

    /// Appends the target a label stands for.
    pub(super) fn target(&mut self, label: Label) {
        self.label_uses.push((self.words.len(), label));
        self.words.push(0);
    }

    /// Appends the index of `data` in the pool, where equal data are kept once.
    pub(super) fn pooled(&mut self, data: Vec<u32>) {
        let at = self.intern(data);
        self.pool_uses.push(self.words.len());
        self.words.push(at);
    }

    /// Puts the pool index of `data` into a word already there.
    pub(super) fn pooled_at(&mut self, word: usize, data: Vec<u32>) {
        let at = self.intern(data);
        self.pool_uses.push(word);
        self.words[word] = at;
    }

    fn intern(&mut self, data: Vec<u32>) -> u32 {
        if let Some(&at) = self.pool_index.get(&data) {
            return at;
        }
        let at = self.pool.len() as u32;
        self.pool.extend_from_slice(&data);
        self.pool_index.insert(data, at);
        at
    }

    /// Called now and then so that a monstrous pattern stops early.
    pub(super) fn check_size(&self) -> Result<(), Fault> {
        if self.words.len() + self.pool.len() > MAX_WORDS { Err(Fault::too_large(0)) } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> Result<Vec<u32>, Fault> {
        self.check_size()?;
        for &(word, label) in &self.label_uses {
            self.words[word] = self.labels.get(label.0).copied().unwrap_or(0);
        }
        let base = self.here();
        for &word in &self.pool_uses {
            self.words[word] += base;
        }
        self.words[header::POOL] = base;
        self.words.append(&mut self.pool);
        Ok(self.words)
    }
}
