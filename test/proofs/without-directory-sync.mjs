// Loaded before the command line, it makes a machine on which syncing a directory does nothing: the
// engine syncs files by fdatasync, and directories alone by fsync.
import { open } from "node:fs/promises";

const handle = await open("/", "r");
Object.getPrototypeOf(handle).sync = async () => {};
await handle.close();
