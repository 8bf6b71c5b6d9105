import { expect, test } from "vitest";
import { S3Client } from "../client.ts";
import { batch, batchStream } from "./batch.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { DiskCache } from "./disk-cache.ts";
import { retry } from "./retry.ts";

const fails = (): Promise<never> => Promise.reject(new Error("it fails"));
const always = { retryable: () => true, baseDelay: 0 };
const credentials = { accessKeyId: "id", secretAccessKey: "secret" };

const unsound: readonly (readonly [string, () => unknown])[] = [
  ["retries without an end", () => retry(fails, { ...always, maxRetries: Number.NaN })],
  ["waits of no length", () => retry(fails, { ...always, maxDelay: Number.NaN })],
  ["waits that shrink", () => retry(fails, { ...always, exponentialBase: 0.5 })],
  ["a deadline that is no number", () => retry(fails, { ...always, deadlineMs: Number.NaN })],
  ["a batch of none at a time", () => batch([1], fails, { concurrency: 0 })],
  ["a batch of all at a time", () => batch([1], fails, { concurrency: Number.NaN })],
  ["a stream of none at a time", () => batchStream([1], fails, { concurrency: 0 })],
  ["a batch that retries for ever", () => batch([1], fails, { retries: Number.NaN })],
  ["a breaker that opens at once", () => new CircuitBreaker({ failureThreshold: 0 })],
  ["a breaker that never closes", () => new CircuitBreaker({ timeout: Number.NaN })],
  ["a window of no length", () => new CircuitBreaker({ window: 0 })],
  ["a probe without an end", () => new CircuitBreaker({ probeTimeout: Number.NaN })],
  [
    "a client's breaker that never closes",
    () => new S3Client({ credentials, circuitBreaker: { timeout: Number.NaN } }),
  ],
  ["a cache without bounds", () => new DiskCache({ directory: "unused", bytesMax: Number.NaN })],
];

test.each(unsound)("%s is refused instead", async (...row) => {
  const [, make] = row;
  await expect(Promise.resolve().then(make)).rejects.toMatchObject({
    name: "S3InvalidRequestError",
    errorCode: "InvalidConfiguration",
  });
});

test("limits may be taken away by name: Infinity", async () => {
  await expect(retry(fails, { maxRetries: Infinity, deadlineMs: Infinity })).rejects.toThrow(
    "it fails",
  );
  expect(await batch([1], (item) => Promise.resolve(item), { concurrency: Infinity })).toHaveLength(
    1,
  );
});

const choices = [
  { provider: "nosuch" },
  { provider: "__proto__" },
  { addressing: "nosuch" },
  { checksums: "nosuch" },
];

test.each(choices)("a choice that is none is refused: %o", (choice) => {
  const options = { credentials, ...choice };
  expect(() => Reflect.construct(S3Client, [options])).toThrow(
    expect.objectContaining({ errorCode: "InvalidConfiguration" }),
  );
});
