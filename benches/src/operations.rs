//! Single operations in every engine: where one of them is behind, as no program shows it.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use crate::engines::{self, JSC_LLINT, MAYFLY, NODE_JITLESS};
use crate::process;
use crate::report::{Table, short};
use crate::servers::peers::mayfly_binary;
use crate::stats::geometric_mean;

const SOURCE: &str = include_str!("../operations.mjs");
/// Longest that one process may take.
const LIMIT: Duration = Duration::from_secs(600);

/// What one engine did: nanoseconds and result of each operation.
type Measured = BTreeMap<String, (f64, String)>;

/// Runs all operations whose name contains `filter`, `repetitions` times in turn, and gives a table with those first in which Mayfly is behind
/// most.
///
/// # Errors
/// Where there is no mayfly binary, a process fails, or engines disagree about a result.
pub fn compare(filter: &str, repetitions: u32) -> Result<String, String> {
    let file = tempfile(filter)?;
    let mut commands = vec![(MAYFLY, {
        let mut command = Command::new(mayfly_binary().ok_or("the mayfly binary is not beside this one: cargo build --release -p mayfly")?);
        command.arg("run").arg(&file);
        command
    })];
    if let Some(node) = engines::find_executable("node") {
        let mut command = Command::new(node);
        command.arg("--jitless").arg(&file);
        commands.push((NODE_JITLESS, command));
    }
    if let Some(bun) = engines::find_executable("bun") {
        let mut command = Command::new(bun);
        command.env("BUN_JSC_useJIT", "0").arg(&file);
        commands.push((JSC_LLINT, command));
    }
    let mut all: BTreeMap<&str, Measured> = BTreeMap::new();
    for repetition in 1..=repetitions {
        for (name, command) in &mut commands {
            eprintln!("operations: {repetition} of {repetitions}, {name}");
            let known = all.entry(name).or_default();
            for (operation, (time, result)) in parse(&process::output(command.env("TZ", "UTC"), LIMIT)?)? {
                let entry = known.entry(operation).or_insert((f64::INFINITY, result));
                entry.0 = entry.0.min(time);
            }
        }
    }
    let outcome = std::fs::remove_file(&file);
    table(&all).and_then(|table| outcome.map(|()| table).map_err(|error| error.to_string()))
}

/// The script, with the filter in front.
fn tempfile(filter: &str) -> Result<std::path::PathBuf, String> {
    let file = std::env::temp_dir().join(format!("mayfly-operations-{}.mjs", std::process::id()));
    let filter = serde_json::to_string(filter).map_err(|error| error.to_string())?;
    std::fs::write(&file, format!("globalThis.FILTER = {filter};\n{SOURCE}")).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(file)
}

fn parse(line: &str) -> Result<Measured, String> {
    serde_json::from_str(line.trim()).map_err(|error| format!("no JSON of operations: {error}\n{line}"))
}

/// Operations in order of how far Mayfly is behind the best of the others, with the geometric means.
fn table(all: &BTreeMap<&str, Measured>) -> Result<String, String> {
    let mayfly = all.get(MAYFLY).filter(|measured| !measured.is_empty()).ok_or("no operation has such a name")?;
    let others: Vec<(&str, &Measured)> =
        all.iter().filter(|(name, _)| **name != MAYFLY).map(|(name, measured)| (*name, measured)).collect();
    let mut rows = Vec::new();
    for (operation, (time, result)) in mayfly {
        let mut ratios = Vec::new();
        for (name, measured) in &others {
            let (other, other_result) = measured.get(operation).ok_or_else(|| format!("{name} has not done {operation}"))?;
            if other_result != result {
                return Err(format!("{operation} gave {result} in Mayfly, {other_result} in {name}"));
            }
            ratios.push(other / time);
        }
        rows.push((operation, *time, ratios));
    }
    let least = |ratios: &[f64]| ratios.iter().copied().fold(f64::INFINITY, f64::min);
    rows.sort_by(|a, b| least(&a.2).total_cmp(&least(&b.2)));
    let mut headings = vec!["operation".to_string(), "mayfly ns".to_string()];
    headings.extend(others.iter().map(|(name, _)| format!("× {name}")));
    let mut table = Table::new(&headings);
    let means = (0..others.len()).map(|i| geometric_mean(&rows.iter().map(|row| row.2[i]).collect::<Vec<_>>()));
    let mut mean_row = vec!["geometric mean".to_string(), String::new()];
    mean_row.extend(means.map(short));
    for (operation, time, ratios) in &rows {
        let mut cells = vec![operation.to_string(), short(*time)];
        cells.extend(ratios.iter().map(|ratio| short(*ratio)));
        table.row(cells);
    }
    table.row(mean_row);
    Ok(table.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(time: f64, result: &str) -> Measured {
        BTreeMap::from([("add".to_string(), (time, result.to_string())), ("call".to_string(), (4.0, "1".to_string()))])
    }

    #[test]
    fn what_is_behind_comes_first_and_results_must_agree() {
        let all = BTreeMap::from([(MAYFLY, measured(2.0, "3")), (NODE_JITLESS, measured(1.0, "3"))]);
        let table = table(&all).expect("the results agree");
        let lines: Vec<&str> = table.lines().collect();
        assert!(lines[2].contains("add") && lines[2].contains("0.50"), "{table}");
        assert!(lines[3].contains("call") && lines[3].contains("1.00"), "{table}");
        assert!(lines[4].contains("0.71"), "{table}");
        let all = BTreeMap::from([(MAYFLY, measured(2.0, "3")), (NODE_JITLESS, measured(1.0, "4"))]);
        assert!(super::table(&all).is_err_and(|error| error.contains("add gave 3 in Mayfly, 4 in node")));
    }

    #[test]
    fn lines_of_engines_are_read() {
        assert_eq!(parse("{\"add\":[2.5,\"3\"]}\n").expect("JSON")["add"], (2.5, "3".to_string()));
        assert!(parse("oops").is_err());
    }
}
