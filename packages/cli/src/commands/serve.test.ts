import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "@holdfast/engine";
import { openControl, startGateway } from "@holdfast/gateway";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigError } from "../config/config-error.ts";
import { resolveSettings } from "../config/resolve.ts";
import type { Settings } from "../config/settings.ts";
import type { Terminal } from "../terminal.ts";
import { serve } from "./serve.ts";

let folder: string;
let settings: Settings;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-serve-"));
  const flags = new Map([
    ["data", join(folder, "data")],
    ["listen", "127.0.0.1:0"],
  ]);
  settings = await resolveSettings(flags, {});
});
afterEach(() => rmSync(folder, { recursive: true }));

function recorder(stop: AbortSignal): { readonly printed: string[]; readonly terminal: Terminal } {
  const printed: string[] = [];
  const print = (text: string): void => {
    printed.push(text);
  };
  return { printed, terminal: { out: print, err: print, env: {}, nodeVersion: "20.20.0", stop } };
}

test("a port taken between the check and the start is a refusal, and lets go of the directory", async () => {
  const { printed, terminal } = recorder(new AbortController().signal);
  const taken = Object.assign(new Error("taken"), { code: "EADDRINUSE" });
  const serving = serve({ settings, json: true }, terminal, {
    openEngine,
    openControl,
    startGateway: () => Promise.reject(taken),
  });
  await expect(serving).rejects.toBeInstanceOf(ConfigError);
  await expect(serving).rejects.toMatchObject({ cause: taken });
  expect(printed).toEqual([]);
  expect(readdirSync(settings.data)).not.toContain("endpoint.json");
  const engine = await openEngine({ directory: settings.data });
  await engine.close();
});

test("a wish to stop that came before it was ready is granted once it is", async () => {
  const { printed, terminal } = recorder(AbortSignal.abort());
  const status = await serve({ settings, json: true }, terminal, {
    openEngine,
    openControl,
    startGateway,
  });
  expect(status).toBe(0);
  expect(printed.map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({ event: "ready" }),
    { event: "stopping" },
  ]);
  expect(readdirSync(settings.data)).not.toContain("endpoint.json");
});
