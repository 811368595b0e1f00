//! Sets of code points as sorted ranges.

/// The greatest code point.
pub(crate) const MAX_CODE_POINT: u32 = 0x10_FFFF;

/// A set of code points: sorted, disjoint, non-adjacent inclusive ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CharSet {
    ranges: Vec<(u32, u32)>,
}

impl CharSet {
    pub(crate) fn new() -> CharSet {
        CharSet::default()
    }

    pub(crate) fn all() -> CharSet {
        CharSet { ranges: vec![(0, MAX_CODE_POINT)] }
    }

    pub(crate) fn single(c: u32) -> CharSet {
        CharSet { ranges: vec![(c, c)] }
    }

    /// From ranges in any order, overlapping or not.
    pub(crate) fn from_ranges(ranges: impl IntoIterator<Item = (u32, u32)>) -> CharSet {
        let mut set = CharSet { ranges: ranges.into_iter().collect() };
        set.normalise();
        set
    }

    fn normalise(&mut self) {
        if self.ranges.windows(2).all(|w| w[0].1.saturating_add(1) < w[1].0) {
            return;
        }
        self.ranges.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(self.ranges.len());
        for &(lo, hi) in &self.ranges {
            match out.last_mut() {
                Some(last) if lo <= last.1.saturating_add(1) => last.1 = last.1.max(hi),
                _ => out.push((lo, hi)),
            }
        }
        self.ranges = out;
    }

    pub(crate) fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    pub(crate) fn contains(&self, c: u32) -> bool {
        let at = self.ranges.partition_point(|&(_, hi)| hi < c);
        self.ranges.get(at).is_some_and(|&(lo, _)| lo <= c)
    }

    /// The only element, where there is exactly one.
    pub(crate) fn as_single(&self) -> Option<u32> {
        match self.ranges[..] {
            [(lo, hi)] if lo == hi => Some(lo),
            _ => None,
        }
    }

    pub(crate) fn insert(&mut self, c: u32) {
        self.insert_range(c, c);
    }

    pub(crate) fn insert_range(&mut self, lo: u32, hi: u32) {
        match self.ranges.last_mut() {
            // The common cases of a class written in order.
            Some(last) if lo >= last.0 && lo <= last.1.saturating_add(1) => last.1 = last.1.max(hi),
            Some(last) if lo < last.0 => {
                self.ranges.push((lo, hi));
                self.normalise();
            }
            _ => self.ranges.push((lo, hi)),
        }
    }

    pub(crate) fn union_with(&mut self, other: &CharSet) {
        if self.ranges.is_empty() {
            self.ranges.clone_from(&other.ranges);
        } else if !other.ranges.is_empty() {
            self.ranges.extend_from_slice(&other.ranges);
            self.normalise();
        }
    }

    pub(crate) fn complement(&self) -> CharSet {
        let mut out = Vec::with_capacity(self.ranges.len() + 1);
        let mut next = 0;
        for &(lo, hi) in &self.ranges {
            if lo > next {
                out.push((next, lo - 1));
            }
            next = hi + 1;
        }
        if next <= MAX_CODE_POINT {
            out.push((next, MAX_CODE_POINT));
        }
        CharSet { ranges: out }
    }

    pub(crate) fn intersect(&self, other: &CharSet) -> CharSet {
        let (mut i, mut j) = (0, 0);
        let mut out = Vec::new();
        while let (Some(&a), Some(&b)) = (self.ranges.get(i), other.ranges.get(j)) {
            let (lo, hi) = (a.0.max(b.0), a.1.min(b.1));
            if lo <= hi {
                out.push((lo, hi));
            }
            if a.1 < b.1 {
                i += 1;
            } else {
                j += 1;
            }
        }
        CharSet { ranges: out }
    }

    pub(crate) fn subtract(&self, other: &CharSet) -> CharSet {
        self.intersect(&other.complement())
    }

    /// Every element in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.ranges.iter().flat_map(|&(lo, hi)| lo..=hi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn model(ranges: &[(u32, u32)]) -> BTreeSet<u32> {
        ranges.iter().flat_map(|&(lo, hi)| lo..=hi).collect()
    }

    fn ranges() -> impl Strategy<Value = Vec<(u32, u32)>> {
        proptest::collection::vec((0u32..60, 0u32..6).prop_map(|(lo, n)| (lo, lo + n)), 0..8)
    }

    proptest! {
        #[test]
        fn operations_agree_with_a_tree_set(a in ranges(), b in ranges()) {
            let (sa, sb) = (CharSet::from_ranges(a.clone()), CharSet::from_ranges(b.clone()));
            let (ma, mb) = (model(&a), model(&b));
            let mut inserted = CharSet::new();
            for &(lo, hi) in &a { inserted.insert_range(lo, hi); }
            prop_assert_eq!(&inserted, &sa);
            let mut union = sa.clone();
            union.union_with(&sb);
            prop_assert_eq!(union.iter().collect::<BTreeSet<_>>(), &ma | &mb);
            prop_assert_eq!(sa.intersect(&sb).iter().collect::<BTreeSet<_>>(), &ma & &mb);
            prop_assert_eq!(sa.subtract(&sb).iter().collect::<BTreeSet<_>>(), &ma - &mb);
            prop_assert_eq!(sa.complement().complement(), sa.clone());
            for c in 0..70 { prop_assert_eq!(sa.contains(c), ma.contains(&c)); }
        }
    }

    #[test]
    fn complement_reaches_both_ends() {
        assert_eq!(CharSet::new().complement(), CharSet::all());
        assert_eq!(CharSet::all().complement(), CharSet::new());
        assert_eq!(CharSet::single(0).complement().ranges(), [(1, MAX_CODE_POINT)]);
        assert_eq!(CharSet::single(MAX_CODE_POINT).complement().ranges(), [(0, MAX_CODE_POINT - 1)]);
    }
}
