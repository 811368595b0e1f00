//! Timing of scripts with a real clock.
use std::rc::Rc;
use mayfly_engine::host::{Host, ModuleSource};
use mayfly_engine::{Context, ContextOptions, Natives};
struct Clock;
impl Host for Clock {
    fn now_ms(&mut self) -> Result<f64, String> { Ok(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_err(|e| e.to_string())?.as_micros() as f64 / 1.0) }
    fn random_seed(&mut self) -> Result<[u64; 2], String> { Ok([1, 2]) }
    fn load_module(&mut self, _: &str, _: &str, _: &[(String, String)]) -> Result<ModuleSource, String> { Err("none".into()) }
    fn as_any(&mut self) -> &mut dyn std::any::Any { self }
}
fn main() {
    let mut cx = Context::new(Box::new(Clock), Rc::new(Natives::new(&[])), ContextOptions::default()).expect("a cage");
    let source = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    match cx.evaluate_script(&source, "x.js") { Ok(v) => println!("{}", cx.to_text(v).unwrap()), Err(_) => { match cx.take_exception() { Some(e) => println!("ERR {}", cx.to_text(e).unwrap()), None => println!("terminated {:?}", cx.termination()) } } }
}
