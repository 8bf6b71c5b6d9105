import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import * as fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { toS3Error } from "../errors/to-s3-error.ts";
import type { S3Event } from "./event.ts";
import { Events } from "./events.ts";

const context = { operation: "GetObject", bucket: "photos", key: "cat.jpg" };

function attempt(path: string): S3Event {
  return { type: "attempt", id: 1, context, attempt: 1, method: "GET", path };
}

function fail(warning: Error): void {
  throw warning;
}

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

/** Listens to a channel until the test ends. */
function listen(name: string, listener: (event: unknown) => void): void {
  const onMessage = (message: unknown): void => listener(message);
  subscribe(name, onMessage);
  cleanups.push(() => unsubscribe(name, onMessage));
}

test("events are active while a hook or a subscriber of any channel is there, and not otherwise", () => {
  const events = new Events();
  expect(events.active).toBe(false);
  const onMessage = (): void => {};
  subscribe("holdfast:client:retry", onMessage);
  expect(events.active).toBe(true);
  unsubscribe("holdfast:client:retry", onMessage);
  expect(events.active).toBe(false);
  expect(new Events(() => {}).active).toBe(true);
});

test("an event reaches the hook and the subscribers of its own channel, those before the client included", () => {
  const got: unknown[] = [];
  listen("holdfast:client:attempt", (event) => got.push(["channel", event]));
  listen("holdfast:client:retry", (event) => got.push(["wrong", event]));
  const events = new Events((event) => got.push(["hook", event]));
  const event = attempt("/photos/cat.jpg");
  events.emit(event);
  expect(got).toEqual([
    ["channel", event],
    ["hook", event],
  ]);
});

test("no two operations of a process have the same id, whatever their client", () => {
  const clients = [new Events(), new Events()];
  const ids = clients.flatMap((events) => [events.nextId(), events.nextId()]);
  expect(new Set(ids).size).toBe(4);
});

test.each([
  [
    "throws",
    () => {
      throw new Error("hook of X-Amz-Signature=0123456789abcdef");
    },
  ],
  ["rejects", () => Promise.reject(new Error("hook of X-Amz-Signature=0123456789abcdef"))],
])("a hook that %s breaks nothing and is one warning of the process", async (_, hook) => {
  const warned = once(process, "warning");
  const events = new Events(hook);
  events.emit(attempt("/"));
  events.emit(attempt("/"));
  const [warning] = await warned;
  process.on("warning", fail);
  cleanups.push(() => process.off("warning", fail));
  await setImmediate();
  expect(warning).toMatchObject({ name: "HoldfastWarning", code: "HOLDFAST_HOOK_FAILED" });
  expect(String(warning)).toBe(
    "HoldfastWarning: A hook failed: Error: hook of X-Amz-Signature=[redacted]",
  );
});

test("a presigned target is told as its path", () => {
  const paths: string[] = [];
  const events = new Events((event) => {
    if (event.type === "attempt") paths.push(event.path);
  });
  fc.assert(
    fc.property(fc.webPath(), fc.string(), (path, signature) => {
      events.emit(attempt(`${path}?X-Amz-Signature=${signature}`));
      return paths.at(-1) === path;
    }),
  );
});

test("a breaker's change has the failure that opened it in words, without secrets", () => {
  const got: S3Event[] = [];
  const cause = new Error("Authorization: Bearer 0123456789abcdef");
  new Events((event) => got.push(event)).onBreaker({
    type: "open",
    name: "http://a",
    retryAfter: 5,
    cause,
  });
  expect(got).toEqual([
    {
      type: "breaker",
      change: "open",
      name: "http://a",
      retryAfter: 5,
      causes: [{ name: "Error", message: "Authorization: [redacted]" }],
    },
  ]);
  new Events().onBreaker({ type: "open", name: "http://a", cause });
});

test("an error event is safe to write as JSON", () => {
  const secret = "0123456789abcdef/0123456789";
  const error = toS3Error(
    { code: "X", status: 400, message: secret, cause: new Error(secret) },
    { context, history: [], ambiguous: false, secrets: [secret] },
  );
  const lines: string[] = [];
  new Events((event) => lines.push(JSON.stringify(event))).emit({
    type: "error",
    id: 1,
    context,
    error,
    elapsedMs: 1,
  });
  expect(lines.join("")).toContain("[redacted]");
  expect(lines.join("")).not.toContain(secret);
});
