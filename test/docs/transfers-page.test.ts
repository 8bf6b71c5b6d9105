import { expect, onTestFinished, test, vi } from "vitest";
import { startGatewayAndClient } from "../client/gateway.ts";
import { codeOfPage } from "./code-of-page.ts";
import { runTypeScript } from "./run-typescript.ts";

test("the code of transfers.md does what the page says", async () => {
  const running = await startGatewayAndClient();
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await running.close();
  });
  await running.s3.createBucket({ bucket: "photos" });
  vi.stubEnv("S3_ENDPOINT", running.endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", running.credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", running.credentials.secretAccessKey);
  const printed = await runTypeScript(codeOfPage("docs/how-to/client/transfers.md"), ["client"]);
  expect(printed.trim().split("\n")).toEqual([
    "20971520 3",
    "BodySourceFailed / Error: the camera was unplugged",
    "false",
    "0",
    "Aborted / the user closed the window",
    "20971520 0",
    "true",
    "1 true 20971520",
    "20971520 3",
    "video/quicktime",
  ]);
});
