import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Files that a download of this process is writing. */
const active = new Set<string>();

/** A name for a file on its way, which nobody else has: it tells whose it is and of which bytes. */
export function claimName(target: string, identity: string): string {
  const own = `${process.pid}-${randomBytes(6).toString("hex")}`;
  const path = `${target}.${identity}.${own}.part`;
  active.add(path);
  return path;
}

/** Says that nobody writes into a file any more. */
export function releaseName(path: string): void {
  active.delete(path);
}

/** What earlier downloads of the same bytes left for `target`, and nobody is writing into. */
export async function leftFiles(target: string, identity: string): Promise<string[]> {
  const directory = dirname(target);
  const prefix = `${basename(target)}.${identity}.`;
  const names = await readdir(directory);
  return names
    .filter((name) => name.startsWith(prefix) && isLeft(name.slice(prefix.length)))
    .map((name) => join(directory, name))
    .filter((path) => !active.has(path));
}

function isLeft(rest: string): boolean {
  const [, pid] = /^(\d+)-[0-9a-f]{12}\.part$/.exec(rest) ?? [];
  return pid !== undefined && (Number(pid) === process.pid || !isRunning(Number(pid)));
}

/** Whether a process of this number is there, be it another one by now. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
