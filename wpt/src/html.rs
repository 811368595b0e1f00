//! A page with totals and failures.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::report::{Baseline, PEERS, Totals, sum};
use crate::runner::{Harness, RunResult, Status};

const STYLE: &str = "body{font:14px system-ui,sans-serif;margin:2em;max-width:80em}table{border-collapse:collapse}\
td,th{padding:.2em .7em;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}\
tr.behind td:nth-child(2){color:#b00}li{margin:.2em 0}code{font-size:12px}summary{cursor:pointer;margin:.3em 0}";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn row(page: &mut String, name: &str, totals: &Totals, peers: Option<[usize; 4]>) -> std::fmt::Result {
    let behind = peers.is_some_and(|peers| peers.iter().any(|&peer| peer > totals.passed));
    write!(
        page,
        "<tr{}><td>{}<td>{}<td>{}<td>{:.2}<td>{}<td>{}",
        if behind { " class=behind" } else { "" },
        escape(name),
        totals.passed,
        totals.total,
        totals.share(),
        totals.panics,
        totals.timeouts
    )?;
    for peer in peers.into_iter().flatten() {
        write!(page, "<td>{peer}")?;
    }
    page.push('\n');
    Ok(())
}

fn page(
    commit: &str,
    totals: &BTreeMap<String, Totals>,
    baseline: Option<&Baseline>,
    results: &[RunResult],
) -> Result<String, std::fmt::Error> {
    let mut page = format!(
        "<!doctype html><meta charset=utf-8><title>Web Platform Tests</title><style>{STYLE}</style>\n<h1>Web Platform Tests</h1>\n\
         <p>Suite at commit <code>{}</code>.\n<table><tr><th>directory<th>passed<th>total<th>%<th>panics<th>timeouts",
        escape(commit)
    );
    for peer in PEERS {
        write!(page, "<th>{peer}")?;
    }
    page.push('\n');
    for (name, entry) in totals {
        row(&mut page, name, entry, baseline.and_then(|baseline| baseline.directory(name)).map(|(_, peers)| peers))?;
    }
    row(&mut page, "all", &sum(totals), None)?;
    page.push_str("</table>\n<h2>Failures</h2>\n");
    for result in results {
        let failed: Vec<_> = result.subtests.iter().filter(|subtest| subtest.status != Status::Passed).collect();
        if failed.is_empty() && result.harness == Harness::Ok {
            continue;
        }
        let harness = match &result.harness {
            Harness::Ok => String::new(),
            other => format!(": {other:?}"),
        };
        write!(
            page,
            "<details><summary>{} ({} of {} failed{})</summary><ul>",
            escape(&result.run.name()),
            failed.len(),
            result.subtests.len(),
            escape(&harness)
        )?;
        for subtest in failed {
            writeln!(page, "<li>{:?} {}: <code>{}</code>", subtest.status, escape(&subtest.name), escape(&subtest.message))?;
        }
        page.push_str("</ul></details>\n");
    }
    Ok(page)
}

/// Writes the page.
///
/// # Errors
/// Where the file cannot be written.
pub fn write(
    path: &Path,
    commit: &str,
    totals: &BTreeMap<String, Totals>,
    baseline: Option<&Baseline>,
    results: &[RunResult],
) -> std::io::Result<()> {
    let page = page(commit, totals, baseline, results).map_err(std::io::Error::other)?;
    std::fs::write(path, page)
}
