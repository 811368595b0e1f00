// Finds the nesting of loops in a control-flow graph (Havlak's algorithm: depth-first numbering, union-find).
// Exercises: graphs of objects, arrays of arrays, Sets, path compression.

class Block {
  constructor(name) {
    this.name = name;
    this.successors = [];
    this.predecessors = [];
  }
}

class Graph {
  constructor() {
    this.blocks = [];
  }
  block() {
    const block = new Block(this.blocks.length);
    this.blocks.push(block);
    return block;
  }
  edge(from, to) {
    from.successors.push(to);
    to.predecessors.push(from);
  }
}

/// A straight line of blocks.
function line(graph, from, count) {
  for (let i = 0; i < count; i++) {
    const next = graph.block();
    graph.edge(from, next);
    from = next;
  }
  return from;
}

function diamond(graph, from) {
  const left = graph.block(), right = graph.block(), end = graph.block();
  graph.edge(from, left);
  graph.edge(from, right);
  graph.edge(left, end);
  graph.edge(right, end);
  return end;
}

/// A loop around whatever `inner` builds.
function loop(graph, from, inner) {
  const header = line(graph, from, 1);
  const body = inner(graph, diamond(graph, header));
  graph.edge(body, header);
  const end = graph.block();
  graph.edge(body, end);
  return end;
}

function buildGraph(size) {
  const graph = new Graph();
  let at = graph.block();
  for (let i = 0; i < size; i++) {
    at = loop(graph, at, (g, b) => {
      for (let j = 0; j < 5; j++) b = loop(g, b, (g2, b2) => loop(g2, line(g2, b2, 2), (g3, b3) => diamond(g3, b3)));
      return b;
    });
    if (i % 4 === 3) {
      // A loop that can be entered in two places.
      const first = graph.block(), second = graph.block();
      graph.edge(at, first);
      graph.edge(at, second);
      graph.edge(first, second);
      graph.edge(second, first);
      at = graph.block();
      graph.edge(second, at);
    }
  }
  return graph;
}

class Loop {
  constructor(header, reducible) {
    this.header = header;
    this.reducible = reducible;
    this.parent = null;
    this.blocks = new Set();
    this.depth = 0;
  }
}

class Node {
  constructor(block, number) {
    this.block = block;
    this.number = number;
    this.last = number;
    this.union = this;
    this.loop = null;
    this.back = [];
    this.others = new Set();
    this.header = null;
  }

  find() {
    let root = this;
    while (root.union !== root) root = root.union;
    let node = this;
    while (node.union !== root) {
      const next = node.union;
      node.union = root;
      node = next;
    }
    return root;
  }
}

function number(graph) {
  const nodes = [];
  const byBlock = new Map();
  const stack = [{ block: graph.blocks[0], at: 0, node: null }];
  while (stack.length > 0) {
    const frame = stack[stack.length - 1];
    if (frame.node === null) {
      frame.node = new Node(frame.block, nodes.length);
      nodes.push(frame.node);
      byBlock.set(frame.block, frame.node);
    }
    if (frame.at < frame.block.successors.length) {
      const next = frame.block.successors[frame.at++];
      if (!byBlock.has(next)) stack.push({ block: next, at: 0, node: null });
    } else {
      frame.node.last = nodes.length - 1;
      stack.pop();
    }
  }
  return { nodes, byBlock };
}

function findLoops(graph) {
  const { nodes, byBlock } = number(graph);
  const isAncestor = (above, below) => above.number <= below.number && below.number <= above.last;
  for (const node of nodes) {
    for (const block of node.block.predecessors) {
      const from = byBlock.get(block);
      if (from === undefined) continue;
      if (isAncestor(node, from)) node.back.push(from);
      else node.others.add(from);
    }
  }
  const loops = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    const pool = [];
    let self = false;
    for (const from of node.back) {
      if (from === node) self = true;
      else {
        const root = from.find();
        if (!pool.includes(root)) pool.push(root);
      }
    }
    if (pool.length === 0 && !self) continue;
    let reducible = true;
    for (let at = 0; at < pool.length; at++) {
      for (const other of pool[at].others) {
        const root = other.find();
        if (!isAncestor(node, root)) {
          reducible = false;
          node.others.add(root);
        } else if (root !== node && !pool.includes(root)) {
          pool.push(root);
        }
      }
    }
    const found = new Loop(node.block, reducible);
    node.loop = found;
    for (const member of pool) {
      member.header = node;
      member.union = node;
      if (member.loop !== null) member.loop.parent = found;
      else found.blocks.add(member.block);
    }
    loops.push(found);
  }
  return loops;
}

function run(size) {
  const loops = findLoops(buildGraph(size));
  let depths = 0, blocks = 0, irreducible = 0;
  for (const found of loops) {
    for (let parent = found.parent; parent !== null; parent = parent.parent) found.depth++;
    depths += found.depth;
    blocks += found.blocks.size;
    if (!found.reducible) irreducible++;
  }
  return loops.length + '/' + depths + '/' + blocks + '/' + irreducible;
}
