//! ECMAScript regular expressions on position-independent code.
