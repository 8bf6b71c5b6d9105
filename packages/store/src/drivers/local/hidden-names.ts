import { createHash, randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { processToken } from "./process-token.ts";

const hidden = /^\.holdfast-[0-9a-f-]+\.(?:lock|tmp)$/;
const temporary = /^\.holdfast-([0-9a-f-]+)\.tmp$/;
const lock = /^(\.holdfast-[0-9a-f]+)-\d+\.lock$/;

/** Whether a name is one that the driver keeps to itself: of a file on its way, or of a lock. */
export function isHiddenName(name: string): boolean {
  return hidden.test(name);
}

/** What follows a process's token, so that each of its names is another. */
export function randomSuffix(): string {
  return randomBytes(8).toString("hex");
}

/** A name for a file on its way that says whose it is. */
export function temporaryName(): string {
  return `.holdfast-${processToken()}-${randomSuffix()}.tmp`;
}

/** The process that a temporary name says. */
export function ownerOfTemporary(name: string): string | undefined {
  return temporary.exec(name)?.[1];
}

/** What the names of the locks of a file begin with. */
export function lockBase(path: string): string {
  const name = createHash("sha256").update(basename(path)).digest("hex").slice(0, 32);
  return join(dirname(path), `.holdfast-${name}`);
}

/** What a lock's name begins with. */
export function baseOfLock(name: string): string | undefined {
  return lock.exec(name)?.[1];
}

/** The lock of that depth: the first is 0, and each other takes over from one whose process died. */
export function lockName(base: string, depth: number): string {
  return `${base}-${depth}.lock`;
}
