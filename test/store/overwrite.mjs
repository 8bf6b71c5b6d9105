// Overwrites one file for ever, each time with one byte repeated, and says of each write that it was acknowledged.
import { writeSync } from "node:fs";
import { LocalDriver, Store } from "@holdfast/store";

const [root, first] = process.argv.slice(2);
const store = Store.over(new LocalDriver({ root }));
for (let count = Number(first); ; count += 1) {
  const bytes = new Uint8Array(2 ** 20 + count).fill(count % 251);
  await store.write("d/f", bytes, { overwrite: true });
  writeSync(1, `${count}\n`);
}
