// An operating system in little: tasks with priorities pass packets to each other; a scheduler runs whichever is able to.
// Exercises: method calls on objects of several classes, linked lists, small state machines.

const KIND_DEVICE = 0;
const KIND_WORK = 1;

class Packet {
  constructor(next, kind, address) {
    this.next = next;
    this.kind = kind;
    this.address = address;
    this.datum = 0;
    this.data = [0, 0, 0, 0];
  }
}

/// Appends a packet to a list and gives the list.
function append(list, packet) {
  packet.next = null;
  if (list === null) return packet;
  let last = list;
  while (last.next !== null) last = last.next;
  last.next = packet;
  return list;
}

class Task {
  constructor(scheduler, number, priority, inbox, behaviour) {
    this.scheduler = scheduler;
    this.number = number;
    this.priority = priority;
    this.inbox = inbox;
    this.behaviour = behaviour;
    this.held = false;
    this.waiting = inbox === null;
    this.next = null;
  }

  get isRunnable() {
    return !this.held && (!this.waiting || this.inbox !== null);
  }

  /// Gives a packet to this task; the task that goes on: this one if it matters more.
  accept(packet, sender) {
    const wasEmpty = this.inbox === null;
    this.inbox = append(this.inbox, packet);
    return wasEmpty && this.priority > sender.priority ? this : sender;
  }

  step() {
    let packet = null;
    if (this.waiting && this.inbox !== null) {
      packet = this.inbox;
      this.inbox = packet.next;
      this.waiting = false;
    }
    return this.behaviour.run(this, packet);
  }

  wait() {
    this.waiting = true;
    return this;
  }
}

class Idle {
  constructor(count) {
    this.seed = 1;
    this.count = count;
  }

  run(task, packet) {
    const scheduler = task.scheduler;
    if (--this.count === 0) return scheduler.hold();
    if ((this.seed & 1) === 0) {
      this.seed >>= 1;
      return scheduler.release(4);
    }
    this.seed = (this.seed >> 1) ^ 0xd008;
    return scheduler.release(5);
  }
}

class Worker {
  constructor() {
    this.target = 2;
    this.letter = 0;
  }

  run(task, packet) {
    if (packet === null) return task.wait();
    this.target = this.target === 2 ? 3 : 2;
    packet.address = this.target;
    packet.datum = 0;
    for (let i = 0; i < 4; i++) {
      this.letter = this.letter === 26 ? 1 : this.letter + 1;
      packet.data[i] = this.letter;
    }
    return task.scheduler.send(packet);
  }
}

class Handler {
  constructor() {
    this.work = null;
    this.devices = null;
  }

  run(task, packet) {
    if (packet !== null) {
      if (packet.kind === KIND_WORK) this.work = append(this.work, packet);
      else this.devices = append(this.devices, packet);
    }
    const work = this.work;
    if (work !== null) {
      if (work.datum >= 4) {
        this.work = work.next;
        return task.scheduler.send(work);
      }
      const device = this.devices;
      if (device !== null) {
        this.devices = device.next;
        device.datum = work.data[work.datum++];
        return task.scheduler.send(device);
      }
    }
    return task.wait();
  }
}

class Device {
  constructor() {
    this.pending = null;
  }

  run(task, packet) {
    if (packet === null) {
      const pending = this.pending;
      if (pending === null) return task.wait();
      this.pending = null;
      return task.scheduler.send(pending);
    }
    this.pending = packet;
    return task.scheduler.hold();
  }
}

class Scheduler {
  constructor() {
    this.table = [null, null, null, null, null, null];
    this.first = null;
    this.current = null;
    this.sent = 0;
    this.holds = 0;
  }

  add(number, priority, inbox, behaviour) {
    const task = new Task(this, number, priority, inbox, behaviour);
    task.next = this.first;
    this.first = task;
    this.table[number] = task;
  }

  send(packet) {
    const target = this.table[packet.address];
    this.sent++;
    packet.address = this.current.number;
    return target.accept(packet, this.current);
  }

  hold() {
    this.holds++;
    this.current.held = true;
    return this.current.next;
  }

  release(number) {
    const task = this.table[number];
    task.held = false;
    return task.priority > this.current.priority ? task : this.current;
  }

  run() {
    let task = this.first;
    while (task !== null) {
      this.current = task;
      task = task.isRunnable ? task.step() : task.next;
    }
  }
}

function packets(address, kind, count) {
  let list = null;
  for (let i = 0; i < count; i++) list = new Packet(list, kind, address);
  return list;
}

function run(size) {
  let checksum = 0;
  for (let round = 0; round < size; round++) {
    const scheduler = new Scheduler();
    scheduler.add(0, 0, null, new Idle(1000));
    scheduler.table[0].waiting = false;
    scheduler.add(1, 1000, packets(1, KIND_WORK, 2), new Worker());
    scheduler.add(2, 2000, packets(4, KIND_DEVICE, 3), new Handler());
    scheduler.add(3, 3000, packets(5, KIND_DEVICE, 3), new Handler());
    scheduler.add(4, 4000, null, new Device());
    scheduler.add(5, 5000, null, new Device());
    scheduler.run();
    checksum += scheduler.sent * 1000 + scheduler.holds;
  }
  return checksum;
}
