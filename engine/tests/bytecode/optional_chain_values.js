function f(a, b) { const x = a?.b?.[b]?.(a?.c).d; if (a?.b) return 1; if (!a?.b) return 2; while (a?.next) a = a.next; return x; }
