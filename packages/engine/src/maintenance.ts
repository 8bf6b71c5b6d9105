import { s3Error } from "@holdfast/protocol";
import { backup, type BackupOptions, type BackupPlace } from "./backup/backup.ts";
import type { EngineParts } from "./engine-parts.ts";
import { abortStaleUploads, type StaleUploads } from "./multipart/stale-uploads.ts";
import type { ScrubReport } from "./scrub/finding.ts";
import { scrub, type ScrubOptions } from "./scrub/scrub.ts";

/** What keeps a directory well while it is in use. Each ends early when its signal aborts or the engine closes. */
export interface MaintenanceTasks {
  scrub(options?: ScrubOptions): Promise<ScrubReport>;
  /** Writes go on meanwhile; what is acknowledged before the call is in the copy. */
  backup(options: BackupOptions): Promise<ScrubReport>;
  abortStaleUploads(options: StaleUploads): Promise<number>;
}

/** Binds the tasks; `stop` ends those under way. */
export function maintain(
  parts: EngineParts,
  place: BackupPlace,
): {
  readonly tasks: MaintenanceTasks;
  readonly stop: () => Promise<void>;
} {
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();
  const run = async <O extends { readonly signal?: AbortSignal }, T>(
    task: (options: O) => Promise<T>,
    options: O,
  ): Promise<T> => {
    const { signal } = options;
    const either =
      signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
    either.throwIfAborted();
    const done = task({ ...options, signal: either });
    running.add(done);
    try {
      return await done;
    } finally {
      running.delete(done);
    }
  };
  return {
    tasks: {
      scrub: (options = {}) => run((bound) => scrub(parts, bound), options),
      abortStaleUploads: (options) => run((bound) => abortStaleUploads(parts, bound), options),
      backup: (options) => run((bound) => backup(parts, place, bound), options),
    },
    async stop() {
      closing.abort(s3Error("ServiceUnavailable", undefined, { reason: "engine_closed" }));
      await Promise.allSettled(running);
    },
  };
}
