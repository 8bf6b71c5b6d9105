import { createHash } from "node:crypto";
import { presign, signRequest } from "@holdfast/protocol";
import { region, rootCredential } from "./root-credential.ts";

export type RawHeader = readonly [name: string, value: string];

/** A request, before it is bytes: headers in order, names as they will stand on the wire. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly RawHeader[];
  readonly body: Buffer;
}

export interface Wanted {
  readonly port: number;
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Instead of the hash of the body. */
  readonly payload?: string;
  readonly now?: number;
}

/** A request that is signed in its headers. */
export function signed(wanted: Wanted): RawRequest {
  const { port, method, target, payload, now = Date.now() } = wanted;
  const body = Buffer.from(wanted.body ?? "");
  const hasLength = body.length > 0 || method === "PUT" || method === "POST";
  const headers = signRequest(
    { method, target, headers: { host: `127.0.0.1:${port}`, ...wanted.headers } },
    {
      credentials: rootCredential,
      region,
      now,
      payload: payload ?? createHash("sha256").update(body).digest("hex"),
    },
  );
  const length: RawHeader[] = hasLength ? [["content-length", String(body.length)]] : [];
  return { method, target, headers: [...Object.entries(headers), ...length], body };
}

/** A request that is signed in its query. */
export function presigned(wanted: Wanted): RawRequest {
  const { port, method, now = Date.now() } = wanted;
  const body = Buffer.from(wanted.body ?? "");
  const headers = { host: `127.0.0.1:${port}`, ...wanted.headers };
  const target = presign(
    { method, target: wanted.target, headers },
    { credentials: rootCredential, region, now, expiresSeconds: 600 },
  );
  const hasLength = body.length > 0 || method === "PUT" || method === "POST";
  const length: RawHeader[] = hasLength ? [["content-length", String(body.length)]] : [];
  return { method, target, headers: [...Object.entries(headers), ...length], body };
}

/** The head of a request as bytes, with the empty line that ends it. */
export function headOf(request: RawRequest, version = "HTTP/1.1"): Buffer {
  const lines = request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`${request.method} ${request.target} ${version}\r\n${lines}\r\n`, "latin1");
}

/** The whole request as bytes. */
export function toBytes(request: RawRequest, version?: string): Buffer {
  return Buffer.concat([headOf(request, version), request.body]);
}

/** The request without the headers of these names. */
export function without(request: RawRequest, ...names: readonly string[]): RawRequest {
  const headers = request.headers.filter(([name]) => !names.includes(name.toLowerCase()));
  return { ...request, headers };
}

/** The request with more headers, whether or not it has some of these names. */
export function withHeaders(request: RawRequest, ...headers: readonly RawHeader[]): RawRequest {
  return { ...request, headers: [...request.headers, ...headers] };
}

/** The bytes as one chunk of the chunked transfer coding, and the last one. */
export function chunkedBody(bytes: Buffer | string, extension = ""): Buffer {
  const body = Buffer.from(bytes);
  const size = body.length.toString(16);
  return Buffer.concat([
    Buffer.from(`${size}${extension}\r\n`),
    body,
    Buffer.from("\r\n0\r\n\r\n"),
  ]);
}
