import { createReadStream } from "node:fs";

const bytesMax = 2 ** 20;

/** A file's bytes; rejects with the file system's error, or with a RangeError for one of over 1 MiB, however it grows. */
export async function readSmallFile(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: bytesMax })) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length > bytesMax) throw new RangeError(`${path} has over ${bytesMax} bytes.`);
  return bytes;
}
