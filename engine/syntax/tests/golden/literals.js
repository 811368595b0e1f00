null; true; 1.5; 0x10; 1_000; 077; 12n; 0xFFn; "a\n\u{1F600}"; '\uD800'; /a[/]b/giu; `plain`; `a${b}c${d}`;
tag`x\unicode${1}y`; [1, , ...rest]; (a, b);
