import type { Connection } from "./connection.ts";
import { temporaryBeside, type Place } from "./place.ts";
import type { Requests } from "./requests.ts";
import { isMissing, isWithoutReason, statusOf } from "./status.ts";

/** So often others may take a name that was freed. */
const triesMax = 20;

/** A file that is whole, and the name that it is to have. */
export interface Naming {
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
  let aside: string | undefined;
  try {
    for (let tries = 1; !(await isRenamed(requests, { from, to: to.path }, tries)); tries += 1) {
      const next = temporaryBeside(to, "old");
      // Another may free the name at the same time, and the one that takes it is what is replaced then.
      if (!(await isFreed(requests, to.path, next))) continue;
      if (aside !== undefined) await unlinkIfThere(requests, aside);
      aside = next;
    }
  } catch (error) {
    await connection.takeBack(requests.session, (again) => putBack(again, aside, to.path));
    throw error;
  }
  const replaced = aside;
  if (replaced === undefined) return;
  await connection.takeBack(requests.session, (again) => unlinkIfThere(again, replaced));
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

async function isFreed(requests: Requests, path: string, aside: string): Promise<boolean> {
  try {
    await requests.rename(path, aside);
    return true;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return false;
  }
}

/** It is refused if a new file has the name after all. */
async function putBack(requests: Requests, aside: string | undefined, to: string): Promise<void> {
  if (aside === undefined) return;
  await requests.rename(aside, to).catch(unlessAnswered);
  await unlinkIfThere(requests, aside);
}

/** Removes a name. What the server refuses it would refuse again. */
export async function unlinkIfThere(requests: Requests, path: string): Promise<void> {
  await requests.unlink(path).catch(unlessAnswered);
}

function unlessAnswered(error: unknown): void {
  if (statusOf(error) === undefined) throw error;
}
