let top1 = 1;
function sloppy(a) { var b; { let c; eval("d") } return () => e }
function strict(a) { "use strict"; return eval("a") }
function inParameter(a = eval("1")) { var b; }
function inArrow() { return x => eval(x) }
class D extends B { #p = 1; constructor() { eval("super()") } m() { eval("super.m") } f = eval("this") }
