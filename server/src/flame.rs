//! Flame graphs: stacks as boxes on one another, as wide as the samples that fell on them.

use std::collections::BTreeMap;
use std::fmt::Write;

use mayfly_engine::profile::{Function, Profile};

const WIDTH: f64 = 1200.0;
const ROW: f64 = 17.0;
const TOP: f64 = 34.0;
/// Narrower boxes are left out.
const NARROWEST: f64 = 0.3;
/// Width of a character of the labels, about.
const CHARACTER: f64 = 6.6;

/// A function at a place in the tree of stacks.
#[derive(Default)]
struct Node {
    ticks: u64,
    callees: BTreeMap<u32, Node>,
}

impl Node {
    fn depth(&self) -> usize {
        1 + self.callees.values().map(Node::depth).max().unwrap_or(0)
    }
}

/// An SVG of a profile's stacks: callers below, names and shares as tooltips. Names are escaped.
pub fn graph(title: &str, profile: &Profile) -> String {
    let mut root = Node::default();
    for (stack, ticks) in &profile.stacks {
        root.ticks += ticks;
        let mut node = &mut root;
        for function in stack {
            node = node.callees.entry(*function).or_default();
            node.ticks += ticks;
        }
    }
    let height = TOP + ROW * root.depth() as f64 + 10.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"monospace\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fffdf5\"/>\n<text x=\"10\" y=\"20\" font-size=\"14\">{}</text>\n",
        escaped(title)
    );
    if root.ticks == 0 {
        let _ = writeln!(svg, "<text x=\"10\" y=\"40\">No samples: it was over too soon. A shorter --interval-us, or more work?</text>");
    } else {
        let scale = (WIDTH - 20.0) / root.ticks as f64;
        let whole = root.ticks;
        let mut picture = Picture { svg: &mut svg, functions: &profile.functions, scale, whole };
        picture.boxed("all", "all", &root, 10.0, height - 10.0 - ROW, "#d8d8d8");
        picture.callees(&root, 10.0, height - 10.0 - 2.0 * ROW);
    }
    svg.push_str("</svg>\n");
    svg
}

struct Picture<'a> {
    svg: &'a mut String,
    functions: &'a [Function],
    scale: f64,
    whole: u64,
}

impl Picture<'_> {
    /// Boxes on a box, and on these.
    fn callees(&mut self, node: &Node, mut x: f64, y: f64) {
        for (function, callee) in &node.callees {
            let width = callee.ticks as f64 * self.scale;
            if width >= NARROWEST
                && let Some(function) = self.functions.get(*function as usize)
            {
                let place = match function.line {
                    0 => function.file.clone(),
                    line => format!("{}:{line}", function.file),
                };
                let tooltip = format!("{} ({place})", function.name);
                self.boxed(&function.name, &tooltip, callee, x, y, &colour(function));
                self.callees(callee, x, y - ROW);
            }
            x += width;
        }
    }

    fn boxed(&mut self, label: &str, tooltip: &str, node: &Node, x: f64, y: f64, colour: &str) {
        let width = node.ticks as f64 * self.scale;
        let share = 100.0 * node.ticks as f64 / self.whole as f64;
        let fitting = ((width - 4.0) / CHARACTER).max(0.0) as usize;
        let shown: String = if fitting < 3 { String::new() } else { label.chars().take(fitting).collect() };
        let _ = writeln!(
            self.svg,
            "<g><title>{}: {} samples, {share:.2} %</title><rect x=\"{x:.2}\" y=\"{y:.1}\" width=\"{width:.2}\" height=\"{}\" rx=\"1\" \
             fill=\"{colour}\"/><text x=\"{:.2}\" y=\"{:.1}\">{}</text></g>",
            escaped(tooltip),
            node.ticks,
            ROW - 1.0,
            x + 3.0,
            y + 12.0,
            escaped(&shown)
        );
    }
}

/// Warm colours for functions, the same for the same name; cold ones for natives.
fn colour(function: &Function) -> String {
    let hash = function.name.bytes().fold(2_166_136_261u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619));
    let (hue, light) = if function.line == 0 { (190 + hash % 40, 72) } else { (10 + hash % 45, 62 + hash / 64 % 12) };
    format!("hsl({hue},80%,{light}%)")
}

fn escaped(text: &str) -> String {
    let plain: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str, line: u32) -> Function {
        Function { name: name.to_string(), file: "a.js".to_string(), line, counts: mayfly_engine::profile::Counts::default() }
    }

    #[test]
    fn boxes_are_as_wide_as_their_samples() {
        let functions = vec![function("main", 1), function("<inner>", 2), function("sort", 0)];
        let profile = Profile { functions, stacks: vec![(vec![0], 1), (vec![0, 1], 2), (vec![0, 1, 2], 1)], ..Profile::default() };
        let svg = graph("t & t", &profile);
        assert!(svg.contains("t &amp; t") && svg.contains("&lt;inner&gt;") && !svg.contains("<inner>"), "{svg}");
        // all and main take the whole, inner three quarters, sort one.
        for (width, count) in [("1180.00", 2), ("885.00", 1), ("295.00", 1)] {
            assert_eq!(svg.matches(&format!("width=\"{width}\"")).count(), count, "{width} in {svg}");
        }
        assert!(graph("none", &Profile::default()).contains("No samples"));
    }
}
