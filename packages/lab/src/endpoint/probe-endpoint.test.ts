import { createServer } from "node:http";
import { once } from "node:events";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Fault } from "../faults/fault.ts";
import type { Verdict } from "../probe/report.ts";
import { isDivergent } from "../reports/summary.ts";
import { startLab, type Lab } from "../start-lab.ts";
import { auditOfEndpoint, endpointQuestions, probeEndpoint } from "./probe-endpoint.ts";
import { EndpointUnusable } from "./world.ts";

let lab: Lab;
beforeEach(async () => {
  lab = await startLab({ statusProfile: "aws", buckets: ["given"] });
});
afterEach(() => lab.close());

const probed = (more: { readonly bucket?: string; readonly only?: readonly string[] } = {}) =>
  probeEndpoint({ endpoint: lab.endpoint, credentials: lab.credentials, ...more });

/** The bucket that the probe made, and what became of it. */
const bucketCalls = (): readonly string[] =>
  lab.requests.flatMap(({ operation, status }) =>
    operation === "CreateBucket" || operation === "DeleteBucket" ? [`${operation} ${status}`] : [],
  );

test("an endpoint that answers as AWS does has no divergence, and nothing is left at it", async () => {
  const report = await probed();
  expect(isDivergent(auditOfEndpoint(report))).toBe(false);
  expect(report.findings.map(({ verdict }) => verdict.is)).toEqual(
    endpointQuestions.map(() => "pass"),
  );
  expect(endpointQuestions.length).toBeGreaterThanOrEqual(40);
  // The one in between is the question whether a bucket with an object in it can be deleted.
  expect(bucketCalls()).toEqual(["CreateBucket 200", "DeleteBucket 409", "DeleteBucket 204"]);
  expect((await lab.leftovers()).uploads).toEqual([]);
});

test("in a bucket that is given, what would do harm is not asked, and nothing of the probe is left", async () => {
  const { findings } = await probed({ bucket: "given" });
  expect(findings.filter(({ verdict }) => verdict.is !== "pass")).toMatchObject([
    { id: "not-empty", verdict: { is: "not driven", reason: expect.stringContaining("made") } },
  ]);
  expect(bucketCalls()).toEqual([]);
  const { findings: again } = await probed({ bucket: "given", only: ["missing-key"] });
  expect(again).toHaveLength(1);
  expect((await lab.leftovers()).uploads).toEqual([]);
});

const lies: readonly (readonly [string, string, Fault, Verdict])[] = [
  [
    "another code",
    "missing-key",
    { operation: "GetObject", then: { error: "NoSuchBucket" } },
    { is: "diverges", how: ["misnames"] },
  ],
  [
    "another status",
    "missing-key",
    { operation: "GetObject", then: { error: "NoSuchKey", status: 500, fields: { Key: "k" } } },
    { is: "diverges", how: ["misnames"] },
  ],
  [
    "no document",
    "missing-key",
    { operation: "GetObject", then: { document: "html", status: 404 } },
    { is: "diverges", how: ["loses the name"] },
  ],
  [
    "a document cut short",
    "missing-key",
    { operation: "GetObject", then: { document: "truncated", status: 404 } },
    { is: "diverges", how: ["loses the name"] },
  ],
  [
    "a document that lacks an element",
    "missing-upload",
    { operation: "UploadPart", skip: 2, then: { error: "NoSuchUpload" } },
    { is: "diverges", how: ["loses the name"] },
  ],
  [
    "success",
    "digest",
    { operation: "PutObject", skip: 1, then: { status: 200, document: "empty" } },
    { is: "diverges", how: ["lies"] },
  ],
  [
    "success that holds the error",
    "missing-key",
    { operation: "GetObject", then: { error: "NoSuchKey", status: 200 } },
    { is: "diverges", how: ["lies"] },
  ],
  [
    "success to a HEAD",
    "missing-key/head",
    { operation: "HeadObject", then: { status: 200 } },
    { is: "diverges", how: ["lies"] },
  ],
  [
    "another failure to a HEAD",
    "missing-key/head",
    { operation: "HeadObject", then: { error: "AccessDenied" } },
    { is: "diverges", how: ["misnames"] },
  ],
  [
    "a broken connection",
    "missing-key",
    { operation: "GetObject", reset: true },
    { is: "diverges", how: ["dies"] },
  ],
  [
    "a body of entities without end",
    "missing-key",
    { operation: "GetObject", then: { document: "bomb", status: 404 } },
    { is: "diverges", how: ["loses the name"] },
  ],
  [
    "a vast body",
    "missing-key",
    { operation: "GetObject", then: { error: "NoSuchKey", size: "20MiB" } },
    { is: "diverges", how: ["loses the name"] },
  ],
];

test.each(lies)("%s where %s is asked about is a divergence", async (...[, id, fault, verdict]) => {
  const set = lab.fault(fault);
  const { findings } = await probed({ only: [id] });
  expect(findings).toMatchObject([{ id, verdict }]);
  expect(set.fired).toBe(1);
});

test("without uploads, what needs one is not driven and says why", async () => {
  lab.fault({ operation: "CreateMultipartUpload", then: { error: "NotImplemented" } });
  const { findings } = await probed({ only: ["part-order", "missing-key"] });
  expect(findings).toMatchObject([
    { id: "missing-key", verdict: { is: "pass" } },
    {
      id: "part-order",
      verdict: { is: "not driven", reason: "no upload could be begun (501 NotImplemented)" },
    },
  ]);
});

test("an endpoint in which nothing can be made is unusable, and says what it answered", async () => {
  lab.fault({ operation: "CreateBucket", then: { error: "AccessDenied" } });
  await expect(probed()).rejects.toThrow("no bucket could be made there (403 AccessDenied)");
  await expect(probed({ bucket: "none-there" })).rejects.toThrow(EndpointUnusable);
  const nobody = { endpoint: "http://127.0.0.1:9", credentials: lab.credentials };
  await expect(probeEndpoint(nobody)).rejects.toThrow("(ECONNREFUSED)");
});

test("another region is told to CreateBucket, and signed for", async () => {
  await using other = await startLab({ statusProfile: "aws", region: "eu-west-1" });
  const { endpoint, region, credentials } = other;
  const { findings } = await probeEndpoint({ endpoint, region, credentials });
  expect(findings.filter(({ verdict }) => verdict.is !== "pass")).toEqual([]);
});

test("a peer that says anything at all is no endpoint, and ends nothing", async () => {
  const server = createServer((_request, response) => response.end("hello"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("not listening");
  const endpoint = `http://127.0.0.1:${address.port}`;
  const { findings } = await probeEndpoint({ endpoint, credentials: lab.credentials });
  expect(new Set(findings.map(({ verdict }) => verdict.is))).toEqual(
    new Set(["diverges", "not driven"]),
  );
});
