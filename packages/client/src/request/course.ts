import type { Credentials } from "../credentials/credentials.ts";
import { meaningOf, toS3Error } from "../errors/to-s3-error.ts";
import type { AttemptRecord, OperationContext, S3Error } from "../errors/s3-error.ts";
import type { WireFailure, WireFailureFields } from "../errors/wire-failure.ts";
import type { RetryClass } from "@holdfast/protocol";
import type { RetryKind } from "../resilience/retry-budget.ts";
import type { Call } from "./call.ts";
import type { OperationTrace } from "./operation-trace.ts";

const customerKey = "x-amz-server-side-encryption-customer-key";
const sourceKey = "x-amz-copy-source-server-side-encryption-customer-key";

/** How one operation fares: its tries, what was mended between them, and whether its outcome is known. */
export class Course {
  readonly call: Call;
  readonly history: AttemptRecord[] = [];
  /** Tries that count against the limit: not those that only mended what a retry needs. */
  counted = 0;
  /** Whether an earlier try may have been carried out although no answer says so. */
  ambiguous = false;
  /** What the last try was signed with. */
  credentials: Credentials | undefined;
  /** What region the last try was signed for. */
  region: string | undefined;
  /** By how much the clock was corrected that it was signed by, in milliseconds. */
  clockOffsetMs = 0;
  /** Why it was last tried again. */
  lastRetry: RetryKind | undefined;
  readonly #mended = new Set<string>();
  /** Whoever is told of it; undefined when nobody listens. */
  readonly trace: OperationTrace | undefined;

  constructor(call: Call, trace?: OperationTrace) {
    this.call = call;
    this.trace = trace;
  }

  /** What no server may bring into an error or an event by sending it back. */
  get secrets(): readonly string[] {
    const { headers } = this.call;
    const { secretAccessKey, sessionToken } = this.credentials ?? {};
    const secrets = [secretAccessKey, sessionToken, headers?.[customerKey], headers?.[sourceKey]];
    return secrets.filter((secret) => secret !== undefined);
  }

  /** Writes down a failed try. */
  note({ fields }: WireFailure): void {
    this.counted += 1;
    this.history.push({
      attempt: this.history.length + 1,
      errorCode: fields.code,
      statusCode: fields.status,
      requestId: fields.requestId,
    });
    this.ambiguous ||= mayHaveHappened(this.call, fields);
  }

  /** Writes down the wait that follows the last try. */
  noteDelay({ fields }: WireFailure, retry: RetryKind, delayMs: number): void {
    this.lastRetry = retry;
    const last = this.history.at(-1);
    if (last !== undefined) this.history[this.history.length - 1] = { ...last, delayMs };
    this.trace?.retry(this.history.length, fields, { retry, delayMs });
  }

  /** Writes down that the last try is repeated at once, since what it failed of was put right. */
  noteMended({ fields }: WireFailure): void {
    const { retry } = meaningOf(fields);
    this.trace?.retry(this.history.length, fields, { retry, delayMs: 0 });
  }

  /** Whether this has not been mended yet for this operation; each thing is mended once. */
  mend(what: RetryClass | "connection"): boolean {
    if (this.#mended.has(what)) return false;
    this.#mended.add(what);
    this.counted -= 1;
    return true;
  }

  /** The error of an operation that ends with this failure. */
  toError(failure: WireFailureFields, context: OperationContext): S3Error {
    const { history, ambiguous, secrets } = this;
    return toS3Error(failure, { context, history, ambiguous, secrets });
  }
}

/** Whether a write may have been carried out although it failed. */
function mayHaveHappened({ method }: Call, failure: WireFailureFields): boolean {
  if (method === "GET" || method === "HEAD") return false;
  const { code, status, phase } = failure;
  if (code === "BodySourceFailed") return phase === "headers";
  // It was, and the answer that says so cannot be read.
  if (status !== undefined && status < 300) return true;
  if (status === undefined) return phase !== undefined && phase !== "connect";
  return meaningOf(failure).retry === "transient";
}
