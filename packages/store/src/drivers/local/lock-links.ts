import { readlink, symlink, unlink } from "node:fs/promises";
import { errnoOf } from "./errno.ts";
import { lockName } from "./hidden-names.ts";
import type { LockPlaces } from "./file-lock.ts";

/** Places of a lock beside its file: symbolic links that lead to their owners' tokens, and so come to be with them. */
export function lockLinks(base: string): LockPlaces {
  return {
    async take(depth, token) {
      try {
        await symlink(token, lockName(base, depth));
        return true;
      } catch (error) {
        if (errnoOf(error) === "EEXIST") return false;
        throw error;
      }
    },
    async ownerOf(depth) {
      try {
        return await readlink(lockName(base, depth));
      } catch (error) {
        if (errnoOf(error) === "ENOENT") return undefined;
        // Something else is there, of which nobody can say whose it is.
        if (errnoOf(error) === "EINVAL") return "";
        throw error;
      }
    },
    async clear(depth) {
      try {
        await unlink(lockName(base, depth));
      } catch {
        // Somebody deleted the folder with all that was in it; or the place ends with its process.
      }
    },
  };
}
