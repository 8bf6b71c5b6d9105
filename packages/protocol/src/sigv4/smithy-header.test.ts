import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readAuthorization } from "./authorization.ts";
import { signRequest } from "./sign.ts";
import {
  credentials,
  host,
  keys,
  onTheWire,
  region,
  requests,
  runs,
  secret,
  smithy,
} from "./smithy.test.data.ts";
import { verify } from "./verify.ts";

test("5,000 random requests are signed in the header as smithy signs them, and verify", async () => {
  const property = fc.asyncProperty(requests, async (request) => {
    const { method, query, second } = request;
    const { path, target } = onTheWire(request);
    const payload = "UNSIGNED-PAYLOAD";
    const now = second * 1000;
    const theirs = await smithy.sign(
      {
        method,
        protocol: "http:",
        hostname: "localhost",
        path,
        query: { ...query },
        headers: { host, ...request.headers, "x-amz-content-sha256": payload },
      },
      { signingDate: new Date(now) },
    );
    const headers = { host, ...request.headers };
    const ours = signRequest(
      { method, target, headers },
      { credentials, region, now, payload, keys },
    );
    expect(ours["authorization"]).toBe(theirs.headers["authorization"]);
    const rawHeaders = Object.entries(theirs.headers).flatMap(([name, value]) => [
      name,
      value.trim(),
    ]);
    const presented = readAuthorization({ method, target, rawHeaders }, { region });
    if (presented === undefined) throw new Error("anonymous");
    expect(verify(presented, { secret, now, keys }).via).toBe("header");
  });
  await fc.assert(property, runs);
}, 300_000);
