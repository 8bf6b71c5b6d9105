import type { Stats } from "ssh2";
import type { Requests } from "./requests.ts";

/** So many requests for more entries are on their way at once. */
const lanes = 4;

/** A name in a directory, and what has it. */
export interface Named {
  readonly name: string;
  readonly stats: Stats;
}

/** All names in a directory, links not followed. Names that are paths are passed over, as those of itself and the one above. */
export async function readDirectory(requests: Requests, path: string): Promise<readonly Named[]> {
  const handle = await requests.openDirectory(path);
  try {
    const found: Named[] = [];
    const read = async (): Promise<void> => {
      for (;;) {
        const entries = await requests.entries(handle);
        // Some servers end with an answer that is empty.
        if (entries === undefined || entries.length === 0) return;
        for (const { filename: name, attrs: stats } of entries) {
          if (name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name)) {
            found.push({ name, stats });
          }
        }
      }
    };
    await Promise.all(Array.from({ length: lanes }, read));
    return found;
  } finally {
    requests.unending.close(handle).catch(ignore);
  }
}

function ignore(): void {}
