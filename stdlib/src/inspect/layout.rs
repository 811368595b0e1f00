//! Entries of an object on one line or several, short array elements in columns.

use super::Inspector;
use mayfly_engine::object::Object;

/// Width of a text as Node counts it, in UTF-16 units.
fn width(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// What kind of entries there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Entries {
    Properties,
    /// Elements first, then properties.
    Elements,
}

impl Inspector<'_> {
    /// Puts entries between braces.
    pub(super) fn join(
        &self,
        mut output: Vec<String>,
        base: &str,
        braces: (&str, &str),
        entries: Entries,
        depth: usize,
        object: Object,
    ) -> String {
        let count = output.len();
        if entries == Entries::Elements && count > 6 {
            output = self.group(output, object);
        }
        let lead = if base.is_empty() { String::new() } else { format!("{base} ") };
        if self.current_depth.saturating_sub(depth) < self.options.compact && count == output.len() {
            let start = output.len() + self.indentation + width(braces.0) + width(base) + 10;
            if self.fits(&output, start, base) {
                let joined = output.join(", ");
                if !joined.contains('\n') {
                    return format!("{lead}{} {joined} {}", braces.0, braces.1);
                }
            }
        }
        let indentation = format!("\n{}", " ".repeat(self.indentation));
        format!("{lead}{}{indentation}  {}{indentation}{}", braces.0, output.join(&format!(",{indentation}  ")), braces.1)
    }

    fn fits(&self, output: &[String], start: usize, base: &str) -> bool {
        let mut total = output.len() + start;
        if total + output.len() > self.options.break_length {
            return false;
        }
        for entry in output {
            total += width(entry);
            if total > self.options.break_length {
                return false;
            }
        }
        base.is_empty() || !base.contains('\n')
    }

    /// Short elements in columns: about as wide as high, numbers to the right.
    fn group(&self, output: Vec<String>, object: Object) -> Vec<String> {
        let has_trailer = output.len() > self.options.max_array_length;
        let count = output.len() - usize::from(has_trailer);
        let widths: Vec<usize> = output[..count].iter().map(|entry| width(entry)).collect();
        let total: usize = widths.iter().map(|width| width + 2).sum();
        let longest = widths.iter().copied().max().unwrap_or(0);
        let column = longest + 2;
        if column * 3 + self.indentation >= self.options.break_length || (total as f64 / column as f64 <= 5.0 && longest > 6) {
            return output;
        }
        let bias = (column as f64 - total as f64 / output.len() as f64).sqrt();
        let biased = (column as f64 - 3.0 - bias).max(1.0);
        let square = ((2.5 * biased * count as f64).sqrt() / biased).round() as usize;
        let columns = square.min((self.options.break_length - self.indentation) / column).min(self.options.compact * 4).min(15);
        if columns <= 1 {
            return output;
        }
        let column_widths: Vec<usize> =
            (0..columns).map(|first| widths.iter().skip(first).step_by(columns).copied().max().unwrap_or(0) + 2).collect();
        let numbers = (0..output.len() as u32).all(|i| {
            let element = self.element_quietly(object, i);
            element.is_number() || element.is_bigint()
        });
        let mut rows = Vec::new();
        for first in (0..count).step_by(columns) {
            let last = (first + columns).min(count) - 1;
            let mut row = String::new();
            for at in first..=last {
                let padding = column_widths[at - first];
                match (at == last, numbers) {
                    (false, false) => row.push_str(&pad_end(&format!("{}, ", output[at]), padding)),
                    (false, true) => row.push_str(&pad_start(&format!("{}, ", output[at]), padding)),
                    (true, false) => row.push_str(&output[at]),
                    (true, true) => row.push_str(&pad_start(&output[at], padding - 2)),
                }
            }
            rows.push(row);
        }
        if has_trailer {
            rows.extend(output.into_iter().next_back());
        }
        rows
    }
}

fn pad_start(text: &str, to: usize) -> String {
    " ".repeat(to.saturating_sub(width(text))) + text
}

fn pad_end(text: &str, to: usize) -> String {
    text.to_string() + &" ".repeat(to.saturating_sub(width(text)))
}
