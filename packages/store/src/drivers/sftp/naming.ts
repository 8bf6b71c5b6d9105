import type { Connection } from "./connection.ts";
import { temporaryBeside, type Place } from "./place.ts";
import type { Requests } from "./requests.ts";
import { statusOf } from "./status.ts";

/** A file that is whole and gets its name. */
export interface Naming {
  readonly connection: Connection;
  readonly from: string;
  readonly to: Place;
}

/** How a server gives a file a name. */
export interface NamingMethods {
  /** In place of whatever file has it. */
  replace(requests: Requests, naming: Naming): Promise<void>;
  /** Where nothing has it, else the server refuses. Says whether the file still has its old name too. */
  create(requests: Requests, naming: Naming): Promise<boolean>;
}

/** Each in one step. */
export const openSshNaming: NamingMethods = {
  replace: (requests, { from, to }) => requests.replace(from, to.path),
  async create(requests, { from, to }) {
    await requests.link(from, to.path);
    return true;
  },
};

/** A name that is taken is freed first: for a moment nothing has it. */
export const plainNaming: NamingMethods = {
  async create(requests, { from, to }) {
    await requests.rename(from, to.path);
    return false;
  },
  async replace(requests, { connection, from, to }) {
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
  },
};

/** Removes a name. What the server refuses it would refuse again. */
export async function unlinkIfThere(requests: Requests, path: string): Promise<void> {
  await requests.unlink(path).catch(unlessAnswered);
}

function unlessAnswered(error: unknown): void {
  if (statusOf(error) === undefined) throw error;
}
