// The measuring protocol of src/protocol.rs for engines that have node:vm. Arguments: program, size, measured calls.
import fs from 'node:fs';
import process from 'node:process';
import vm from 'node:vm';

const [path, size, calls] = process.argv.slice(2);
vm.runInThisContext(fs.readFileSync(path, 'utf8'), { filename: path });
const call = () => String(globalThis.run(Number(size)));

const begun = performance.now();
const checksum = call();
while (performance.now() - begun < 50) call();
const times = [];
for (let i = 0; i < Number(calls); i++) {
  const start = performance.now();
  const result = call();
  times.push((performance.now() - start).toFixed(4));
  if (result !== checksum) throw new Error(`a call gave ${result}, an earlier one ${checksum}`);
}
console.log(`${checksum}\t${times.join(' ')}`);
