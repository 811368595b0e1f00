f(); a.b(1, ...c); new A; new A(1); a?.b.c(d); a?.[b]; a?.(c); (a?.b).c; a.b`t`; eval("x"); (0, eval)("y"); import("m"); import("m", { with: {} });
