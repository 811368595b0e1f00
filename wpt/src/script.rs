//! Scripts that the runner evaluates around a test.

/// Begins the lines that carry results through the console.
pub const MARK: &str = "\u{1}wpt:";

/// Before testharness.js: what the suite's server puts at the top of a worker made from `*.any.js`.
pub const BEFORE_HARNESS: &str = r"
self.GLOBAL = {
  isWindow: function() { return false; },
  isWorker: function() { return true; },
  isShadowRealm: function() { return false; },
};
";

/// After testharness.js: results go to the console, each as soon as it is known, so that those of a file that hangs are not lost.
pub const REPORTER: &str = r#"
{
  const write = console.debug.bind(console), stringify = JSON.stringify, { apply } = Reflect, { toWellFormed } = String.prototype;
  const text = value => apply(toWellFormed, String(value), []);
  const say = (...parts) => write("\u0001wpt:" + stringify(parts));
  add_result_callback(test => say("subtest", text(test.name), test.status, test.message == null ? "" : text(test.message)));
  add_completion_callback((tests, harness) => say("complete", harness.status, harness.message == null ? "" : text(harness.message)));
}
"#;

/// After the reporter: the function by which tests ask for a collection of garbage (<https://testutils.spec.whatwg.org/#dom-testutils-gc>).
/// The runner makes one before it waits for the timer.
pub const TEST_UTILS: &str = r#"
{
  const write = console.debug.bind(console), later = setTimeout;
  self.TestUtils = { gc: () => new Promise(resolve => { write("\u0001wpt:[\"gc\"]"); later(resolve, 0); }) };
}
"#;

/// After the test and the microtasks it left: a worker of this kind has been loaded when it is installed.
pub const LOADED: &str = r#"dispatchEvent(new Event("install"));"#;

/// Ends a test that takes too long.
pub const TIME_OUT: &str = "timeout();";

/// A test with the scripts that `importScripts` at the top level would load, as `(name, text)` in order; the last is the test without
/// those calls. Only calls with literal arguments at the start of a line count: other calls are left to the scope.
pub fn imports(source: &str) -> (Vec<String>, String) {
    let mut names = Vec::new();
    let mut rest = String::with_capacity(source.len());
    for line in source.split_inclusive('\n') {
        match line.trim_end().strip_prefix("importScripts(").and_then(|call| call.trim_end_matches(';').strip_suffix(')')) {
            Some(arguments) => {
                names.extend(arguments.split(',').map(|argument| argument.trim().trim_matches(['"', '\'']).to_string()));
                rest.push('\n');
            }
            None => rest.push_str(line),
        }
    }
    (names, rest)
}

#[cfg(test)]
mod tests {
    #[test]
    fn imports_are_taken_out() {
        let (names, rest) = super::imports("// x\nimportScripts(\"/a.js\", 'b.js');\nimportScripts('c.js')\n  importScripts(d);\ndone();");
        assert_eq!(names, ["/a.js", "b.js", "c.js"]);
        assert_eq!(rest, "// x\n\n\n  importScripts(d);\ndone();");
    }
}
