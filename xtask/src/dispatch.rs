//! The gate on tail-called dispatch: stable Rust does not promise tail calls, so what the compiler made of the handlers is looked at.

use std::collections::BTreeSet;
use std::process::Command;

/// Disassembles `binary` and checks every handler; then runs a long loop with a small stack.
pub fn run(binary: &str) -> Result<String, String> {
    let listing = Command::new("objdump")
        .args(["-d", "--no-show-raw-insn", "-C", binary])
        .output()
        .map_err(|error| format!("objdump (Debian: binutils) is needed: {error}"))?;
    if !listing.status.success() {
        return Err(format!("objdump failed on {binary}"));
    }
    let text = String::from_utf8_lossy(&listing.stdout);
    let (handlers, offenders) = check_listing(&text);
    if handlers < 150 {
        return Err(format!("only {handlers} handlers found in {binary}: is it a release build with symbols?"));
    }
    if !offenders.is_empty() {
        return Err(format!("handlers that call through the table or call each other: {offenders:?}"));
    }
    // 30 million instructions: with a single lost tail call a stack of 1 MiB is gone at once.
    let script = "var s=0; for (var i=0;i<5000000;i++){ s=(s+i)%1000 } s";
    let loops = Command::new("sh")
        .args(["-c", "ulimit -s 1024; exec \"$0\" \"$1\"", binary, script])
        .output()
        .map_err(|error| error.to_string())?;
    if !loops.status.success() {
        return Err(format!("a loop of 5,000,000 turns on a 1 MiB stack ended with {}", loops.status));
    }
    Ok(format!("dispatch: {handlers} handlers, every one left by a jump"))
}

/// Whether a symbol is a handler: slow paths proper are functions named `out_of_line` inside them, which may be called.
fn is_handler(symbol: &str) -> bool {
    symbol.contains("interpreter::handlers::") && !symbol.contains("::out_of_line")
}

/// Number of handlers in a disassembly, and the names of those that reach another handler by a call.
fn check_listing(text: &str) -> (usize, BTreeSet<String>) {
    let mut handlers = 0;
    let mut offenders = BTreeSet::new();
    let mut current: Option<String> = None;
    for line in text.lines() {
        if let Some(name) = line.strip_suffix(">:").and_then(|line| line.split_once('<')).map(|(_, name)| name) {
            let is_handler = is_handler(name);
            current = is_handler.then(|| name.to_string());
            handlers += usize::from(is_handler);
            continue;
        }
        let Some(name) = &current else { continue };
        if line.contains("\tcall") && (is_handler(line) || line.contains("interpreter::dispatch::TABLE")) {
            offenders.insert(name.clone());
        }
        // A call through the table: `call *TABLE(,%rax,8)` or through a register loaded from it.
        if line.contains("\tcall") && line.contains('*') && line.contains(",8)") {
            offenders.insert(name.clone());
        }
    }
    (handlers, offenders)
}

#[cfg(test)]
mod tests {
    use super::check_listing;

    #[test]
    fn a_call_between_handlers_is_found() {
        let listing = "0000 <mayfly_engine::interpreter::handlers::simple::Move>:\n  1:\tjmp    *(%rax,%rcx,8)\n\
                       0010 <mayfly_engine::interpreter::handlers::simple::Nop>:\n  2:\tcall   *(%rax,%rcx,8)\n";
        let (handlers, offenders) = check_listing(listing);
        assert_eq!(handlers, 2);
        assert_eq!(offenders.len(), 1);
        assert!(offenders.iter().all(|name| name.ends_with("Nop")));
    }
}
