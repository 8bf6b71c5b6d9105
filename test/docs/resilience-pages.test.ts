import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOfPage } from "./code-of-page.ts";
import { FailingService } from "./failing-service.ts";
import { runTypeScript } from "./run-typescript.ts";

let service: FailingService;
let environment: NodeJS.ProcessEnv = {};
beforeAll(async () => {
  service = new FailingService();
  environment = {
    PATH: process.env["PATH"],
    TMPDIR: process.env["TMPDIR"],
    AWS_ENDPOINT_URL_S3: await service.start(),
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "not-a-secret",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
});
afterAll(() => service.close());

/** What the code of each page prints. */
const pages: readonly (readonly [page: string, printed: readonly string[]])[] = [
  ["retry", ["try 1 failed true", "quiet", "9 Set(1) { 'SlowDown' }"]],
  ["decorator", ["all is well", "still well"]],
  [
    "circuit-breaker",
    [
      "failed",
      "refused; come back in seconds: true",
      "opened by true",
      "refused; come back in seconds: true",
      "opened by true",
      "made",
      "thumbnails isolate",
      "isolated",
      "thumbnails reset",
    ],
  ],
  [
    "batch",
    [
      "flaky/a.txt stored as true",
      "forbidden/b.txt S3AccessDeniedError",
      "c.txt stored as true",
      "100 days have no report",
    ],
  ],
  [
    "fallback",
    [
      "primary all is well",
      "primary did not answer",
      "secondary did not answer",
      "cache all is well true 2",
      "primary did not answer",
      "secondary did not answer",
      "ServiceUnavailable [ 'primary', 'secondary' ]",
      "false primary",
    ],
  ],
];

test.each(pages)("the code of the page on %s does what the page says", async (page, printed) => {
  const code = codeOfPage(`docs/how-to/client/${page}.md`);
  expect(printed.length).toBeGreaterThan(0);
  const output = await runTypeScript(code, ["client"], environment);
  expect(output.trim().split("\n")).toEqual(printed);
});
