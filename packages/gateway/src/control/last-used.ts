import { sql, type Kysely } from "kysely";
import type { ControlTables } from "./control-schema.ts";

const flushEveryMs = 60_000;
const rowsAtOnce = 500;

/** When credentials were last used: noted in memory, written each minute and when it is closed. */
export class LastUsed {
  readonly #kysely: Kysely<ControlTables>;
  readonly #timer: NodeJS.Timeout;
  /** As many as there are credentials, at most. */
  #noted: Map<string, number> = new Map();
  #flushing: Promise<void> = Promise.resolve();
  /** Why the last flush did not write, until one does. */
  failure: unknown;

  constructor(kysely: Kysely<ControlTables>) {
    this.#kysely = kysely;
    this.#timer = setInterval(() => {
      this.flush().catch((error: unknown) => {
        this.failure = error;
      });
    }, flushEveryMs).unref();
  }

  note(accessKeyId: string, at: number): void {
    this.#noted.set(accessKeyId, at);
  }

  /** Writes what was noted; what could not be written is noted still. */
  async flush(): Promise<void> {
    const before = this.#flushing;
    this.#flushing = before.catch(() => {}).then(async () => await this.#write());
    await this.#flushing;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #write(): Promise<void> {
    const noted = [...this.#noted];
    this.#noted = new Map();
    for (let from = 0; from < noted.length; from += rowsAtOnce) {
      try {
        await this.#writeSome(noted.slice(from, from + rowsAtOnce));
      } catch (cause) {
        this.#noted = new Map([...noted.slice(from), ...this.#noted]);
        throw cause;
      }
    }
    this.failure = undefined;
  }

  async #writeSome(some: readonly (readonly [string, number])[]): Promise<void> {
    const values = JSON.stringify(Object.fromEntries(some));
    await sql`
      update credentials set last_used_at = max(ifnull(last_used_at, 0), noted.value)
      from json_each(${values}) as noted where access_key_id = noted.key
    `.execute(this.#kysely);
  }
}
