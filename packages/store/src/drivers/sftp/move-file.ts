import { inItsFolder, pruneFolders } from "./folders.ts";
import type { Place } from "./place.ts";
import { unlinkIfThere } from "./naming.ts";
import { refined } from "./refine.ts";
import type { Requests } from "./requests.ts";
import { statusOf } from "./status.ts";
import type { StoringPlace } from "./store-file.ts";

/** Renames a file. */
export async function moveFile(
  requests: Requests,
  source: Place,
  storing: StoringPlace,
): Promise<void> {
  const { connection, place } = storing;
  const { session } = requests;
  try {
    await inItsFolder(requests, place, () => rename(requests, source, storing));
  } catch (error) {
    const why = await refined(requests, error, storing);
    await connection.takeBack(session, async (again) => {
      await pruneFolders(again, place);
      await pruneFolders(again, source);
    });
    throw why;
  }
  await connection.takeBack(session, (again) => pruneFolders(again, source));
}

async function rename(
  requests: Requests,
  { path: from }: Place,
  { connection, replace, place: to, overwrite }: StoringPlace,
): Promise<void> {
  if (overwrite) return replace(requests, { connection, from, to });
  await requests.link(from, to.path);
  try {
    await requests.unlink(from);
  } catch (error) {
    // Without an answer the old name may be gone, and the new one is all there is.
    if (statusOf(error) !== undefined) await unlinkIfThere(requests, to.path).catch(ignore);
    throw error;
  }
}

function ignore(): void {}
