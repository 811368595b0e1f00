// An incremental solver of one-way constraints with strengths: values flow from the stronger to the weaker.
// Exercises: class hierarchies, virtual calls, arrays used as lists and stacks.

const REQUIRED = 0;
const STRONG = 1;
const NORMAL = 2;
const WEAK = 3;
const WEAKEST = 4;

class Variable {
  constructor(name, value) {
    this.name = name;
    this.value = value;
    this.constraints = [];
    this.determinedBy = null;
    this.strength = WEAKEST;
    this.stays = true;
    this.mark = 0;
  }
}

class Constraint {
  constructor(strength) {
    this.strength = strength;
  }

  /// Inputs that are not the output are all known in this pass.
  inputsKnown(mark) {
    const inputs = this.inputs();
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i];
      if (input.mark !== mark && !input.stays && input.determinedBy !== null) return false;
    }
    return true;
  }

  /// Overrules a weaker constraint, which is returned (null if there was none, undefined if this cannot be satisfied).
  satisfy(mark) {
    this.choose(mark);
    if (!this.isSatisfied()) return undefined;
    const inputs = this.inputs();
    for (let i = 0; i < inputs.length; i++) inputs[i].mark = mark;
    const output = this.output();
    const overruled = output.determinedBy;
    if (overruled !== null) overruled.retract();
    output.determinedBy = this;
    output.mark = mark;
    return overruled;
  }
}

class Unary extends Constraint {
  constructor(variable, strength) {
    super(strength);
    this.variable = variable;
    this.satisfied = false;
    variable.constraints.push(this);
  }
  output() { return this.variable; }
  inputs() { return NONE; }
  isSatisfied() { return this.satisfied; }
  retract() { this.satisfied = false; }
  choose(mark) { this.satisfied = this.variable.mark !== mark && this.strength < this.variable.strength; }
  propagateStrength() {
    this.variable.strength = this.strength;
    this.variable.stays = this.isStay();
    if (this.variable.stays) this.execute();
  }
  variables() { return [this.variable]; }
}
const NONE = [];

class Stay extends Unary {
  isStay() { return true; }
  execute() {}
}

class Edit extends Unary {
  isStay() { return false; }
  execute() {}
}

class Binary extends Constraint {
  constructor(left, right, strength) {
    super(strength);
    this.left = left;
    this.right = right;
    this.direction = 0;
    left.constraints.push(this);
    right.constraints.push(this);
  }
  output() { return this.direction > 0 ? this.right : this.left; }
  input() { return this.direction > 0 ? this.left : this.right; }
  inputs() { return [this.input()]; }
  isSatisfied() { return this.direction !== 0; }
  retract() { this.direction = 0; }
  variables() { return [this.left, this.right]; }
  choose(mark) {
    const { left, right, strength } = this;
    if (left.mark === mark) {
      this.direction = right.mark !== mark && strength < right.strength ? 1 : 0;
    } else if (right.mark === mark) {
      this.direction = strength < left.strength ? -1 : 0;
    } else if (left.strength > right.strength) {
      this.direction = strength < left.strength ? -1 : 0;
    } else {
      this.direction = strength < right.strength ? 1 : 0;
    }
  }
  propagateStrength() {
    const input = this.input();
    const output = this.output();
    output.strength = Math.max(this.strength, input.strength);
    output.stays = input.stays;
    if (output.stays) this.execute();
  }
}

class Equal extends Binary {
  execute() { this.output().value = this.input().value; }
}

/// right = left * scale + offset
class Scale extends Binary {
  constructor(left, scale, offset, right, strength) {
    super(left, right, strength);
    this.scale = scale;
    this.offset = offset;
    scale.constraints.push(this);
    offset.constraints.push(this);
  }
  inputs() { return [this.input(), this.scale, this.offset]; }
  variables() { return [this.left, this.right, this.scale, this.offset]; }
  execute() {
    if (this.direction > 0) this.right.value = this.left.value * this.scale.value + this.offset.value;
    else this.left.value = (this.right.value - this.offset.value) / this.scale.value;
  }
  propagateStrength() {
    const input = this.input();
    const output = this.output();
    output.strength = Math.max(this.strength, input.strength);
    output.stays = input.stays && this.scale.stays && this.offset.stays;
    if (output.stays) this.execute();
  }
}

class Planner {
  constructor() {
    this.mark = 0;
  }

  add(constraint) {
    const mark = ++this.mark;
    let next = constraint;
    while (next !== null && next !== undefined) {
      const overruled = next.satisfy(mark);
      if (overruled === undefined) break;
      this.propagateFrom(next);
      next = overruled;
    }
  }

  /// Strengths and constant values flow downstream from a constraint's output.
  propagateFrom(constraint) {
    const todo = [constraint];
    while (todo.length > 0) {
      const current = todo.pop();
      current.propagateStrength();
      this.consumers(current.output(), todo);
    }
  }

  consumers(variable, into) {
    const by = variable.determinedBy;
    const constraints = variable.constraints;
    for (let i = 0; i < constraints.length; i++) {
      const constraint = constraints[i];
      if (constraint !== by && constraint.isSatisfied()) into.push(constraint);
    }
  }

  remove(constraint) {
    if (!constraint.isSatisfied()) {
      for (const variable of constraint.variables()) variable.constraints.splice(variable.constraints.indexOf(constraint), 1);
      return;
    }
    const output = constraint.output();
    constraint.retract();
    for (const variable of constraint.variables()) variable.constraints.splice(variable.constraints.indexOf(constraint), 1);
    const unsatisfied = [];
    output.determinedBy = null;
    output.strength = WEAKEST;
    output.stays = true;
    const todo = [output];
    while (todo.length > 0) {
      const variable = todo.pop();
      for (const other of variable.constraints) if (!other.isSatisfied()) unsatisfied.push(other);
      const next = [];
      this.consumers(variable, next);
      for (const other of next) {
        other.propagateStrength();
        todo.push(other.output());
      }
    }
    unsatisfied.sort((a, b) => a.strength - b.strength);
    for (const other of unsatisfied) if (!other.isSatisfied()) this.add(other);
  }

  /// The constraints to execute, in order, when the edited variables change.
  plan(edits) {
    const mark = ++this.mark;
    const steps = [];
    const todo = edits.slice();
    while (todo.length > 0) {
      const constraint = todo.shift();
      const output = constraint.output();
      if (output.mark !== mark && constraint.inputsKnown(mark)) {
        steps.push(constraint);
        output.mark = mark;
        this.consumers(output, todo);
      }
    }
    return steps;
  }
}

function change(planner, variable, values) {
  const edit = new Edit(variable, STRONG);
  planner.add(edit);
  const plan = planner.plan([edit]);
  for (const value of values) {
    variable.value = value;
    for (let i = 0; i < plan.length; i++) plan[i].execute();
  }
  planner.remove(edit);
  return plan.length;
}

function chain(length) {
  const planner = new Planner();
  const variables = [];
  for (let i = 0; i <= length; i++) {
    variables.push(new Variable('v' + i, 0));
    if (i > 0) planner.add(new Equal(variables[i - 1], variables[i], REQUIRED));
  }
  planner.add(new Stay(variables[length], WEAK));
  const values = [];
  for (let i = 0; i < 50; i++) values.push(i * 3);
  const steps = change(planner, variables[0], values);
  return variables[length].value + steps;
}

function projection(count) {
  const planner = new Planner();
  const scale = new Variable('scale', 10);
  const offset = new Variable('offset', 1000);
  const sources = [];
  const targets = [];
  for (let i = 0; i < count; i++) {
    const source = new Variable('s' + i, i);
    const target = new Variable('t' + i, i);
    sources.push(source);
    targets.push(target);
    planner.add(new Stay(source, NORMAL));
    planner.add(new Scale(source, scale, offset, target, REQUIRED));
  }
  let sum = change(planner, sources[count - 1], [17, 18, 19]);
  sum += targets[count - 1].value;
  sum += change(planner, targets[0], [1050, 1060]);
  sum += sources[0].value;
  for (let i = 0; i < count; i++) sum += targets[i].value;
  return sum;
}

function run(size) {
  let checksum = 0;
  for (let i = 0; i < size; i++) checksum += chain(100 + i) + projection(100 + i);
  return checksum;
}
