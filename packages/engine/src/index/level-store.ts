import { s3Error, type S3Error } from "@holdfast/protocol";
import { ClassicLevel } from "classic-level";
import { EngineOpenError } from "../engine-open-error.ts";
import { errnoOf } from "../disk/disk-error.ts";
import type { Cursor, OrderedStore } from "./ordered-store.ts";

const encodings = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;

// No record starts with this byte, so compacting the range moves no tables and flushes the rest.
const nowhere = Buffer.from([0xff]);

const everything = { start: Buffer.alloc(0), end: nowhere };

type Level = ClassicLevel<Buffer, Buffer>;

/** The index on LevelDB, whose lock on the directory ends with the process that holds it. */
export async function openLevelStore(directory: string): Promise<OrderedStore> {
  const level: Level = new ClassicLevel(directory, {
    ...encodings,
    cacheSize: 32 * 1024 * 1024,
    writeBufferSize: 8 * 1024 * 1024,
  });
  try {
    await level.open();
  } catch (error) {
    throw openError(error);
  }
  return {
    get(key) {
      try {
        return level.getSync(key);
      } catch (cause) {
        throw indexError(cause);
      }
    },
    range: (start, end) => levelCursor(level, start, end),
    async apply(changes) {
      await level.batch(
        changes.map(({ key, value }) =>
          value === undefined ? { type: "del", key } : { type: "put", key, value },
        ),
      );
    },
    async flush() {
      // Writes the memtable as a table, syncs it and the manifest, and with the manifest the
      // directory (db/db_impl.cc CompactRange, util/env_posix.cc SyncDirIfManifest).
      await level.compactRange(nowhere, nowhere);
      // CompactRange drops its status; a write afterwards reports what went wrong in the background.
      await level.batch([{ type: "del", key: nowhere }], { sync: true });
    },
    bytes: () => level.approximateSize(everything.start, everything.end),
    close: () => level.close(),
  };
}

function levelCursor(level: Level, start: Buffer, end: Buffer): Cursor {
  const iterator = level.iterator({
    gte: start,
    lt: end,
    ...encodings,
    fillCache: true,
    highWaterMarkBytes: 1024 * 1024,
  });
  return {
    next: (count) =>
      iterator.nextv(count).catch((cause: unknown) => {
        throw indexError(cause);
      }),
    seek: (key) => iterator.seek(key),
    close: () => iterator.close(),
  };
}

function indexError(cause: unknown): S3Error {
  const reason = errnoOf(cause) === "LEVEL_CORRUPTION" ? "corrupt_index" : "index_error";
  return s3Error("InternalError", undefined, { reason, cause });
}

function openError(error: unknown): unknown {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  switch (errnoOf(cause)) {
    case "LEVEL_LOCKED":
      return new EngineOpenError("DIRECTORY_IN_USE", "another process has the index open", {
        cause,
      });
    case "LEVEL_CORRUPTION":
      return new EngineOpenError("INDEX_DAMAGED", "the index cannot be read", { cause });
    default:
      return error;
  }
}
