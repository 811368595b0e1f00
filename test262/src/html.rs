//! The report that one can look at: bars per directory, failing tests with their source and message. One file, no scripts.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::report::{Totals, directory, totals};
use crate::runner::{FileResult, Verdict};

/// Longest source shown, in bytes.
const LONGEST_SOURCE: usize = 6000;
/// Failures whose source is shown, per directory of the table.
const MOST_SOURCES: usize = 400;

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#222}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}table{border-collapse:collapse;width:100%}td,th{padding:.15rem .6rem;text-align:right}\
td:first-child,th:first-child{text-align:left}.bar{width:18rem;height:.8rem;background:#f3c6c0;border-radius:2px;overflow:hidden}\
.bar i{display:block;height:100%;background:#4b9e6b}details{border-top:1px solid #ddd;padding:.2rem 0}summary{cursor:pointer}\
summary b{font-weight:600}summary span{color:#a33;margin-left:.6rem}pre{background:#f6f6f4;padding:.6rem;overflow:auto;font-size:13px}\
.sub td:first-child{padding-left:1.6rem}@media(prefers-color-scheme:dark){body{background:#1b1b1b;color:#ddd}pre{background:#262626}.bar{background:#6d3a34}summary span{color:#e88}}";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Third level of the suite's directories, for the rows under each total.
fn subdirectory(file: &str) -> String {
    file.split('/').take(3).collect::<Vec<_>>().join("/")
}

fn row(page: &mut String, class: &str, name: &str, totals: Totals) {
    let share = totals.share();
    let _ = writeln!(
        page,
        "<tr class={class}><td>{}</td><td>{}</td><td>{}</td><td>{share:.2} %</td><td>{}</td><td>{}</td><td><div class=bar><i style='width:{share:.2}%'></i></div></td></tr>",
        escape(name),
        totals.passed,
        totals.total,
        totals.panics,
        totals.timeouts,
    );
}

/// The page.
pub fn page(root: &Path, results: &[FileResult]) -> String {
    let mut page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>test262</title><style>{STYLE}</style>\n<h1>test262 at {}</h1>\n<p>A file passes when every variant of it does.</p>\n",
        crate::suite::commit()
    );
    page.push_str("<table><tr><th>directory<th>passed<th>total<th>share<th>panics<th>timeouts<th></tr>\n");
    let parts = totals(results, subdirectory);
    let whole = totals(results, directory);
    let mut failures: BTreeMap<String, Vec<&FileResult>> = BTreeMap::new();
    for result in results.iter().filter(|result| result.verdict != Verdict::Passed) {
        failures.entry(directory(&result.file)).or_default().push(result);
    }
    for (name, totals) in &whole {
        row(&mut page, "all", name, *totals);
        let members: Vec<&String> = parts.keys().filter(|part| directory(&format!("{part}/x")) == *name).collect();
        for part in members {
            if parts[part].passed < parts[part].total {
                row(&mut page, "sub", part, parts[part]);
            }
        }
    }
    page.push_str("</table>\n");
    for (name, failed) in failures {
        let _ = writeln!(page, "<h2>{}: {} not passed</h2>", escape(&name), failed.len());
        for (i, result) in failed.iter().enumerate() {
            let message = match &result.verdict {
                Verdict::Passed => continue,
                Verdict::Failed(message) => message.clone(),
                Verdict::Panicked(message) => format!("PANIC {message}"),
                Verdict::TimedOut => "ran out of time".to_string(),
            };
            let _ = write!(page, "<details><summary><b>{}</b><span>{}</span></summary>", escape(&result.file), escape(&message));
            if i < MOST_SOURCES {
                let source = std::fs::read(root.join(&result.file)).unwrap_or_default();
                let shown = &source[..source.len().min(LONGEST_SOURCE)];
                let _ = write!(page, "<pre>{}</pre>", escape(&String::from_utf8_lossy(shown)));
            }
            page.push_str("</details>\n");
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_failures_escaped_and_counts_every_file() {
        let result = |file: &str, verdict| FileResult { file: file.to_string(), verdict };
        let results =
            [result("test/language/a/x.js", Verdict::Passed), result("test/language/b/<y>.js", Verdict::Failed("a < b".to_string()))];
        let page = page(Path::new("/nowhere"), &results);
        assert!(page.contains("test/language/b/&lt;y&gt;.js"));
        assert!(page.contains("a &lt; b"));
        assert!(page.contains("<td>test/language</td><td>1</td><td>2</td><td>50.00 %</td>"));
        assert!(!page.contains("a/x.js"), "passing files are not listed");
    }
}
