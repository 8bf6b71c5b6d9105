// Loaded before the command line, it makes a machine on which one kind of sync does nothing, named as
// a query: the engine syncs files by `datasync`, and directories alone by `sync`.
import { open } from "node:fs/promises";

const handle = await open("/", "r");
const kind = new URL(import.meta.url).search.slice(1);
if (kind !== "sync" && kind !== "datasync") throw new Error(`no kind of sync: ${kind}`);
Object.getPrototypeOf(handle)[kind] = async () => {};
await handle.close();
