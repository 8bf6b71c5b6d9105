import { authFailureOf } from "@holdfast/protocol";
import { anonymousRejects } from "../access/anonymous-rejects.ts";
import type { RequestRecord } from "../options.ts";
import { scopeViolationReason } from "./counted-reasons.ts";
import { operationValues, otherValue, unknownOperation } from "./label-values.ts";
import type { Histogram } from "./histogram.ts";
import type { Metrics } from "./metrics.ts";
import type { Tally } from "./tally.ts";

/** Where the requests of one operation are counted. */
interface Slots {
  readonly statuses: Map<number, number>;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly duration: number;
}

/** Counts finished requests; a success costs a few additions in slots that were found before. */
export class RequestMeter {
  readonly #metrics: Metrics;
  readonly #requests: Tally;
  readonly #bytesIn: Tally;
  readonly #bytesOut: Tally;
  readonly #durations: Histogram;
  readonly #slots = new Map<string, Slots>();
  readonly #byReason = new Map<string, () => void>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#requests = metrics.tally("holdfast_requests_total");
    this.#bytesIn = metrics.tally("holdfast_request_bytes_total");
    this.#bytesOut = metrics.tally("holdfast_response_bytes_total");
    this.#durations = metrics.histogram("holdfast_request_duration_seconds");
    for (const operation of operationValues) this.#slotsOf(operation);
    for (const reason of Object.keys(anonymousRejects)) {
      const count = (): void => metrics.count("holdfast_s3_anonymous_reject_total", { reason });
      this.#byReason.set(reason, count);
    }
    this.#byReason.set(scopeViolationReason, () =>
      metrics.count("holdfast_s3_scope_violation_total", {}),
    );
  }

  record(record: RequestRecord): void {
    const { operation, status, bytesIn, bytesOut, durationMs } = record;
    const slots = this.#slots.get(operation) ?? this.#slotsOf(unknownOperation);
    this.#requests.add(slots.statuses.get(status) ?? this.#statusOf(slots, record), 1);
    if (bytesIn > 0) this.#bytesIn.add(slots.bytesIn, bytesIn);
    if (bytesOut > 0) this.#bytesOut.add(slots.bytesOut, bytesOut);
    this.#durations.observe(slots.duration, durationMs / 1000);
    if (record.aborted) this.#metrics.count("holdfast_requests_aborted_total", {});
    if (record.code !== undefined) this.#refused(record);
  }

  #refused({ code = otherValue, reason = otherValue }: RequestRecord): void {
    this.#metrics.count("holdfast_refusals_total", { code, reason });
    if (code === "SlowDown") this.#metrics.count("holdfast_rate_limited_total", { reason });
    const failure = authFailureOf(reason);
    if (failure === undefined) this.#byReason.get(reason)?.();
    else this.#metrics.count("holdfast_s3_auth_failure_total", { reason: failure });
  }

  #slotsOf(operation: string): Slots {
    const known = this.#slots.get(operation);
    if (known !== undefined) return known;
    const slots: Slots = {
      statuses: new Map(),
      bytesIn: this.#bytesIn.slotOf([operation]) ?? 0,
      bytesOut: this.#bytesOut.slotOf([operation]) ?? 0,
      duration: this.#durations.slotOf([operation]) ?? 0,
    };
    this.#slots.set(operation, slots);
    return slots;
  }

  /** Once for each status of an operation; there are no more of them than three digits have. */
  #statusOf(slots: Slots, { operation, status }: RequestRecord): number {
    const label = this.#slots.has(operation) ? operation : unknownOperation;
    const slot = this.#requests.slotOf([label, String(status)]) ?? 0;
    slots.statuses.set(status, slot);
    return slot;
  }
}
