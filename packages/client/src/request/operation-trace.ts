import type { RetryClass } from "@holdfast/protocol";
import { redact } from "../errors/redact.ts";
import type { OperationContext, S3Error } from "../errors/s3-error.ts";
import type { WireFailureFields } from "../errors/wire-failure.ts";
import type { Events } from "../tracing/events.ts";
import type { Answer } from "./call.ts";

/** Tells of one operation, to those who listened when it began. */
export class OperationTrace {
  readonly #events: Events;
  readonly #id: number;
  readonly #context: OperationContext;
  readonly #startedAt = performance.now();

  /** Undefined when nobody listens: then there is nothing to make. */
  static begin(events: Events, context: () => OperationContext): OperationTrace | undefined {
    return events.active ? new OperationTrace(events, context()) : undefined;
  }

  constructor(events: Events, context: OperationContext) {
    this.#events = events;
    this.#id = events.nextId();
    this.#context = context;
    events.emit({ type: "request", id: this.#id, context });
  }

  attempt(attempt: number, method: string, target: string): void {
    const { id, context } = this.#of;
    this.#events.emit({ type: "attempt", id, context, attempt, method, path: target });
  }

  retry(
    attempt: number,
    failure: WireFailureFields,
    why: { retry: RetryClass; delayMs: number },
  ): void {
    const { id, context } = this.#of;
    const { code: errorCode, status: statusCode, requestId } = failure;
    const { retry, delayMs } = why;
    this.#events.emit({
      type: "retry",
      id,
      context,
      attempt,
      errorCode,
      statusCode,
      requestId,
      retry,
      delayMs,
    });
  }

  response({ status: statusCode, headers, attempts }: Answer, secrets: readonly string[]): void {
    const { id, context } = this.#of;
    const stated = headers["x-amz-request-id"];
    const requestId = stated === undefined ? undefined : redact(stated, secrets);
    const elapsedMs = this.#elapsedMs;
    this.#events.emit({
      type: "response",
      id,
      context,
      statusCode,
      requestId,
      attempts,
      elapsedMs,
    });
  }

  error(error: S3Error): void {
    const { id, context } = this.#of;
    this.#events.emit({ type: "error", id, context, error, elapsedMs: this.#elapsedMs });
  }

  get #of(): { readonly id: number; readonly context: OperationContext } {
    return { id: this.#id, context: this.#context };
  }

  get #elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }
}
