import { setImmediate } from "node:timers/promises";
import type { RequestRecord } from "@holdfast/gateway";
import { expect, test } from "vitest";
import type { Terminal } from "../terminal.ts";
import { failureLog, jsonLog } from "./request-log.ts";

const record: RequestRecord = {
  event: "request",
  time: 1_700_000_000_000,
  address: "192.0.2.1",
  requestId: "R1",
  method: "GET",
  operation: "GetObject",
  bucket: "photos",
  key: "a\n\u001b[31m\u009bb",
  status: 500,
  code: "InternalError",
  reason: "internal_error",
  bytesIn: 0,
  bytesOut: 0,
  durationMs: 1,
  aborted: false,
};

function recorder(): { readonly printed: string[]; readonly terminal: Terminal } {
  const printed: string[] = [];
  const terminal: Terminal = {
    out: (text) => printed.push(`out ${text}`),
    err: (text) => printed.push(`err ${text}`),
    env: {},
    nodeVersion: "20.20.0",
    stop: new AbortController().signal,
  };
  return { printed, terminal };
}

test("people see only what the server failed at, on one line, whatever the key holds", () => {
  const { printed, terminal } = recorder();
  const log = failureLog(terminal);
  for (const status of [200, 304, 404, 499]) log({ ...record, status });
  expect(printed).toEqual([]);
  log(record);
  expect(printed).toEqual([
    String.raw`err 500 InternalError (internal_error) GetObject "photos/a\n\u001b[31m\u009bb" request R1` +
      "\n",
  ]);
  log({ ...record, cause: "Error: disk\n    at x" });
  expect(printed[1]).toMatch(/request R1\nError: disk\n {4}at x\n$/);
});

test("programs see every request, a line each", async () => {
  const { printed, terminal } = recorder();
  const log = jsonLog(terminal);
  log({ ...record, status: 200 });
  log(record);
  await setImmediate();
  log(record);
  await setImmediate();
  const line = `${JSON.stringify(record)}\n`;
  expect(printed).toEqual([
    `out ${JSON.stringify({ ...record, status: 200 })}\n${line}`,
    `out ${line}`,
  ]);
});
