// Begins a file, says so, and makes it once it is told anything.
import { once } from "node:events";
import { writeSync } from "node:fs";
import { LocalDriver, Store } from "@holdfast/store";

const [root, path] = process.argv.slice(2);
const store = Store.over(new LocalDriver({ root }));
const writer = await store.openAtomic(path);
await writer.write(new Uint8Array(2 ** 20));
await writer.write(new Uint8Array(1));
writeSync(1, "begun");
await once(process.stdin, "data");
await writer.commit();
process.exit(0);
