import type { Fs } from "./fs.ts";

/** All bytes of a file that is known to be small enough for memory. */
export async function readFile(fs: Fs, path: string): Promise<Buffer> {
  const file = await fs.open(path, "read");
  try {
    const bytes = Buffer.allocUnsafeSlow(await file.size());
    return bytes.subarray(0, await file.read(bytes, 0));
  } finally {
    await file.close();
  }
}
