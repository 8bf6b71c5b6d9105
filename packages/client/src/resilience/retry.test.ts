import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  S3AbortedError,
  S3AccessDeniedError,
  S3NotFoundError,
  S3ServerError,
  S3SourceError,
  S3ThrottledError,
  S3TimeoutError,
  S3TransportError,
} from "../errors/classes.ts";
import type { AttemptRecord, S3Error } from "../errors/s3-error.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import type { WireFailureFields } from "../errors/wire-failure.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { CircuitOpenError } from "./circuit-open-error.ts";
import { retry, type RetryNotice, type RetryOptions } from "./retry.ts";

interface Circumstances {
  readonly endpoint?: string;
  readonly ambiguous?: boolean;
  readonly history?: readonly AttemptRecord[];
}

function failure(fields: WireFailureFields, circumstances: Circumstances = {}): S3Error {
  const { endpoint, ambiguous = false, history = [] } = circumstances;
  const context = { operation: "PutObject", bucket: "b", key: "k", endpoint };
  return toS3Error(fields, { context, history, ambiguous });
}

const broken = (): S3Error => failure({ code: "InternalError", status: 500, requestId: "R" });

/** What became of an operation that fails with these errors, one a try, and then gives 7. Waits take no time. */
async function course(errors: readonly unknown[], options: RetryOptions = {}) {
  const events: RetryNotice[] = [];
  let tries = 0;
  const outcome = await retry(
    async ({ attempt }) => {
      tries += 1;
      expect(attempt).toBe(tries);
      if (tries <= errors.length) throw errors[tries - 1];
      return 7;
    },
    { random: () => 0, onRetry: (event) => events.push(event), ...options },
  ).then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error }),
  );
  return { ...outcome, tries, events };
}

/** The waits of a run of failures, in seconds; none is really waited for. */
async function delays(errors: readonly unknown[], options: RetryOptions): Promise<number[]> {
  const seconds: number[] = [];
  for (const [retries, error] of errors.entries()) {
    const heard = new AbortController();
    let tries = 0;
    await retry(
      () => {
        tries += 1;
        return Promise.reject(tries <= retries ? broken() : error);
      },
      {
        maxRetries: 1_000,
        ...options,
        random: () => (tries <= retries ? 0 : 1),
        signal: heard.signal,
        onRetry: ({ attempt, delayMs }) => {
          if (attempt <= retries) return;
          seconds.push(delayMs / 1_000);
          heard.abort();
        },
      },
    ).catch(() => {});
  }
  return seconds;
}

test("two failures and a success are three tries", async () => {
  expect(await course([broken(), broken()])).toMatchObject({ value: 7, tries: 3 });
});

test("by default it tries three times more, and no more", async () => {
  const errors = Array.from({ length: 9 }, broken);
  const { error, tries } = await course(errors);
  expect(tries).toBe(4);
  expect(error).toBe(errors[3]);
});

test("the ceilings are the guide's: 1, 2, 4 seconds and so on up to 60", async () => {
  const errors = Array.from({ length: 8 }, broken);
  expect(await delays(errors, {})).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

test("a wait is anything between zero and its ceiling, so that clients spread", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (dice) => {
        const controller = new AbortController();
        let seconds = -1;
        await retry(() => Promise.reject(broken()), {
          random: () => dice,
          signal: controller.signal,
          onRetry: ({ delayMs }) => {
            seconds = delayMs / 1_000;
            controller.abort();
          },
        }).catch(() => {});
        expect(seconds).toBeCloseTo(dice, 9);
      },
    ),
  );
});

test("without jitter a wait is its ceiling", async () => {
  const { events } = await course([broken()], { jitter: false, baseDelay: 0.003, random: () => 0 });
  expect(events.map(({ delayMs }) => delayMs)).toEqual([3]);
});

test("a server's Retry-After is waited for, up to the longest wait", async () => {
  const slow = (retryAfter: number): S3Error =>
    failure({ code: "SlowDown", status: 503, retryAfter });
  expect(await delays([slow(7)], {})).toEqual([7]);
  expect(await delays([slow(3_600)], {})).toEqual([60]);
  expect(await delays([slow(0.2)], {})).toEqual([1]);
});

test.each([
  ["missing", failure({ code: "NoSuchKey", status: 404 }), S3NotFoundError],
  ["denied", failure({ code: "AccessDenied", status: 403 }), S3AccessDeniedError],
  ["a source that failed", failure({ code: "BodySourceFailed" }), S3SourceError],
  ["aborted", failure({ code: "Aborted" }), S3AbortedError],
  ["a bug", new TypeError("x is not a function"), TypeError],
  ["a local file that is not there", Object.assign(new Error(""), { code: "ENOENT" }), Error],
])("%s is not tried again", async (_what, thrown, Class) => {
  const { error, tries } = await course([thrown]);
  expect(tries).toBe(1);
  expect(error).toBe(thrown);
  expect(error).toBeInstanceOf(Class);
});

test.each([
  ["a 500", broken(), S3ServerError],
  ["throttling", failure({ code: "SlowDown", status: 503 }), S3ThrottledError],
  ["a reset", failure({ code: "ECONNRESET" }), S3TransportError],
  ["a truncated body", failure({ code: "TruncatedBody", status: 200 }), S3TransportError],
  ["no answer in time", failure({ code: "HeadersTimeout" }), S3TimeoutError],
  ["an errno of another library", Object.assign(new Error(""), { code: "EPIPE" }), Error],
])("%s is tried again", async (_what, thrown, Class) => {
  expect(thrown).toBeInstanceOf(Class);
  expect(await course([thrown])).toMatchObject({ value: 7, tries: 2 });
});

test("what may have happened is repeated only where that is harmless", async () => {
  const put = failure({ code: "ECONNRESET" }, { ambiguous: true });
  expect(await course([put])).toMatchObject({ value: 7, tries: 2 });
  expect(await course([put], { idempotent: false })).toMatchObject({ error: put, tries: 1 });
  const fields = { code: "ECONNRESET" };
  const operation = "CreateMultipartUpload";
  const created = toS3Error(fields, { context: { operation }, history: [], ambiguous: true });
  expect(await course([created])).toMatchObject({ error: created, tries: 1 });
  expect(await course([created], { idempotent: true })).toMatchObject({ value: 7, tries: 2 });
});

test("a refusal after a try that may have happened says so: it may be of the caller's own write", async () => {
  const lost = failure({ code: "ECONNRESET" }, { ambiguous: true });
  const refused = failure({ code: "PreconditionFailed", status: 412 });
  expect(refused.ambiguous).toBe(false);
  expect(await course([lost, refused])).toMatchObject({ error: refused, tries: 2 });
  expect(refused.ambiguous).toBe(true);
});

test("an open breaker ends the retries", async () => {
  const breaker = new CircuitBreaker({ failureThreshold: 2, timeout: 60 });
  let sent = 0;
  const calling = retry(
    () =>
      breaker.run(() => {
        sent += 1;
        return Promise.reject(broken());
      }),
    { maxRetries: 50, random: () => 0 },
  );
  await expect(calling).rejects.toBeInstanceOf(CircuitOpenError);
  expect(sent).toBe(2);
});

test("the last error has every try with its code, request id and wait, and nothing is printed", async () => {
  const inner = [
    { attempt: 1, errorCode: "ECONNRESET", delayMs: 5 },
    { attempt: 2, errorCode: "InternalError", statusCode: 500, requestId: "A" },
  ];
  const errors = [
    failure({ code: "InternalError", status: 500 }, { history: inner }),
    Object.assign(new Error("reset"), { code: "ECONNRESET" }),
    failure({ code: "NoSuchBucket", status: 404, requestId: "Z" }),
  ];
  const { error } = await course(errors);
  expect(error).toBe(errors[2]);
  expect(error).toMatchObject({
    attempts: 4,
    history: [
      { attempt: 1, errorCode: "ECONNRESET", delayMs: 5 },
      { attempt: 2, errorCode: "InternalError", statusCode: 500, requestId: "A", delayMs: 0 },
      { attempt: 3, errorCode: "ECONNRESET", delayMs: 0 },
      { attempt: 4, errorCode: "NoSuchBucket", statusCode: 404, requestId: "Z" },
    ],
  });
});

test("an error that cannot be written to is thrown as it is", async () => {
  const frozen = Object.freeze(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
  const { error, tries } = await course([frozen, frozen, frozen, frozen]);
  expect(error).toBe(frozen);
  expect(tries).toBe(4);
});

test("an error remembers its last hundred tries, however many there were", async () => {
  const last = failure({ code: "NoSuchKey", status: 404 });
  const { error } = await course([...Array.from({ length: 300 }, broken), last], {
    maxRetries: 1_000,
  });
  expect(error).toMatchObject({ attempts: 301 });
  expect(last.history).toHaveLength(100);
  expect(last.history.at(-1)).toMatchObject({ attempt: 301, errorCode: "NoSuchKey" });
});

test("an abort ends a wait at once: typed, with the signal's reason and the tries so far", async () => {
  const controller = new AbortController();
  const reason = new Error("the user left");
  let waits = (): void => {};
  const waiting = new Promise<void>((resolve) => {
    waits = resolve;
  });
  let tries = 0;
  const calling = retry(
    () => {
      tries += 1;
      return Promise.reject(broken());
    },
    { signal: controller.signal, baseDelay: 20, random: () => 0.9, onRetry: () => waits() },
  );
  const outcome = calling.catch((error: unknown) => error);
  await waiting;
  const started = performance.now();
  controller.abort(reason);
  const error = await outcome;
  const ms = performance.now() - started;
  console.log(`abort during backoff: ${ms.toFixed(2)} ms`);
  expect(ms).toBeLessThan(10_000);
  expect(error).toBeInstanceOf(S3AbortedError);
  expect(error).toMatchObject({ cause: reason, key: "k", attempts: 1 });
  expect(tries).toBe(1);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

test("under a signal that is aborted already nothing is tried", async () => {
  const { error, tries } = await course([], { signal: AbortSignal.abort("no") });
  expect(tries).toBe(0);
  expect(error).toMatchObject({ name: "S3AbortedError", cause: "no", attempts: 0 });
});

test("no wait is begun that would pass the deadline: the last error comes at once", async () => {
  const started = performance.now();
  const error = broken();
  const run = await course([error], { deadlineMs: 20_000, baseDelay: 30, random: () => 0.99 });
  expect(run).toMatchObject({ error, tries: 1 });
  expect(performance.now() - started).toBeLessThan(10_000);
});

test("the deadline ends a try that hangs, by its signal", async () => {
  const calling = retry(
    ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(failure({ code: "Aborted" })));
      }),
    { deadlineMs: 30 },
  );
  const error: unknown = await calling.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(S3TimeoutError);
  expect(error).toMatchObject({ errorCode: "DeadlineExceeded", key: "k", attempts: 1 });
});

test("a run leaves neither timer nor listener, however it ends", async () => {
  const { signal } = new AbortController();
  await course([broken()], { signal, deadlineMs: 60_000 });
  await course([new Error("no")], { signal, deadlineMs: 60_000 });
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
  expect(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length).toBeLessThan(
    3,
  );
});

test("retries around the client draw on its budget: 300 calls into a dead endpoint are 335 requests", async () => {
  const endpoint = "http://dead-endpoint.test:9000";
  let requests = 0;
  const calls = Array.from({ length: 300 }, () =>
    retry(
      () => {
        requests += 1;
        return Promise.reject(failure({ code: "ECONNREFUSED" }, { endpoint }));
      },
      { random: () => 0 },
    ).catch(() => {}),
  );
  await Promise.all(calls);
  console.log(`300 retried calls into a dead endpoint sent ${requests} requests`);
  expect(requests).toBe(335);
});
