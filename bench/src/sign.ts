import { createHash, createHmac } from "node:crypto";
import { SigningKeys, signRequest } from "@holdfast/protocol";
import type { Credential } from "./servers/server.ts";

export interface Unsigned {
  readonly method: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  readonly port: number;
  /** SHA-256 of the body in hexadecimal, or `UNSIGNED-PAYLOAD`. */
  readonly payload: string;
  readonly length?: number;
}

/** SHA-256 of nothing. */
export const emptyPayload: string = createHash("sha256").digest("hex");

const keys = new SigningKeys(8);

function requestHead(
  { method, target, length }: Unsigned,
  headers: Readonly<Record<string, string>>,
): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  if (length !== undefined) lines.push(`content-length: ${length}`);
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

/** A request's head, signed with SigV4 in its Authorization header. */
export function signedHead(request: Unsigned, credentials: Credential): Buffer {
  const { method, target, port, payload } = request;
  const signable = { method, target, headers: { host: `127.0.0.1:${port}` } };
  const options = { credentials, region: "us-east-1", now: Date.now(), keys, payload };
  return requestHead(request, signRequest(signable, options));
}

/** Signed with SigV2 and the wrong secret: the only signatures that s3rver verifies. */
export function wrongSigV2Head(request: Unsigned, { accessKeyId }: Credential): Buffer {
  const signature = createHmac("sha1", "wrong").update("wrong").digest("base64");
  return requestHead(request, {
    host: `127.0.0.1:${request.port}`,
    date: new Date().toUTCString(),
    authorization: `AWS ${accessKeyId}:${signature}`,
  });
}
