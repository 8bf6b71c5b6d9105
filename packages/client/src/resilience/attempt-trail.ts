import { S3Error, type AttemptRecord } from "../errors/s3-error.ts";
import { retrySignsOf } from "./retry-signs.ts";

/** How many tries an error remembers; of more, the last ones. */
const recordsMax = 100;

/** The tries of an operation that was retried as a whole, each of which may have been several requests. */
export class AttemptTrail {
  readonly #records: AttemptRecord[] = [];
  #attempts = 0;
  #ambiguous = false;

  /** Whether any of the tries may have been carried out although it failed. */
  get ambiguous(): boolean {
    return this.#ambiguous;
  }

  get records(): readonly AttemptRecord[] {
    return this.#records;
  }

  /** Adds a try that failed, with the wait that follows it. */
  add(error: unknown, delayMs?: number): void {
    const own = recordsOf(error);
    this.#ambiguous ||= retrySignsOf(error).ambiguous;
    for (const [position, record] of own.entries()) {
      this.#attempts += 1;
      const isLast = position === own.length - 1;
      this.#records.push({
        ...record,
        attempt: this.#attempts,
        delayMs: isLast ? delayMs : record.delayMs,
      });
    }
    this.#records.splice(0, this.#records.length - recordsMax);
  }

  /** Has the error remember all tries, as far as it lets itself be written to. */
  keepIn(error: unknown): void {
    if (!(error instanceof Error)) return;
    Reflect.defineProperty(error, "history", { value: [...this.#records], configurable: true });
    if (this.#ambiguous || "ambiguous" in error) {
      const property = { value: this.#ambiguous, configurable: true, enumerable: true };
      Reflect.defineProperty(error, "ambiguous", property);
    }
    if (!S3Error.is(error)) return;
    Reflect.defineProperty(error, "attempts", { value: this.#attempts, configurable: true });
  }
}

function recordsOf(error: unknown): readonly AttemptRecord[] {
  if (!S3Error.is(error)) return [{ attempt: 1, errorCode: codeOf(error) }];
  if (error.history.length > 0) return error.history;
  const { errorCode, statusCode, requestId } = error;
  return [{ attempt: 1, errorCode, statusCode, requestId }];
}

/** What to call an error that is not the client's own: its code, or else its name. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "Unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
