import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startGatewayAndClient } from "../client/gateway.ts";
import { codeOfPage } from "./code-of-page.ts";
import { runTypeScript } from "./run-typescript.ts";

test("the code of configure-stores.md does what the page says", async () => {
  const running = await startGatewayAndClient();
  onTestFinished(() => running.close());
  await running.s3.createBucket({ bucket: "reports" });
  const folder = await mkdtemp(join(tmpdir(), "holdfast-page-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const code = codeOfPage("docs/how-to/store/configure-stores.md");
  const printed = await runTypeScript(
    `process.chdir(${JSON.stringify(folder)});\n${code}`,
    ["store"],
    {
      ...process.env,
      S3_ENDPOINT: running.endpoint,
      AWS_ACCESS_KEY_ID: running.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: running.credentials.secretAccessKey,
    },
  );
  expect(printed.trim().split("\n")).toEqual([
    "Dear Ada",
    "true",
    "2026/q3.csv",
    "InvalidConfig",
    "backends.main.buket",
    "backends.main.bucket",
    "backends.main.attemptsMax",
    "stores.reports.backend",
    "there is no such backend; did you mean main; known are main",
    "[secret] { secretAccessKey: [secret] } 13",
    "false",
  ]);
});
