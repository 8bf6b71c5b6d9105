import type { Stats } from "ssh2";
import type { FileStat } from "../../driver.ts";
import { DriverFailure } from "../../errors/driver-failure.ts";
import type { Connection } from "./connection.ts";
import { inItsFolder, pruneFolders } from "./folders.ts";
import { unlinkIfThere, type Replace } from "./naming.ts";
import { fileStat, temporaryBeside, type Place } from "./place.ts";
import { refined } from "./refine.ts";
import type { Requests } from "./requests.ts";
import { failureOfStatus, isMissing } from "./status.ts";

/** As far as a file may be ahead of its time. */
const aheadSecondsMax = 60;

/** Where a file is to be stored, and how. */
export interface StoringPlace {
  readonly connection: Connection;
  readonly replace: Replace;
  readonly place: Place;
  /** Whether what is there may be replaced. */
  readonly overwrite: boolean;
}

/** A file that is to be stored. */
interface Storing extends StoringPlace {
  /** Gives an open file its bytes, and says how many; `fail` ends that early. */
  readonly fill: (
    requests: Requests,
    file: { readonly handle: Buffer; readonly fail: (error: unknown) => unknown },
  ) => Promise<number>;
}

/** Stores a file, whole or not at all: its bytes under a name of their own first, then its name. */
export function storeFile(looked: Requests, storing: Storing): Promise<FileStat> {
  const { connection, place, overwrite } = storing;
  return connection.write(looked, async (requests, fail) => {
    const from = temporaryBeside(place, "tmp");
    let open: Buffer | undefined;
    try {
      const handle = await inItsFolder(requests, place, () => requests.create(from));
      open = handle;
      const bytes = await storing.fill(requests, {
        handle,
        fail: async (error) => fail(await refined(requests, error, storing)),
      });
      const stored = await finish(requests, handle, place);
      requireAll(stored, bytes);
      open = undefined;
      await requests.close(handle);
      if (overwrite) await storing.replace(requests, { connection, from, to: place });
      else {
        await requests.link(from, place.path);
        await connection.takeBack(requests.session, (again) => unlinkIfThere(again, from));
      }
      return stored;
    } catch (error) {
      const why = await refined(requests, error, storing);
      if (open !== undefined) requests.unending.close(open).catch(ignore);
      await connection.takeBack(requests.session, async (again) => {
        await unlinkIfThere(again, from);
        await pruneFolders(again, place);
      });
      throw why;
    }
  });
}

/** Brings a file onto stable storage where the server can, and sees to it that it is later than the one it replaces. */
async function finish(requests: Requests, handle: Buffer, place: Place): Promise<FileStat> {
  const [, stats, replaced] = await Promise.all([
    requests.sync(handle).catch(unlessUnsupported),
    requests.fstat(handle),
    requests.lstat(place.path).catch(undefinedIfMissing),
  ]);
  const mtime = laterThan(replaced, stats);
  if (mtime === undefined) return fileStat(stats);
  await requests.setTime(handle, mtime);
  return fileStat(await requests.fstat(handle));
}

/** A server may say of a write that it was done while its disk or its quota took less. */
function requireAll({ size }: FileStat, bytes: number): void {
  if (size === bytes) return;
  const message = "The server has not as many bytes as it said that it wrote. Nothing was stored.";
  throw new DriverFailure({ kind: "integrity", message });
}

/** The protocol counts in seconds: a file that replaces another in the same one would have the same time. */
function laterThan(replaced: Stats | undefined, { mtime }: Stats): number | undefined {
  if (replaced?.mtime === undefined || mtime === undefined) return undefined;
  const ahead = replaced.mtime - mtime;
  return ahead >= 0 && ahead < aheadSecondsMax ? replaced.mtime + 1 : undefined;
}

function unlessUnsupported(error: unknown): void {
  if (failureOfStatus(error).kind !== "unsupported") throw error;
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

function ignore(): void {}
