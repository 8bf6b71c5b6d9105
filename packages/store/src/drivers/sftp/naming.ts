import type { Connection } from "./connection.ts";
import { temporaryBeside, type Place } from "./place.ts";
import type { Requests } from "./requests.ts";
import { isMissing, isWithoutReason, statusOf } from "./status.ts";

/** So often others may take a name that was freed. */
const triesMax = 20;

/** A file that is whole, and the name that it is to have. */
interface Naming {
  readonly connection: Connection;
  readonly from: string;
  readonly to: Place;
}

/** Gives a file a name in place of whatever file has it. */
export type Replace = (requests: Requests, naming: Naming) => Promise<void>;

/** In one step. */
export const replaceAtOnce: Replace = (requests, { from, to }) => requests.replace(from, to.path);

/**
 * By version 3 of the protocol, which gives a name only where nothing has it. One that is taken is freed first: for a
 * moment nothing has it, and if it comes to nothing the file that had it gets it back.
 */
export const replaceInSteps: Replace = async (requests, { connection, from, to }) => {
  // Named before they are used: a connection may be lost between.
  const asides: string[] = [];
  try {
    for (let tries = 1; !(await isRenamed(requests, { from, to: to.path }, tries)); tries += 1) {
      asides.push(temporaryBeside(to, "old"));
      // Another may free the name at the same time, and the one that takes it is what is replaced then.
      await requests.rename(to.path, asides.at(-1) ?? "").catch(unlessMissing);
    }
  } catch (error) {
    await connection.takeBack(requests.session, (again) => putBack(again, asides, to.path));
    throw error;
  }
  if (asides.length === 0) return;
  await connection.takeBack(requests.session, async (again) => {
    for (const aside of asides) await unlinkIfThere(again, aside);
  });
};

async function isRenamed(
  requests: Requests,
  { from, to }: { readonly from: string; readonly to: string },
  tries: number,
): Promise<boolean> {
  try {
    await requests.rename(from, to);
    return true;
  } catch (error) {
    if (!isWithoutReason(error) || tries === triesMax) throw error;
    return false;
  }
}

/** The last that had the name gets it back. It is refused if a new file has the name after all. */
async function putBack(requests: Requests, asides: readonly string[], to: string): Promise<void> {
  for (const aside of asides.toReversed()) {
    await requests.rename(aside, to).catch(unlessAnswered);
    await unlinkIfThere(requests, aside);
  }
}

/** Removes a name. What the server refuses it would refuse again. */
export async function unlinkIfThere(requests: Requests, path: string): Promise<void> {
  await requests.unlink(path).catch(unlessAnswered);
}

function unlessAnswered(error: unknown): void {
  if (statusOf(error) === undefined) throw error;
}

function unlessMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
