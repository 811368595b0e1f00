function F() { return new.target; }
class C { constructor() { this.t = () => new.target; } x = new.target; }
