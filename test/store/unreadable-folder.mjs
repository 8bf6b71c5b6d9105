// Writes to, deletes from and moves within a folder that may be written to and not be read, and prints what each came to.
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { LocalDriver, RemoteStoreError, Store } from "@holdfast/store";

const [root] = process.argv.slice(2);
const store = Store.over(new LocalDriver({ root }));
for (const path of ["d/a", "d/b"]) await store.writeText(path, "old");
await chmod(join(root, "d"), 0o300);
const calls = {
  create: () => store.writeText("d/c", "new"),
  overwrite: () => store.writeText("d/a", "new", { overwrite: true }),
  move: () => store.move("d/a", "d/moved"),
  delete: () => store.delete("d/b"),
  refused: () => store.writeText("d/a", "newer"),
};
const said = {};
for (const [name, call] of Object.entries(calls)) {
  try {
    await call();
  } catch (error) {
    if (!RemoteStoreError.is(error)) throw error;
    said[name] = { name: error.name, code: error.code, ambiguous: error.ambiguous };
  }
}
await chmod(join(root, "d"), 0o700);
console.log(JSON.stringify(said));
