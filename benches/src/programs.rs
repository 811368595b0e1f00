//! The classic programs: plain scripts that define `run(size)`, which gives a checksum.

/// A program with its sizes and what it must give.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Its name: the file in `programs/` without `.js`.
    pub name: &'static str,
    /// Source text.
    pub source: &'static str,
    /// Size measured: about 100 ms in a bytecode interpreter.
    pub size: u32,
    /// What `run(size)` gives.
    pub checksum: &'static str,
    /// Size for tests.
    pub small_size: u32,
    /// What `run(small_size)` gives.
    pub small_checksum: &'static str,
}

macro_rules! programs {
    ($($name:literal: $size:literal => $checksum:literal, $small_size:literal => $small_checksum:literal;)+) => {
        /// Every program. Checksums are those of node.
        pub const PROGRAMS: &[Program] = &[$(Program {
            name: $name,
            source: include_str!(concat!("../programs/", $name, ".js")),
            size: $size,
            checksum: $checksum,
            small_size: $small_size,
            small_checksum: $small_checksum,
        }),+];
    };
}

programs! {
    "richards": 20 => "46458560", 1 => "2322928";
    "deltablue": 20 => "3393850", 1 => "150208";
    "nbody": 5000 => "-0.169020000", 100 => "-0.169050762";
    "havlak": 150 => "1687/2250/10237/37", 5 => "56/75/341/1";
    "json": 400 => "-307603117", 20 => "-345663130";
    "sieve": 60000 => "24228", 5000 => "2676";
    "queens": 10 => "724462701", 6 => "4491317";
    "towers": 17 => "13107101", 8 => "25501";
    "mandelbrot": 120 => "351883327740", 30 => "21635397209";
    "strings": 5000 => "-2096842273", 200 => "1425649739";
    "regexp": 1000 => "-1257934545", 20 => "60624969";
    "closures": 8000 => "247961", 100 => "61033";
    "exceptions": 8000 => "26727152", 200 => "93866";
    "collections": 20000 => "30851778", 500 => "998397343";
    "fannkuch": 8 => "161622", 6 => "4910";
    "trees": 13 => "111957", 6 => "490";
    "properties": 6000 => "19157436", 200 => "327597";
    "lists": 10000 => "636691", 300 => "1126195";
    "generators": 8000 => "371195", 200 => "201106";
    "sha256": 400 => "311edad8a512455d27d7933e4f56df1547dc98f63d9966188ee7408f8f3ddd3e", 10 => "eadf3b91dad1e6b6471e9979b81b6e53cc3fb8d0f2f5324317c2b958a2721af8";
}

/// Programs whose name contains `filter`.
pub fn matching(filter: &str) -> Vec<Program> {
    PROGRAMS.iter().copied().filter(|program| program.name.contains(filter)).collect()
}

/// The program of this name.
pub fn find(name: &str) -> Option<&'static Program> {
    PROGRAMS.iter().find(|program| program.name == name)
}
