import { createHash, createHmac } from "node:crypto";
import { type IncomingHttpHeaders, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Endpoint } from "./context.ts";

/** The answer to a raw request: exactly what came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request in S3's words; `key` is plain text and reaches the wire percent-encoded once, dots and slashes untouched. */
export interface RawRequest {
  readonly method: "DELETE" | "GET" | "HEAD" | "PUT";
  readonly bucket?: string;
  readonly key?: string;
  readonly body?: Buffer;
}

class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** The path of a key on the wire: every octet but the unreserved ones and `/` percent-encoded. */
export const encodeKey = (key: string): string => key.split("/").map(encodeSegment).join("/");

function pathOf({ bucket, key }: RawRequest): string {
  if (bucket === undefined) return "/";
  return key === undefined ? `/${bucket}` : `/${bucket}/${encodeKey(key)}`;
}

/** Sends a request over node:http with the path untouched, whatever dots and slashes it holds. */
function send(
  url: string,
  options: { method: string; path: string; headers?: Record<string, string>; body?: Buffer },
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const { method, path, headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      buffer(answer).then(
        (bytes) =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: bytes }),
        reject,
      );
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

/** The path and headers of a request, signed with an implementation that is not ours. */
export async function signed(
  endpoint: Endpoint,
  wanted: RawRequest,
): Promise<{ path: string; headers: Record<string, string> }> {
  const { accessKeyId, secretAccessKey, region, url } = endpoint;
  const { host, hostname, protocol } = new URL(url);
  const signer = new SignatureV4({
    service: "s3",
    region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
    uriEscapePath: false,
  });
  const { method, body } = wanted;
  const path = pathOf(wanted);
  const { headers } = await signer.sign({
    method,
    protocol,
    hostname,
    path,
    query: {},
    headers: { host, ...(body && { "content-length": String(body.length) }) },
    ...(body && { body }),
  });
  return { path, headers };
}

/** Sends a signed request and returns whatever the endpoint answers. */
export async function rawRequest(endpoint: Endpoint, wanted: RawRequest): Promise<RawAnswer> {
  const { path, headers } = await signed(endpoint, wanted);
  const { method, body } = wanted;
  return send(endpoint.url, { method, path, headers, ...(body && { body }) });
}

/** Follows a presigned URL with the path and query exactly as the client printed them. */
export function followPresigned(
  printed: string,
  wanted: { method: "GET" | "PUT"; body?: Buffer },
): Promise<RawAnswer> {
  const { origin } = new URL(printed);
  const path = printed.slice(printed.indexOf("/", "http://".length));
  const { method, body } = wanted;
  const headers = body ? { headers: { "content-length": String(body.length) }, body } : {};
  return send(origin, { method, path, ...headers });
}
