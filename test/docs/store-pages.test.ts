import { readFileSync } from "node:fs";
import { expect, onTestFinished, test, vi } from "vitest";
import { LocalDriver, Store } from "@holdfast/store";
import { startGatewayAndClient } from "../client/gateway.ts";
import { codeOfPage } from "./code-of-page.ts";
import { runTypeScript } from "./run-typescript.ts";

test("the code of first-store.md does the same on memory, on a disk and on S3", async () => {
  const running = await startGatewayAndClient();
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await running.close();
  });
  await running.s3.createBucket({ bucket: "photos" });
  vi.stubEnv("S3_ENDPOINT", running.endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", running.credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", running.credentials.secretAccessKey);
  const printed = await runTypeScript(codeOfPage("docs/how-to/store/first-store.md"), ["store"]);
  const tour = [
    ...["2026/q3.csv 13 day,sum", "1,12", "", "100000 99990", "2026/q3.csv 13"],
    ...["AlreadyExists 2026/q3.csv writeText", "NotFound false", "InvalidPath"],
  ];
  const swaps = new LocalDriver({ root: "." }).capabilities.has("conditional_write");
  const [, ...backends] = printed.split("--- ").map((part) => part.trim().split("\n"));
  expect(backends).toEqual([
    ["memory", ...tour, "8", "Closed"],
    ["local", ...tour, ...(swaps ? ["8"] : []), "Closed"],
    ["s3", ...tour, "8", "Closed"],
  ]);
});
