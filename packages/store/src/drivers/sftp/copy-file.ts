import type { FileStat } from "../../driver.ts";
import { openFile } from "./open-file.ts";
import type { Place } from "./place.ts";
import type { Requests } from "./requests.ts";
import { failureOfStatus } from "./status.ts";
import { storeFile, type StoringPlace } from "./store-file.ts";
import { chunksOf, writeAhead } from "./write-ahead.ts";

/** A server that copies gives no answer meanwhile; of so much it soon does. */
const copyBytesMax = 64 * 1024 * 1024;

/** Copies a file: on the server where it can, else over the connection. */
export function copyFile(
  looked: Requests,
  source: Place,
  storing: StoringPlace,
): Promise<FileStat> {
  return storeFile(looked, {
    ...storing,
    async fill(requests, file) {
      try {
        return await copyOnServer(requests, source, file.handle);
      } catch (error) {
        if (failureOfStatus(error).kind !== "unsupported") throw error;
        const { body } = await openFile(requests, source, {});
        return writeAhead(requests, file, chunksOf(body));
      }
    },
  });
}

async function copyOnServer(requests: Requests, source: Place, to: Buffer): Promise<number> {
  const from = await requests.openToRead(source.path);
  try {
    const { size } = await requests.fstat(from);
    for (let start = 0; start < size; start += copyBytesMax) {
      const length = Math.min(copyBytesMax, size - start);
      await requests.copyData(from, to, { start, length });
    }
    return size;
  } finally {
    requests.unending.close(from).catch(ignore);
  }
}

function ignore(): void {}
