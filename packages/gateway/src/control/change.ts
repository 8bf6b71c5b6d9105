import type { Kysely, Transaction } from "kysely";
import { ControlError, type ControlErrorCode } from "./control-error.ts";
import type { ControlTables } from "./control-schema.ts";
import type { MasterKeys } from "./master-keys.ts";
import { sqliteCode } from "./sqlite-code.ts";
import { isLocked } from "./until-unlocked.ts";

/** How many changes are remembered: who has missed more than these reads everything again. */
const changesMax = 10_000;

/** What every function of the control plane works with. */
export interface ControlContext {
  readonly kysely: Kysely<ControlTables>;
  readonly keys: MasterKeys;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes what was committed over into the snapshot, or throws. */
  readonly takeOver: () => void;
}

/** What a broken constraint means to the caller, by SQLite's code. */
type Meanings = Readonly<Record<string, ControlErrorCode>>;

/** Changes something as a whole: when it resolves it is on stable storage, and every later request goes by it. */
export async function change<T>(
  { kysely, takeOver }: ControlContext,
  run: (tx: Transaction<ControlTables>) => Promise<T>,
  meanings: Meanings = {},
): Promise<T> {
  return await withMeaning(meanings, async () => {
    const result = await kysely.transaction().execute(async (tx) => {
      const made = await run(tx);
      await forgetOldChanges(tx);
      return made;
    });
    takeOver();
    return result;
  });
}

/** Looks something up in the database itself. */
export async function look<T>(
  { kysely }: ControlContext,
  run: (kysely: Kysely<ControlTables>) => Promise<T>,
): Promise<T> {
  return await withMeaning({}, async () => await run(kysely));
}

async function withMeaning<T>(meanings: Meanings, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof ControlError) throw cause;
    const meaning = meanings[sqliteCode(cause) ?? ""];
    const otherwise = isLocked(cause) ? "database_busy" : "unavailable";
    throw new ControlError(meaning ?? otherwise, undefined, { cause });
  }
}

async function forgetOldChanges(tx: Transaction<ControlTables>): Promise<void> {
  await tx
    .deleteFrom("changes")
    .where("seq", "<=", (of) =>
      of.selectFrom("changes").select((e) => e(e.fn.max("seq"), "-", changesMax).as("seq")),
    )
    .execute();
}
