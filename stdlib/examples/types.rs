//! Prints the TypeScript declarations of the worker scope.
fn main() {
    print!("{}", mayfly_stdlib::typescript::declarations(&Default::default()));
}
