import { setImmediate } from "node:timers/promises";
import type { RequestRecord } from "./options.ts";
import type { Answer } from "./s3-subject.test.support.ts";

/** What a gateway put on record, found by the answer: the record comes after it. */
export class Records {
  readonly #byId = new Map<string, RequestRecord>();

  /** For the gateway's options. */
  readonly log = (record: RequestRecord): void => {
    this.#byId.set(record.requestId, record);
  };

  /** What stands there for this answer, and no longer once it was asked for: a long run must not gather them. */
  async of(answer: Answer): Promise<RequestRecord> {
    const id = String(answer.headers["x-amz-request-id"]);
    for (;;) {
      const record = this.#byId.get(id);
      this.#byId.delete(id);
      if (record !== undefined) return record;
      await setImmediate();
    }
  }
}
