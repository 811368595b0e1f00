//! Bar charts as SVG.

use std::fmt::Write;

/// One group of bars: its label, and a value per series (NaN for none).
pub struct Group {
    /// What the bars are of.
    pub label: String,
    /// One value per series.
    pub values: Vec<f64>,
}

const COLOURS: &[&str] = &["#d1495b", "#30638e", "#6a994e", "#edae49", "#8d6a9f", "#7a7a7a", "#00798c", "#b56576"];
const LEFT: f64 = 170.0;
const WIDTH: f64 = 900.0;
const BAR: f64 = 9.0;
const GAP: f64 = 10.0;

/// Horizontal bars in groups, longest bar as wide as the chart. Text is escaped.
pub fn bars(title: &str, series: &[String], groups: &[Group]) -> String {
    let most = groups.iter().flat_map(|group| &group.values).copied().filter(|value| value.is_finite()).fold(0.0, f64::max);
    let scale = if most > 0.0 { (WIDTH - LEFT - 80.0) / most } else { 0.0 };
    let top = 40.0 + 18.0 * series.len().div_ceil(3) as f64;
    let group_height = BAR * series.len() as f64 + GAP;
    let height = top + group_height * groups.len() as f64 + 10.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"10\" y=\"22\" font-size=\"15\">{}</text>\n",
        escaped(title)
    );
    for (i, name) in series.iter().enumerate() {
        let (x, y) = (10.0 + 290.0 * (i % 3) as f64, 36.0 + 18.0 * (i / 3) as f64);
        let colour = COLOURS[i % COLOURS.len()];
        let name = escaped(name);
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"10\" height=\"10\" fill=\"{colour}\"/><text x=\"{}\" y=\"{}\">{name}</text>",
            x + 15.0,
            y + 9.0
        );
    }
    for (number, group) in groups.iter().enumerate() {
        let y = top + group_height * number as f64;
        let middle = y + BAR * series.len() as f64 / 2.0 + 4.0;
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{middle:.1}\" text-anchor=\"end\">{}</text>", LEFT - 8.0, escaped(&group.label));
        for (i, value) in group.values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
            let (y, width) = (y + BAR * i as f64, value * scale);
            let colour = COLOURS[i % COLOURS.len()];
            let _ = writeln!(
                svg,
                "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{:.1}\" font-size=\"8\">{}</text>",
                BAR - 1.0,
                LEFT + width + 3.0,
                y + BAR - 2.0,
                crate::report::short(*value)
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_to_scale() {
        let groups = [Group { label: "a<b".to_string(), values: vec![2.0, f64::NAN, 1.0] }];
        let svg = bars("t", &["x".to_string(), "y".to_string(), "z".to_string()], &groups);
        assert!(svg.contains("a&lt;b") && svg.contains("width=\"650.0\"") && svg.contains("width=\"325.0\""), "{svg}");
        // Legend, background and two bars: nothing for what was not measured.
        assert_eq!(svg.matches("<rect").count(), 1 + 3 + 2);
        assert!(bars("none", &[], &[]).ends_with("</svg>\n"));
    }
}
