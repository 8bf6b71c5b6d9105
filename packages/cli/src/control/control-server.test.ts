import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MaintenanceTasks } from "@holdfast/engine";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askServer } from "./ask-server.ts";
import { startControl } from "./control-server.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "holdfast-control-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const unused = (): never => {
  throw new Error("nobody asked for it");
};

test("a task ends when whoever asked for it goes away", async () => {
  const begun = new AbortController();
  const ended = new AbortController();
  const tasks: MaintenanceTasks = {
    backup: unused,
    abortStaleUploads: unused,
    async scrub({ signal } = {}) {
      begun.abort();
      if (signal !== undefined) await once(signal, "abort");
      ended.abort();
      throw new Error("stopped");
    },
  };
  const server = await startControl(directory, tasks);
  const stop = new AbortController();
  const answer = askServer(directory, { command: "scrub" }, stop.signal);
  await once(begun.signal, "abort");
  expect(ended.signal.aborted).toBe(false);
  stop.abort();
  expect(await answer).toEqual({ error: { code: "STOPPED" } });
  if (!ended.signal.aborted) await once(ended.signal, "abort");
  await server.close();
});
