import { EventEmitter, once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { untilAborted } from "../../kernel/until-aborted.ts";
import { errnoOf } from "./errno.ts";
import { tryLock } from "./file-lock.ts";
import { lockLinks } from "./lock-links.ts";
import { lockBase } from "./hidden-names.ts";
import { processName } from "./process-token.ts";

/** A lock is held for a rename; whoever has one for longer hangs. */
const waitMaxMs = 10_000;
const pauseMaxMs = 10;

/** The file system has no symbolic links. */
const linkless: ReadonlySet<string | undefined> = new Set([
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EPERM",
]);

/** The file system has no room for another name. */
const roomless: ReadonlySet<string | undefined> = new Set(["EDQUOT", "ENOSPC"]);

/** Of this process: the last that asked for each path. */
const queues = new Map<string, Promise<void>>();

/** What locks are for. */
export interface LockOptions {
  /** Whether the work compares before it acts, which is for nothing without a lock. */
  readonly isNeeded: boolean;
  /** Whether the work is what helps where there is no room for a lock. */
  readonly makesRoom?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does what changes which files are at some paths, while no other process of this library does. Fails as `locked` where
 * another one does not come to its end.
 */
export async function withLocks<T>(
  paths: readonly string[],
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  // Windows lets only some users make symbolic links; there nothing compares.
  if (process.platform === "win32") return work();
  const deadline = performance.now() + waitMaxMs;
  const releases: (() => Promise<void>)[] = [];
  try {
    // In one order everywhere, so that no two wait for each other.
    for (const path of [...new Set(paths)].toSorted()) {
      releases.push(await ownTurn(path, options.signal));
      const release = await lockOf(path, deadline, options);
      if (release !== undefined) releases.push(release);
    }
    return await work();
  } finally {
    for (const release of releases.toReversed()) await release();
  }
}

/** Within a process the first to ask is the first to come. */
async function ownTurn(
  path: string,
  signal: AbortSignal | undefined,
): Promise<() => Promise<void>> {
  const ending = new EventEmitter();
  const ended = once(ending, "end").then(ignore);
  const before = queues.get(path);
  const mine = before === undefined ? ended : before.then(() => ended);
  queues.set(path, mine);
  const end = async (): Promise<void> => {
    if (queues.get(path) === mine) queues.delete(path);
    ending.emit("end");
  };
  try {
    if (before !== undefined) await untilAborted(before, signal);
    return end;
  } catch (error) {
    // Whoever comes next still waits for those before.
    void before?.then(end);
    throw error;
  }
}

function ignore(): void {}

async function lockOf(
  path: string,
  deadline: number,
  { isNeeded, makesRoom = false, signal }: LockOptions,
): Promise<(() => Promise<void>) | undefined> {
  const base = lockBase(path);
  try {
    for (;;) {
      const claim = await tryLock(lockLinks(base));
      if (claim.isHeld) return claim.release;
      if (performance.now() > deadline) {
        throw new DriverFailure({ kind: "locked", lockOwner: processName(claim.owner) });
      }
      await wait(1 + Math.random() * pauseMaxMs, undefined, { signal });
    }
  } catch (error) {
    const errno = errnoOf(error);
    // Nobody had the lock, or that would be why; and neither has anybody else room for one.
    if (roomless.has(errno) && makesRoom && !isNeeded) return undefined;
    if (!linkless.has(errno)) throw error;
    if (!isNeeded) return undefined;
    const capability = "conditional_write";
    throw new DriverFailure({ kind: "unsupported", capability, cause: error });
  }
}
