var a = function () {}, b = class {}, c = () => {}, d = (function () {}), e = function named() {};
(f) = function () {}; g = function () {};
({ h = () => 1, i: j = class {} } = {});
