import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory that is gone when this process is, on whatever path it ends. */
export interface TemporaryDirectory {
  readonly path: string;
  readonly remove: () => void;
}

/** A client that was killed may leave a mount, and removing files through it would remove objects. */
function unmountBelow(path: string): void {
  if (!existsSync("/proc/mounts")) return;
  for (const line of readFileSync("/proc/mounts", "utf8").split("\n")) {
    const point = line.split(" ", 2)[1];
    if (point?.startsWith(`${path}/`)) spawnSync("/usr/bin/fusermount", ["-u", "-z", point]);
  }
}

/** Makes an empty directory for everything a run writes. */
export function makeTemporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), "holdfast-interop-"));
  const remove = (): void => {
    process.off("exit", remove);
    unmountBelow(path);
    // A process that is just ending may still add a file.
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  process.once("exit", remove);
  return { path, remove };
}
