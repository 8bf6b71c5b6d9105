import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { S3Error } from "../errors/s3-error.ts";
import { ChunkedDecoder } from "../streaming/chunked-decoder.ts";
import { attackCorpus } from "./attack-corpus.test.data.ts";
import { readAuthorization } from "./authorization.ts";
import { SigningKeys } from "./signing-keys.ts";
import { verify } from "./verify.ts";
import {
  headerOf,
  honestRequests,
  type Signer,
  type WireRequest,
} from "./wire-request.test.data.ts";

const signer: Signer = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "a secret that no error shows",
  region: "us-east-1",
  now: Date.UTC(2026, 10, 21, 12),
  host: "localhost:9000",
  bucketPath: "/bucket",
};
const keys = new SigningKeys();

/** Takes the whole request as a server does, and returns the payload. Throws when it is refused. */
function accept(request: WireRequest): Buffer {
  const { region, now } = signer;
  const presented = readAuthorization(request, { region });
  if (presented === undefined) throw new Error("the request became anonymous");
  const secret = presented.accessKeyId === signer.accessKeyId ? signer.secretAccessKey : undefined;
  const { payload } = verify(presented, { secret, now, keys });
  if (payload.kind === "unsigned") return request.body;
  if (payload.kind === "hashed") {
    const sha256 = createHash("sha256").update(request.body).digest("hex");
    if (sha256 === payload.sha256) return request.body;
    throw new S3Error("hash", {
      code: "XAmzContentSHA256Mismatch",
      status: 400,
      awsStatus: 400,
      category: "integrity",
      retry: "never",
      details: {},
      headers: {},
      reason: "",
    });
  }
  const announced = payload.trailer ? [headerOf(request, "x-amz-trailer")] : [];
  const decodedLength = Number(headerOf(request, "x-amz-decoded-content-length"));
  const decoder = new ChunkedDecoder({ ...payload, announced, decodedLength });
  const pieces = decoder.write(request.body);
  decoder.end();
  return Buffer.concat(pieces);
}

function refusalOf(request: WireRequest): unknown {
  try {
    accept(request);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("the corpus of attacks", () => {
  test.each(Object.entries(honestRequests))(
    "%s is accepted when nobody meddles with it",
    (_, make) => {
      expect(refusalOf(make(signer))).toBeUndefined();
    },
  );

  test("has not lost any of its kinds", () => {
    expect(Object.keys(attackCorpus).length).toBeGreaterThanOrEqual(480);
  });

  test.each(Object.entries(attackCorpus))("is refused: %s", (_, attack) => {
    const honest = honestRequests[attack.on](signer);
    const request = attack.make(honest, signer);
    expect(request).not.toEqual(honest);
    const refusal = refusalOf(request);
    if (!S3Error.is(refusal)) throw new Error(`not refused but: ${String(refusal)}`);
    expect(refusal.status).toBeGreaterThanOrEqual(400);
    expect(refusal.status).not.toBe(500);
    expect(JSON.stringify([refusal.message, refusal.details])).not.toContain(
      signer.secretAccessKey,
    );
  });
});
