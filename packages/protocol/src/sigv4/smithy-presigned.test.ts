import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatAmzDate } from "../dates.ts";
import { readAuthorization } from "./authorization.ts";
import { uriEncode } from "./canonical-request.ts";
import { presign } from "./presign.ts";
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

test("5,000 random requests are presigned as smithy presigns them, and verify", async () => {
  const property = fc.asyncProperty(
    requests,
    fc.integer({ min: 1, max: 604_800 }),
    async (request, expiresIn) => {
      const { method, query, second } = request;
      const { path, target } = onTheWire(request);
      const now = second * 1000;
      const theirs = await smithy.presign(
        {
          method,
          protocol: "http:",
          hostname: "localhost",
          path,
          query: { ...query },
          headers: { host, ...request.headers, "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD" },
        },
        {
          expiresIn,
          signingDate: new Date(now),
          unhoistableHeaders: new Set(
            Object.keys(request.headers).map((name) => name.toLowerCase()),
          ),
        },
      );
      const joined = target + (target.includes("?") ? "&" : "?");
      const ours = presign(
        {
          method,
          target: `${joined}X-Amz-Content-Sha256=UNSIGNED-PAYLOAD`,
          headers: { host, ...request.headers },
        },
        { credentials, region, now, expiresSeconds: expiresIn, keys },
      );
      const sent = new Map(
        ours
          .slice(joined.length)
          .split("&")
          .map((pair) => [pair.split("=")[0], pair]),
      );
      const signing = Object.entries(theirs.query ?? {}).filter(([name]) =>
        name.startsWith("X-Amz-"),
      );
      expect(signing.length).toBe(7);
      for (const [name, value] of signing) {
        expect(sent.get(name)).toBe(`${name}=${uriEncode(String(value))}`);
      }
      const rawHeaders = Object.entries(theirs.headers).flatMap(([name, value]) => [
        name,
        value.trim(),
      ]);
      const presented = readAuthorization({ method, target: ours, rawHeaders }, { region });
      if (presented === undefined) throw new Error("anonymous");
      expect(presented.amzDate).toBe(formatAmzDate(now));
      expect(verify(presented, { secret, now: now + expiresIn * 1000, keys }).via).toBe(
        "presigned",
      );
    },
  );
  await fc.assert(property, runs);
}, 300_000);
