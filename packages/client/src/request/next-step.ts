import type { RetryClass } from "@holdfast/protocol";
import { meaningOf } from "../errors/to-s3-error.ts";
import type { WireFailureFields } from "../errors/wire-failure.ts";
import type { RetryKind } from "../resilience/retry-budget.ts";
import type { Call } from "./call.ts";
import type { Course } from "./course.ts";

/** What follows a failed try: nothing, the same at once, or the same after a wait. */
export type NextStep = "give-up" | "resend" | RetryKind;

/** What may be mended before a retry. Each says whether it was. */
export interface Mending {
  readonly clock: (offsetMs: number) => boolean;
  readonly credentials: () => Promise<boolean>;
  readonly region: (region: string) => boolean;
}

/** Decides what follows a failure. A body that was read and cannot be read again ends everything. */
export async function nextStep(
  failure: WireFailureFields,
  course: Course,
  mending: Mending,
): Promise<NextStep> {
  const { call } = course;
  if (call.body !== undefined && !call.body.replayable && failure.phase !== "connect") {
    return "give-up";
  }
  if (failure.reused === true && failure.phase !== "body" && call.idempotent) {
    // The other side closed a connection that lay idle, most likely before it saw the request.
    if (course.mend("connection")) return "resend";
  }
  const retry = retryOf(failure, call);
  if (await mended(retry, failure, { course, mending })) return "resend";
  if (retry !== "transient" && retry !== "throttling") return "give-up";
  return isSafe(failure, course, retry) ? retry : "give-up";
}

/**
 * Of two conditional writes at once, S3 may refuse one before either has won, and says to send it again; only a
 * completion has lost its upload by then (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
 */
function retryOf(failure: WireFailureFields, { operation }: Call): RetryClass {
  const { retry } = meaningOf(failure);
  const isConflict = failure.code === "ConditionalRequestConflict";
  return isConflict && operation !== "CompleteMultipartUpload" ? "transient" : retry;
}

/** Whether sending it again cannot do what was not asked: it does no harm twice, or was not carried out. */
function isSafe(failure: WireFailureFields, { call }: Course, retry: RetryClass): boolean {
  if (call.idempotent || failure.phase === "connect") return true;
  return retry === "throttling" && failure.status !== undefined;
}

async function mended(
  retry: RetryClass,
  failure: WireFailureFields,
  { course, mending }: { readonly course: Course; readonly mending: Mending },
): Promise<boolean> {
  const { clockOffsetMs, region } = failure;
  if (clockOffsetMs !== undefined && (retry === "clock-skew" || isSkewed(failure, clockOffsetMs))) {
    return mending.clock(clockOffsetMs) && course.mend("clock-skew");
  }
  if (retry === "credentials") return course.mend("credentials") && (await mending.credentials());
  if (region !== undefined && (retry === "region" || failure.status === 400)) {
    return mending.region(region) && course.mend("region");
  }
  return false;
}

/** A refusal under a clock that is off by minutes may be the clock's fault, whatever it is called. */
function isSkewed({ status }: WireFailureFields, offsetMs: number): boolean {
  return (status === 401 || status === 403) && Math.abs(offsetMs) >= 240_000;
}
