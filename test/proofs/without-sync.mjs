// Loaded before the command line, it makes a machine on which one kind of sync does nothing, named as
// a query: the engine syncs files by `fdatasync`, and directories alone by a handle's `sync`.
import fs from "node:fs";
import { open } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const kind = new URL(import.meta.url).search.slice(1);
if (kind === "datasync") {
  fs.fdatasync = (_, done) => process.nextTick(done, null);
  syncBuiltinESMExports();
} else if (kind === "sync") {
  const handle = await open("/", "r");
  Object.getPrototypeOf(handle).sync = async () => {};
  await handle.close();
} else {
  throw new Error(`no kind of sync: ${kind}`);
}
