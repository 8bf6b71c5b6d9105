import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

const fileName = "control.sock";

// sun_path of unix(7) holds 108 bytes, and 104 on other systems.
const pathBytesMax = 100;

/** Where the control socket of a data directory is. */
export interface ControlPath {
  /** What to give to `listen` and `connect`. */
  readonly path: string;
  /** Where the file is. */
  readonly file: string;
  /** Must be called once the path is not needed any more. */
  readonly close: () => Promise<void>;
}

/** The socket's path, through the descriptor of its directory where the path itself would be too long. */
export async function controlPath(directory: string): Promise<ControlPath> {
  const file = join(directory, fileName);
  if (Buffer.byteLength(file) <= pathBytesMax || process.platform !== "linux") {
    return { path: file, file, close: async () => undefined };
  }
  const handle: FileHandle = await open(directory, "r");
  return { path: `/proc/self/fd/${handle.fd}/${fileName}`, file, close: () => handle.close() };
}
