import { open } from "node:fs/promises";
import { join } from "node:path";
import { s3Error, type S3Error } from "@holdfast/protocol";
import { ClassicLevel } from "classic-level";
import { EngineOpenError } from "../engine-open-error.ts";
import { errnoOf } from "../disk/disk-error.ts";
import { pace } from "../disk/pace.ts";
import { Absence } from "./level-files/absence.ts";
import { checkFiles } from "./level-files/check-files.ts";
import { OpenTables } from "./level-files/open-tables.ts";
import type { KeyRange } from "./keys.ts";
import { claimDirectory } from "./one-writer.ts";
import type { Cursor, IndexDamage, Moment, OrderedStore } from "./ordered-store.ts";

const encodings = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;

// No record starts with this byte, so compacting the range moves no tables and flushes the rest.
const nowhere = Buffer.from([0xff]);

const everything = { start: Buffer.alloc(0), end: nowhere };
/** Bytes of tables that an open verifies before LevelDB reads them; a scrub verifies the rest. */
const checkedBytesMax = 512 * 1024 * 1024;

type Level = ClassicLevel<Buffer, Buffer>;

/** The index on LevelDB, whose lock on the directory ends with the process that holds it. */
export async function openLevelStore(directory: string): Promise<OrderedStore> {
  const release = await claimDirectory(directory);
  try {
    const store = await openClaimed(directory);
    return { ...store, close: () => store.close().finally(release) };
  } catch (error) {
    release();
    throw error;
  }
}

async function openClaimed(directory: string): Promise<OrderedStore> {
  await refuseDamage(directory);
  const level: Level = new ClassicLevel(directory, {
    ...encodings,
    cacheSize: 32 * 1024 * 1024,
    writeBufferSize: 8 * 1024 * 1024,
  });
  try {
    await level.open();
  } catch (error) {
    throw (await lockRefusal(directory)) ?? openError(error);
  }
  const tables = new OpenTables(directory);
  const absence = new Absence(directory, tables);
  const damaged: IndexDamage[] = [];
  const refuseDamaged = (from: Buffer, to: Buffer): void => {
    const reaches = ({ from: first, to: last }: IndexDamage): boolean =>
      Buffer.compare(first, to) <= 0 && Buffer.compare(from, last) <= 0;
    if (damaged.some(reaches)) throw corruptIndex();
  };
  return {
    get(key) {
      refuseDamaged(key, key);
      try {
        return level.getSync(key);
      } catch (cause) {
        throw indexError(cause);
      }
    },
    assertAbsent(key) {
      try {
        absence.assert(key);
      } catch (cause) {
        if (cause instanceof RangeError) throw corruptIndex(cause);
        throw indexError(cause);
      }
    },
    range: (start, end) =>
      guardedCursor(levelCursor(level, { start, end }), { start, end, refuseDamaged }),
    moment: () => levelMoment(level, tables, refuseDamaged),
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
    async check(speed) {
      const found: IndexDamage[] = [];
      for await (const damage of checkFiles(directory, { pace: speed })) found.push(damage);
      // What was found before stays refused: a compaction may have carried it over by now.
      damaged.push(...found);
      return found;
    },
    close: () => level.close(),
  };
}

/** Before LevelDB opens it, since an open may already carry damage over into new tables. */
async function refuseDamage(directory: string): Promise<void> {
  const check = { pace: pace({}), bytesMax: checkedBytesMax };
  for await (const { file, offset } of checkFiles(directory, check)) {
    throw new EngineOpenError(
      "INDEX_DAMAGED",
      `${join(directory, file)} is damaged at byte ${offset}`,
    );
  }
}

interface Guard {
  readonly start: Buffer;
  readonly end: Buffer;
  readonly refuseDamaged: (from: Buffer, to: Buffer) => void;
}

/** A walk that fails instead of passing over a damaged stretch. */
function guardedCursor(cursor: Cursor, { start, end, refuseDamaged }: Guard): Cursor {
  let from = start;
  return {
    async next(count) {
      const entries = await cursor.next(count);
      const to = entries.at(-1)?.[0] ?? end;
      refuseDamaged(from, to);
      from = to;
      return entries;
    },
    seek(key) {
      from = key;
      cursor.seek(key);
    },
    close: () => cursor.close(),
  };
}

function levelMoment(
  level: Level,
  tables: OpenTables,
  refuseDamaged: Guard["refuseDamaged"],
): Moment {
  const snapshot = level.snapshot();
  return {
    range: (start, end) =>
      guardedCursor(levelCursor(level, { start, end, snapshot }), { start, end, refuseDamaged }),
    splits: (start, end) => tables.splits(start, end),
    close: () => snapshot.close(),
  };
}

interface Walked extends KeyRange {
  /** What to walk over; now when absent. */
  readonly snapshot?: ReturnType<Level["snapshot"]>;
}

function levelCursor(level: Level, { start, end, snapshot }: Walked): Cursor {
  const iterator = level.iterator({
    gte: start,
    lt: end,
    ...(snapshot === undefined ? {} : { snapshot }),
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

function corruptIndex(cause?: unknown): S3Error {
  return s3Error("InternalError", undefined, { reason: "corrupt_index", cause });
}

function indexError(cause: unknown): S3Error {
  return errnoOf(cause) === "LEVEL_CORRUPTION"
    ? corruptIndex(cause)
    : s3Error("InternalError", undefined, { reason: "index_error", cause });
}

/** Why the disk refuses the lock file, by errno: LevelDB says it as a text. Only while it is not locked by us. */
async function lockRefusal(directory: string): Promise<unknown> {
  try {
    await (await open(join(directory, "LOCK"), "r+")).close();
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") return error;
  }
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
