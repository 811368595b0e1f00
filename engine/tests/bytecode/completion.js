1;
if (x) 2;
do { 3; if (y) break; } while (z);
try { 4; } finally { 5; }
label: { 6; break label; }
switch (x) { case 1: 7; }
var ignored = 8;
