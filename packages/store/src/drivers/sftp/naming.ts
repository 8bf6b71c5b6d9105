import type { Connection } from "./connection.ts";
import { temporaryBeside, type Place } from "./place.ts";
import type { Requests } from "./requests.ts";
import { statusOf } from "./status.ts";

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
 * moment nothing has it.
 */
export const replaceInSteps: Replace = async (requests, { connection, from, to }) => {
  try {
    return await requests.rename(from, to.path);
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
  }
  const aside = temporaryBeside(to, "old");
  await requests.rename(to.path, aside);
  try {
    await requests.rename(from, to.path);
  } catch (error) {
    await connection.takeBack(requests.session, async (again) => {
      // Refused if the new file has the name after all.
      await again.rename(aside, to.path).catch(unlessAnswered);
      await unlinkIfThere(again, aside);
    });
    throw error;
  }
  await connection.takeBack(requests.session, (again) => unlinkIfThere(again, aside));
};

/** Removes a name. What the server refuses it would refuse again. */
export async function unlinkIfThere(requests: Requests, path: string): Promise<void> {
  await requests.unlink(path).catch(unlessAnswered);
}

function unlessAnswered(error: unknown): void {
  if (statusOf(error) === undefined) throw error;
}
