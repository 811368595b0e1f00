//! Tables, and the JSON form of what was measured.

use serde_json::{Map, Value, json};

/// A table of text: the first column to the left, the others to the right.
#[derive(Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub fn new<T: ToString>(headings: &[T]) -> Table {
        Table { rows: vec![headings.iter().map(T::to_string).collect()] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|i| self.rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.chars().count()).max().unwrap_or(0))
            .collect();
        for (number, row) in self.rows.iter().enumerate() {
            for (i, cell) in row.iter().enumerate() {
                let width = widths[i];
                match i {
                    0 => write!(f, "| {cell:<width$} |")?,
                    _ => write!(f, " {cell:>width$} |")?,
                }
            }
            writeln!(f)?;
            if number == 0 {
                for (i, width) in widths.iter().enumerate() {
                    let line = "-".repeat(*width);
                    match i {
                        0 => write!(f, "|-{line}-|")?,
                        _ => write!(f, "-{line}:|")?,
                    }
                }
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

/// A number with three significant digits; a dash for none.
pub fn short(value: f64) -> String {
    let size = value.abs();
    match () {
        () if !value.is_finite() => "–".to_string(),
        () if size >= 100.0 => format!("{value:.0}"),
        () if size >= 10.0 => format!("{value:.1}"),
        () => format!("{value:.2}"),
    }
}

/// Requests per second, in thousands.
pub fn thousands(value: f64) -> String {
    format!("{}k", short(value / 1e3))
}

/// What is known of this machine.
pub fn machine() -> Value {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_string())
    });
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").ok().map(|text| text.trim().to_string());
    json!({ "cpu": cpu, "cores": std::thread::available_parallelism().map_or(0, std::num::NonZero::get), "kernel": kernel })
}

/// What `--json` writes.
pub struct Results {
    /// By scenario: what was measured.
    pub scenarios: Map<String, Value>,
    /// Mayfly against a peer; above 1, Mayfly is ahead.
    pub ratios: Map<String, Value>,
    /// What could not be measured of Mayfly itself, or went wrong in it.
    pub failures: Vec<String>,
}

impl Results {
    /// Nothing yet.
    pub fn new() -> Results {
        Results { scenarios: Map::new(), ratios: Map::new(), failures: Vec::new() }
    }

    /// Notes a ratio, unless it could not be measured.
    pub fn ratio(&mut self, name: &str, value: f64) {
        if value.is_finite() {
            self.ratios.insert(name.to_string(), json!((value * 1e4).round() / 1e4));
        }
    }

    /// Notes, and tells, that something of Mayfly's could not be measured.
    pub fn failed(&mut self, what: &str, why: &str) {
        eprintln!("benches: {what}: {why}");
        self.failures.push(format!("{what}: {}", why.lines().next().unwrap_or_default()));
    }

    /// The whole as JSON.
    pub fn to_json(&self) -> Value {
        json!({ "machine": machine(), "scenarios": self.scenarios, "ratios": self.ratios })
    }
}

impl Default for Results {
    fn default() -> Self {
        Results::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up() {
        let mut table = Table::new(&["name", "ms"]);
        table.row(vec!["–".to_string(), "12.5".to_string()]);
        assert_eq!(table.to_string(), "| name |   ms |\n|------|-----:|\n| –    | 12.5 |\n");
    }

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> = [1234.4, 99.94, 1.234, -0.5, f64::NAN].map(short).to_vec();
        assert_eq!(shown, ["1234", "99.9", "1.23", "-0.50", "–"]);
        assert_eq!(thousands(123_456.0), "123k");
    }

    #[test]
    fn what_was_not_measured_is_left_out() {
        let mut results = Results::new();
        results.ratio("a", 1.23456);
        results.ratio("b", f64::NAN);
        assert_eq!(results.to_json()["ratios"], json!({ "a": 1.2346 }));
        assert!(results.to_json()["machine"]["cores"].as_u64() > Some(0));
    }
}
