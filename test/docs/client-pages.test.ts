import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi, onTestFinished } from "vitest";
import { serve, temporaryFolder } from "../e2e/holdfast.ts";
import { codeOfPage } from "./code-of-page.ts";
import { runTypeScript } from "./run-typescript.ts";

/** Runs a page's program against a server with the bucket `photos`, and gives the lines that it printed. */
async function linesOf(page: string): Promise<readonly string[]> {
  const data = temporaryFolder();
  const { endpoint } = await serve(["--data", data, "--buckets", "photos"]);
  const credential: { readonly accessKeyId: string; readonly secretAccessKey: string } = JSON.parse(
    readFileSync(join(data, "root-credential.json"), "utf8"),
  );
  vi.stubEnv("S3_ENDPOINT", endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", credential.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credential.secretAccessKey);
  onTestFinished(() => void vi.unstubAllEnvs());
  const printed = await runTypeScript(codeOfPage(`docs/how-to/client/${page}.md`), ["client"]);
  return printed.trim().split("\n");
}

test("the code of handle-errors.md does what the page says", async () => {
  expect(await linesOf("handle-errors")).toEqual([
    "{}",
    "false",
    "undefined",
    "created / somebody else was first",
    "S3NotFoundError NoSuchBucket 404 false",
    "GetObject no-such-bucket/a failed with NoSuchBucket (404): The specified bucket does not exist.",
  ]);
});

test("the code of debug-logging.md does what the page says", async () => {
  const lines = await linesOf("debug-logging");
  expect(lines.map((line) => line.replace(/\d+ ms$/, "N ms"))).toEqual([
    "PutObject photos/cat.jpg: begins",
    "PutObject photos/cat.jpg: attempt 1: PUT /photos/cat.jpg",
    "PutObject photos/cat.jpg: 200 after N ms",
    "GetObject photos/dog.jpg: begins",
    "GetObject photos/dog.jpg: attempt 1: GET /photos/dog.jpg",
    "GetObject photos/dog.jpg failed with NoSuchKey (404): The specified key does not exist.",
    "answered: 200",
    "S3.HeadBucket attempt",
    "answered: 200",
    "S3.HeadBucket ends",
  ]);
});

test("the code of error-context.md does what the page says", async () => {
  const [line = ""] = await linesOf("error-context");
  expect(JSON.parse(line)).toMatchObject({
    operation: "PutObject",
    bucket: "photos",
    key: "cat.jpg",
    error: { name: "S3TransportError", errorCode: "ECONNREFUSED", retryable: true },
    causes: [{ name: "Error", code: "ECONNREFUSED" }],
    attempts: [{ attempt: 1, errorCode: "ECONNREFUSED" }, { attempt: 2 }],
    client: { endpoint: "http://127.0.0.1:1", region: "us-east-1" },
    node: process.versions.node,
  });
});

test("the code of objects.md does what the page says", async () => {
  expect(await linesOf("objects")).toEqual([
    "hello text/plain Ada",
    "nothing changed",
    "function",
    "list/a 1",
    "list/b 1",
    "list/c 1",
    "then list/c",
    "[ '2026/', 'list/' ]",
    "sent 100000",
    "100000 100000",
    "200 by URL",
    "true",
  ]);
});
