import { S3Client, S3Error } from "@holdfast/client";
import type { RequestRecord } from "@holdfast/gateway";
import type { Fault, Lab } from "@holdfast/lab";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type FrontBeforeLab, startFrontBeforeLab } from "./front-before-lab.ts";

const limits = { connectMs: 1000, headersMs: 1500, idleMs: 1500, restMs: 100 };

/** Large enough that its head is out before its end is known. */
const large = Buffer.alloc(3 * 1024 * 1024, "large ");

let front: FrontBeforeLab;
let bucket: string;
let lab: Lab;
let s3: S3Client;
/** Arranges, past the gateway and its short limits. */
let behind: S3Client;
const records: RequestRecord[] = [];

beforeAll(async () => {
  front = await startFrontBeforeLab({ limits, log: (record) => records.push(record) });
  ({ bucket, lab } = front);
  // One attempt, and no going on where a body broke off: what is seen is what the gateway said.
  s3 = new S3Client({ ...front.tenant, attemptsMax: 1, checksums: "always" });
  const { credentials, endpoint, region } = lab;
  behind = new S3Client({ credentials, endpoint, region });
});

afterEach(() => {
  lab.reset();
  records.length = 0;
});

afterAll(async () => {
  s3.close();
  behind.close();
  await front.close();
});

const calls = {
  get: async (key) => (await s3.getObject({ bucket, key })).body.text(),
  put: (key) => s3.putObject({ bucket, key, body: "new" }),
  head: (key) => s3.headObject({ bucket, key }),
  delete: (key) => s3.deleteObject({ bucket, key }),
  list: () => s3.listObjects({ bucket }).page(),
  copy: (key) => s3.copyObject({ bucket, key, copySource: { bucket, key: "large" } }),
} satisfies Record<string, (key: string) => Promise<unknown>>;

interface Row {
  readonly what: string;
  readonly call: keyof typeof calls;
  readonly fault: Fault;
  /** What the tenant is told; `none` where the gateway can do without the answer. */
  readonly code: string;
  /** The reason in the record of the request, where it has one. */
  readonly reason?: string;
  /** How often the server behind is asked. */
  readonly asked: number;
  /** What there is afterwards, of a write. */
  readonly stored?: "old" | "new" | "nothing";
}

const rows: readonly Row[] = [
  { what: "a read that is reset", call: "get", fault: { reset: true }, code: "none", asked: 2 },
  { what: "a read that is reset each time", call: "get", fault: { reset: true, times: "always" }, code: "ServiceUnavailable", reason: "upstream_reset", asked: 2 },
  { what: "a write that is reset", call: "put", fault: { reset: true }, code: "ServiceUnavailable", reason: "upstream_reset", asked: 1, stored: "old" },
  { what: "a write that is stored and whose answer is lost", call: "put", fault: { after: "commit", reset: true }, code: "ServiceUnavailable", reason: "upstream_reset", asked: 1, stored: "new" },
  { what: "a write that is stored and never answered", call: "put", fault: { after: "commit", stall: true }, code: "ServiceUnavailable", reason: "upstream_timeout", asked: 1, stored: "new" },
  { what: "a deletion that is done and whose answer is lost", call: "delete", fault: { after: "commit", close: true }, code: "ServiceUnavailable", reason: "upstream_reset", asked: 1, stored: "nothing" },
  { what: "a write that the server gets twice", call: "put", fault: { duplicate: true }, code: "none", asked: 1, stored: "new" },
  { what: "a server that says nothing", call: "get", fault: { stall: true, times: "always" }, code: "ServiceUnavailable", reason: "upstream_timeout", asked: 1 },
  { what: "a head that comes slower than anyone waits", call: "get", fault: { drip: 300, times: "always" }, code: "ServiceUnavailable", reason: "upstream_timeout", asked: 1 },
  { what: "a server that takes its time", call: "get", fault: { latency: 300 }, code: "none", asked: 1 },
  { what: "SlowDown", call: "get", fault: { then: { error: "SlowDown", retryAfter: 7 } }, code: "SlowDown", reason: "slow_down", asked: 1 },
  { what: "an error inside a 200", call: "copy", fault: { then: { error: "InternalError", status: 200 } }, code: "InternalError", reason: "internal_error", asked: 1, stored: "old" },
  { what: "an error inside a 200, behind white space and before a newline", call: "copy", fault: { then: { error: "InternalError", status: 200, prefix: "  ", suffix: "\n" } }, code: "InternalError", reason: "internal_error", asked: 1, stored: "old" },
  { what: "a page of HTML", call: "get", fault: { then: { status: 200, document: "html" } }, code: "BadGateway", reason: "upstream_malformed", asked: 1 },
  { what: "a 503 without a body", call: "get", fault: { then: { status: 503, document: "empty" } }, code: "ServiceUnavailable", reason: "upstream_unavailable", asked: 1 },
  { what: "a document that breaks off", call: "list", fault: { then: { status: 200, document: "truncated" } }, code: "BadGateway", reason: "upstream_malformed", asked: 1 },
  { what: "a document of entities of entities", call: "get", fault: { then: { status: 500, document: "bomb" } }, code: "BadGateway", reason: "upstream_malformed", asked: 1 },
  { what: "an error of 20 MB", call: "get", fault: { then: { error: "InternalError", size: "20MiB" } }, code: "BadGateway", reason: "upstream_malformed", asked: 1 },
  { what: "a redirect to another region", call: "get", fault: { then: { region: "eu-west-1" } }, code: "BadGateway", reason: "upstream_redirect", asked: 1 },
  { what: "a credential of the gateway's that has expired", call: "get", fault: { then: { error: "ExpiredToken" } }, code: "InternalError", reason: "upstream_credential", asked: 1 },
]; // prettier-ignore

test.each(rows)("$what is told as $code", async (row) => {
  const key = "object";
  await behind.putObject({ bucket: "far", key, body: "old" });
  await behind.putObject({ bucket: "far", key: "large", body: large });
  lab.reset();
  records.length = 0;
  lab.fault(row.fault);
  const error: unknown = await calls[row.call](key).then(
    () => "none",
    (thrown: unknown) => thrown,
  );
  expect(S3Error.is(error) ? error.errorCode : error).toBe(row.code);
  expect(lab.unfired).toEqual([]);
  if (row.reason !== undefined) expect(records.at(-1)).toMatchObject({ reason: row.reason });
  expect(lab.requests).toHaveLength(row.asked);
  lab.reset();
  if (row.stored !== undefined) {
    const object = await s3.getObjectIfExists({ bucket, key });
    expect((await object?.body.text()) ?? "nothing").toBe(row.stored);
  }
  expect((await lab.leftovers()).uploads).toEqual([]);
});

test.each<readonly [string, Fault, string]>([
  ["is reset after a mebibyte", { after: "1MiB", reset: true }, "TruncatedBody"],
  ["ends after a mebibyte", { after: "1MiB", close: true }, "TruncatedBody"],
  ["stalls after a mebibyte", { after: "1MiB", stall: true }, "TruncatedBody"],
  ["has another byte than was stored", { corrupt: "2MiB" }, "ChecksumMismatch"],
  ["is shorter than it says", { length: 10 }, "TruncatedBody"],
])("a large object that %s is not whole to a tenant", async (_, fault, code) => {
  await behind.putObject({ bucket: "far", key: "large", body: large });
  lab.reset();
  lab.fault({ operation: "GetObject", ...fault });
  const read = s3.getObject({ bucket, key: "large" }).then(({ body }) => body.bytes());
  await expect(read).rejects.toMatchObject({ errorCode: code });
  expect(lab.unfired).toEqual([]);
});
