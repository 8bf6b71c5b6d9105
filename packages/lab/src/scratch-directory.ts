import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Makes a directory that is told by its name whose it is, and takes away those of the same kind that processes left
 * which were killed. Whoever makes it removes it.
 */
export function makeScratchDirectory(kind: "lab" | "subject", base: string = tmpdir()): string {
  const mine = `holdfast-${kind}-${processNamespace()}-`;
  for (const name of readdirSync(base)) {
    if (!name.startsWith(mine)) continue;
    const [pid] = name.slice(mine.length).split("-");
    if (isOver(Number(pid))) rmSync(join(base, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(base, `${mine}${process.pid}-`));
}

/** A container that shares the directory counts processes anew: of its own alone it is known which are over. */
function processNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid").replaceAll(/\D/g, "");
  } catch {
    return "0";
  }
}

function isOver(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
