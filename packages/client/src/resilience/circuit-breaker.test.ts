import { expect, test, vi } from "vitest";
import { S3NotFoundError } from "../errors/classes.ts";
import { S3Error } from "../errors/s3-error.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import {
  endpointBreakerOptions,
  type BreakerEvent,
  type CircuitBreakerOptions,
} from "./breaker-rules.ts";
import { breakerVerdict } from "./breaker-verdict.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { CircuitOpenError } from "./circuit-open-error.ts";

const context = { operation: "GetObject", bucket: "b", key: "k" };

function failure(code: string, status?: number): S3Error {
  return toS3Error({ code, status }, { context, history: [], ambiguous: false });
}

function errno(code: string): Error {
  return Object.assign(new Error("broken"), { code });
}

/** A breaker under a clock of its own, and what it told. */
function rig(options: CircuitBreakerOptions = {}) {
  const events: BreakerEvent[] = [];
  const clock = { ms: 1_000 };
  const breaker = new CircuitBreaker({
    name: "http://s3.test",
    now: () => clock.ms,
    random: () => 0.5,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const fail = (times: number, error: unknown = errno("ECONNRESET")): void => {
    for (let time = 0; time < times; time += 1) breaker.admit().fail(error);
  };
  const types = (): string[] => events.map(({ type }) => type);
  return { breaker, clock, events, fail, types };
}

function refusal(breaker: CircuitBreaker): CircuitOpenError {
  try {
    breaker.admit();
  } catch (error) {
    if (error instanceof CircuitOpenError) return error;
  }
  return expect.fail("the call was admitted");
}

test("of 50 callers at a half-open breaker one passes, and 49 are refused before anything else happens", async () => {
  const { breaker, clock, fail } = rig();
  fail(5);
  refusal(breaker); // The first error of a process pays for code that is not compiled yet
  clock.ms += 60_000;
  let reached = 0;
  let end = (): void => {};
  const probing = new Promise<void>((resolve) => {
    end = resolve;
  });
  const started = process.cpuUsage();
  let refusedMs = 0;
  let refusedNow = 0;
  const calls = Array.from({ length: 50 }, () =>
    breaker
      .run(async () => {
        reached += 1;
        await probing;
      })
      .catch((error: unknown) => {
        const { user, system } = process.cpuUsage(started);
        refusedMs = (user + system) / 1_000;
        refusedNow += 1;
        return error instanceof CircuitOpenError ? "refused" : error;
      }),
  );
  // No timer and no I/O has its turn before these.
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  expect(refusedNow).toBe(49);
  expect(reached).toBe(1);
  end();
  const outcomes = await Promise.all(calls);
  const refused = outcomes.filter((outcome) => outcome === "refused").length;
  console.log(
    `50 callers at half-open: ${reached} passed, ${refused} refused in ${refusedMs.toFixed(2)} ms of CPU time`,
  );
  expect(refused).toBe(49);
  expect(refusedMs).toBeLessThan(250);
  expect(breaker.snapshot().state).toBe("closed");
});

test("five broken connections in a row open it, so network failures count", () => {
  const { breaker, fail, types } = rig();
  fail(4);
  expect(breaker.snapshot().state).toBe("closed");
  fail(1);
  expect(breaker.snapshot().state).toBe("open");
  expect(types()).toEqual(["open"]);
});

test("an error rate of 66 % opens it although no five failures follow each other", () => {
  const { breaker, fail } = rig();
  let calls = 0;
  while (calls < 300 && breaker.snapshot().state === "closed") {
    if (calls % 3 === 2) breaker.admit().succeed();
    else fail(1);
    calls += 1;
  }
  expect(calls).toBe(20);
  expect(breaker.snapshot()).toMatchObject({ state: "open", calls: 20, failures: 14 });
});

test("an error rate of 40 % leaves it closed, and so does one of 66 % in too few calls", () => {
  const { breaker, fail } = rig();
  for (let call = 0; call < 300; call += 1) {
    if (call % 5 < 2) fail(1);
    else breaker.admit().succeed();
  }
  expect(breaker.snapshot().state).toBe("closed");
  const few = rig();
  for (let call = 0; call < 19; call += 1) {
    if (call % 3 === 2) few.breaker.admit().succeed();
    else few.fail(1);
  }
  expect(few.breaker.snapshot()).toMatchObject({ state: "closed", calls: 19, failures: 13 });
});

test("failures older than the window are forgotten", () => {
  const { breaker, clock, fail } = rig({ failureThreshold: 1_000 });
  fail(19);
  clock.ms += 30_000;
  fail(1);
  expect(breaker.snapshot()).toMatchObject({ state: "closed", calls: 1, failures: 1 });
});

test("a success that began before it opened does not close it", () => {
  const { breaker, clock, fail, types } = rig();
  const straggler = breaker.admit();
  const late = breaker.admit();
  fail(5);
  straggler.succeed();
  expect(breaker.snapshot().state).toBe("open");
  clock.ms += 60_000;
  const probe = breaker.admit();
  late.succeed();
  expect(breaker.snapshot().state).toBe("half-open");
  probe.succeed();
  expect(types()).toEqual(["open", "half-open", "close"]);
});

test("a failure that began before it closed does not count afterwards", () => {
  const { breaker, clock, fail } = rig({ failureThreshold: 1 });
  const straggler = breaker.admit();
  fail(1);
  clock.ms += 60_000;
  breaker.admit().succeed();
  straggler.fail(errno("ECONNRESET"));
  expect(breaker.snapshot()).toMatchObject({ state: "closed", calls: 0 });
});

test("a step of the wall clock, back or forth, changes nothing", () => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-21T12:00:00Z") });
  try {
    const breaker = new CircuitBreaker({ failureThreshold: 1, timeout: 30, random: () => 0.5 });
    breaker.admit().fail(errno("ECONNRESET"));
    vi.setSystemTime(new Date("2026-11-21T13:00:00Z"));
    expect(refusal(breaker).retryAfter).toBeCloseTo(30, 0);
    vi.setSystemTime(new Date("2026-11-20T12:00:00Z"));
    const error = refusal(breaker);
    expect(error.retryAfter).toBeCloseTo(30, 0);
    expect(error.retryAt?.toISOString()).toMatch(/^2026-11-20T12:00:(29|30)/);
  } finally {
    vi.useRealTimers();
  }
});

test("a probe that never returns loses its place to the next caller, and its word", () => {
  const { breaker, clock, fail } = rig();
  fail(5);
  clock.ms += 60_000;
  const hung = breaker.admit();
  clock.ms += 29_000;
  expect(refusal(breaker).retryAfter).toBe(1);
  clock.ms += 1_000;
  const next = breaker.admit();
  hung.fail(errno("ETIMEDOUT"));
  expect(breaker.snapshot().state).toBe("half-open");
  next.succeed();
  expect(breaker.snapshot().state).toBe("closed");
});

test("a probe that is given up, aborted or throttled frees its place and decides nothing", () => {
  const { breaker, clock, fail } = rig();
  fail(5);
  clock.ms += 60_000;
  breaker.admit().release();
  breaker.admit().fail(failure("Aborted"));
  breaker.admit().fail(failure("SlowDown", 503));
  expect(breaker.snapshot()).toMatchObject({ state: "half-open", retryAfter: 0 });
});

test("a probe that is told 404 closes it: the service lives", () => {
  const { breaker, clock, fail } = rig();
  fail(5);
  clock.ms += 60_000;
  breaker.admit().fail(failure("NoSuchKey", 404));
  expect(breaker.snapshot().state).toBe("closed");
});

test("only the first word of a lease counts", () => {
  const { breaker } = rig();
  const lease = breaker.admit();
  lease.fail(errno("ECONNRESET"));
  lease.fail(errno("ECONNRESET"));
  lease.succeed();
  expect(breaker.snapshot()).toMatchObject({ calls: 1, consecutiveFailures: 1 });
});

test("each failed probe doubles the time that it stays open, up to the longest", () => {
  const { clock, events, breaker } = rig({ ...endpointBreakerOptions, failureThreshold: 1 });
  breaker.admit().fail(errno("ECONNRESET"));
  for (let probe = 0; probe < 5; probe += 1) {
    clock.ms += 60_000;
    breaker.admit().fail(errno("ECONNRESET"));
  }
  const times = events.filter(({ type }) => type === "open").map(({ retryAfter }) => retryAfter);
  expect(times).toEqual([5, 10, 20, 40, 60, 60]);
});

test("the time that it stays open varies by a fifth either way", () => {
  const times = [0, 0.999].map((dice) => {
    const { breaker } = rig({ failureThreshold: 1, timeout: 10, random: () => dice });
    breaker.admit().fail(errno("ECONNRESET"));
    return refusal(breaker).retryAfter ?? 0;
  });
  expect(times[0]).toBeCloseTo(8, 5);
  expect(times[1]).toBeCloseTo(12, 1);
});

test("the client's breakers ask for three probes in a row, one at a time, before they close", () => {
  const { breaker, clock, fail } = rig(endpointBreakerOptions);
  fail(10);
  clock.ms += 5_000;
  for (let probe = 0; probe < 3; probe += 1) {
    const lease = breaker.admit();
    refusal(breaker);
    lease.succeed();
  }
  expect(breaker.snapshot().state).toBe("closed");
});

test("a breaker that is isolated refuses all, without a time to come back, until it is reset", () => {
  const { breaker, clock, types } = rig();
  const running = breaker.admit();
  breaker.isolate();
  clock.ms += 10_000_000;
  expect(refusal(breaker)).toMatchObject({ retryAfter: undefined, retryAt: undefined });
  running.succeed();
  expect(breaker.snapshot().state).toBe("isolated");
  breaker.reset();
  breaker.admit().succeed();
  expect(types()).toEqual(["isolate", "reset"]);
});

test("a refusal is typed: code, operation, when to try again and what opened it", () => {
  const { breaker, clock, fail } = rig({ timeout: 10 });
  const cause = failure("InternalError", 500);
  fail(5, cause);
  clock.ms += 4_000;
  let error: unknown;
  try {
    breaker.admit(context, {
      history: [{ attempt: 1, errorCode: "InternalError" }],
      ambiguous: true,
    });
  } catch (thrown) {
    error = thrown;
  }
  expect(S3Error.is(error)).toBe(true);
  expect(error).toMatchObject({
    name: "CircuitOpenError",
    errorCode: "CircuitOpen",
    operation: "GetObject",
    key: "k",
    retry: "transient",
    retryable: true,
    retryAfter: 6,
    ambiguous: true,
    attempts: 1,
    cause,
    lastCause: cause,
  });
});

test("a failure on the wire is told to callers as the public error that it means", () => {
  const { breaker, events, fail } = rig();
  fail(5, new WireFailure({ code: "InternalError", status: 500, requestId: "R1" }));
  const { cause } = refusal(breaker);
  expect(cause).toMatchObject({
    name: "S3ServerError",
    errorCode: "InternalError",
    requestId: "R1",
  });
  expect(events[0]?.cause).toMatchObject({ name: "S3ServerError" });
});

test("run gives the operation's own value and error", async () => {
  const { breaker } = rig();
  expect(await breaker.run(() => Promise.resolve(7))).toBe(7);
  const missing = failure("NoSuchKey", 404);
  await expect(breaker.run(() => Promise.reject(missing))).rejects.toBe(missing);
  expect(missing).toBeInstanceOf(S3NotFoundError);
});

test("which errors count can be said otherwise", () => {
  const { breaker } = rig({ judge: () => "failure", failureThreshold: 2 });
  breaker.admit().fail(failure("NoSuchKey", 404));
  breaker.admit().fail(failure("NoSuchKey", 404));
  expect(breaker.snapshot().state).toBe("open");
});

test("a hook that throws or rejects is a warning, and the breaker opens all the same", async () => {
  const warnings: unknown[] = [];
  const heard = ({ message }: Error): void => {
    warnings.push(message);
  };
  process.on("warning", heard);
  const options = { failureThreshold: 1 };
  const bug = new Error("a bug in a hook");
  const throwing = new CircuitBreaker({
    ...options,
    onEvent: () => {
      throw bug;
    },
  });
  const hook = (): unknown => Promise.reject(bug);
  const rejecting = new CircuitBreaker({ ...options, onEvent: hook });
  for (const breaker of [throwing, rejecting]) {
    breaker.admit().fail(errno("ECONNRESET"));
    expect(breaker.snapshot().state).toBe("open");
    breaker.reset();
  }
  await new Promise(setImmediate);
  process.off("warning", heard);
  expect(warnings).toEqual(
    Array.from({ length: 2 }, () => "A hook failed: Error: a bug in a hook"),
  );
});

test.each([
  ["a 500", failure("InternalError", 500), "failure"],
  ["a 502 page of a proxy", failure("BadGateway", 502), "failure"],
  ["a refused connection", failure("ECONNREFUSED"), "failure"],
  ["a name that does not resolve", errno("ENOTFOUND"), "failure"],
  [
    "a connection that fetch hides in a cause",
    new TypeError("", { cause: errno("ECONNRESET") }),
    "failure",
  ],
  ["no head in time", failure("HeadersTimeout"), "failure"],
  ["a web timeout", new DOMException("late", "TimeoutError"), "failure"],
  ["a truncated body", failure("TruncatedBody", 200), "failure"],
  ["a reset on the wire", new WireFailure({ code: "ECONNRESET" }), "failure"],
  ["a 404", failure("NoSuchKey", 404), "success"],
  ["a 403", failure("AccessDenied", 403), "success"],
  ["a 412", failure("PreconditionFailed", 412), "success"],
  ["a 304", failure("NotModified", 304), "success"],
  ["a 501", failure("NotImplemented", 501), "success"],
  ["a 503 that asks to slow down", failure("SlowDown", 503), "neutral"],
  ["a 429", new WireFailure({ code: "TooManyRequests", status: 429 }), "neutral"],
  ["an abort", failure("Aborted"), "neutral"],
  ["a source of the caller that failed", failure("BodySourceFailed"), "neutral"],
  ["no credentials, so nothing was sent", failure("CredentialsUnavailable"), "neutral"],
  ["another breaker's refusal", failure("CircuitOpen"), "neutral"],
  ["a bug of the caller", new TypeError("undefined is not a function"), "neutral"],
] as const)("by default %s is judged: %#", (_what, error, verdict) => {
  expect(breakerVerdict(error)).toBe(verdict);
});
