import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOfPage } from "./code-of-page.ts";
import { startOpenGateway, type OpenGateway } from "./open-gateway.ts";
import { runTypeScript } from "./run-typescript.ts";

let gateway: OpenGateway;
beforeAll(async () => {
  gateway = await startOpenGateway("photos");
});
afterAll(() => gateway.close());

/** What a page's program prints, line by line. */
async function linesOf(page: string): Promise<readonly string[]> {
  const code = codeOfPage(`docs/how-to/${page}.md`);
  // A module also where the page imports nothing.
  const printed = await runTypeScript(`${code}\nexport {};\n`, ["client"], gateway.env);
  return printed.trim().split("\n");
}

test("the code of let-anyone-read.md does what the page says", async () => {
  const { s3, control } = gateway;
  await s3.createBucket({ bucket: "website" });
  await s3.putObject({ bucket: "website", key: "index.html", body: "hello" });
  await control.allowAnonymous({ bucket: "website", requestsPerSecond: 20 });
  expect(await linesOf("let-anyone-read")).toEqual(["200 hello", "200", "403", "403"]);
  await control.denyAnonymous("website");
  expect((await fetch(`${gateway.endpoint}/website/index.html`)).status).toBe(403);
});

test("the code of use-from-web-pages.md does what the page says", async () => {
  expect(await linesOf("use-from-web-pages")).toEqual([
    "200 https://app.example.com",
    "403 null",
    "1 [ 'https://*.example.com' ]",
  ]);
  await expect(gateway.s3.getBucketCors({ bucket: "photos" })).rejects.toMatchObject({
    errorCode: "NoSuchCORSConfiguration",
  });
});

test("the code of upload-from-forms.md does what the page says", async () => {
  expect(await linesOf("upload-from-forms")).toEqual([
    "201 users/ada/cat.jpg",
    "403 AccessDenied",
    "400 EntityTooSmall",
    "image/jpeg a cat",
  ]);
});
