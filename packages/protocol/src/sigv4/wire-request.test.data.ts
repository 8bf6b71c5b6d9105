import { createHash } from "node:crypto";
import { formatAmzDate } from "../dates.ts";
import { ChunkedEncoder, chunkedLength } from "../streaming/chunked-encoder.ts";
import { canonicalRequest } from "./canonical-request.ts";
import { algorithm, type CredentialScope } from "./credential-scope.ts";
import { payloadModes } from "./payload-declaration.ts";
import { presign } from "./presign.ts";
import { chunkChain, signRequest, toSignable } from "./sign.ts";
import { SigningKeys } from "./signing-keys.ts";
import { signText, stringToSign } from "./string-to-sign.ts";

/** A request as it goes into a socket. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** Who signs the honest requests of the corpus, and for whom. */
export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly host: string;
  /** `/bucket` that exists. */
  readonly bucketPath: string;
}

const payload = Buffer.alloc(20_000, "the bytes of an object; ");
const chunkBytes = 8192;
const crc32 = "AAAAAA==";

/** The ways to sign a request that the corpus starts from; each of them is accepted as it is. */
export const honestRequests = {
  get: (signer) => signed(signer, { method: "GET", range: "bytes=0-9" }),
  list: (signer) =>
    signed(signer, { method: "GET", target: "?list-type=2&prefix=a%2Fb&max-keys=10" }),
  put: (signer) => signed(signer, { method: "PUT", "x-amz-meta-owner": "alice", body: payload }),
  unsignedPut: (signer) =>
    signed(signer, { method: "PUT", body: payload, payload: payloadModes.unsigned }),
  post: (signer) => signed(signer, { method: "POST", target: "/key?uploads" }),
  presignedGet: (signer) => presigned(signer, "GET"),
  presignedPut: (signer) => presigned(signer, "PUT"),
  chunked: (signer) => streamed(signer, payloadModes.signedChunks),
  chunkedTrailer: (signer) => streamed(signer, payloadModes.signedChunksTrailer),
  unsignedTrailer: (signer) => streamed(signer, payloadModes.unsignedChunksTrailer),
} satisfies Record<string, (signer: Signer) => WireRequest>;

export type HonestName = keyof typeof honestRequests;

interface Wanted {
  readonly method: string;
  readonly target?: string;
  readonly body?: Buffer;
  readonly payload?: string;
  readonly [header: string]: string | Buffer | undefined;
}

function signed(signer: Signer, wanted: Wanted): WireRequest {
  const {
    method,
    target = "/dir/key",
    body = Buffer.alloc(0),
    payload: declared,
    ...headers
  } = wanted;
  const { region, now, host, bucketPath } = signer;
  const request = {
    method,
    target: bucketPath + target,
    headers: { host, ...headers } as Record<string, string>,
  };
  const hash = createHash("sha256").update(body).digest("hex");
  const sent = signRequest(request, {
    credentials: signer,
    region,
    now,
    payload: declared ?? hash,
  });
  if (body.length > 0) sent["content-length"] = String(body.length);
  return { method, target: request.target, rawHeaders: Object.entries(sent).flat(), body };
}

function presigned(signer: Signer, method: string): WireRequest {
  const { region, now, host, bucketPath } = signer;
  const body = method === "PUT" ? payload : Buffer.alloc(0);
  const request = { method, target: `${bucketPath}/dir/key`, headers: { host } };
  const target = presign(request, { credentials: signer, region, now, expiresSeconds: 3600 });
  const length = body.length > 0 ? ["content-length", String(body.length)] : [];
  return { method, target, rawHeaders: ["host", host, ...length], body };
}

function streamed(signer: Signer, mode: string): WireRequest {
  const { region, now, host, bucketPath } = signer;
  const trailer = mode.endsWith("-TRAILER");
  const isSigned = mode !== payloadModes.unsignedChunksTrailer;
  const trailers = trailer ? new Map([["x-amz-checksum-crc32", crc32]]) : new Map<string, string>();
  const headers = {
    host,
    "content-encoding": "aws-chunked",
    "content-length": String(
      chunkedLength(payload.length, { signed: isSigned, trailer, chunkBytes, trailers }),
    ),
    "x-amz-decoded-content-length": String(payload.length),
    ...(trailer ? { "x-amz-trailer": "x-amz-checksum-crc32" } : {}),
  };
  const request = { method: "PUT", target: `${bucketPath}/dir/key`, headers };
  const options = { credentials: signer, region, now, payload: mode };
  const sent = signRequest(request, options);
  const chain = isSigned ? { chain: chunkChain(sent, options) } : {};
  const encoder = new ChunkedEncoder({ ...chain, trailer, chunkBytes });
  const body = Buffer.concat([...encoder.write(payload), ...encoder.end(trailers)]);
  return { method: "PUT", target: request.target, rawHeaders: Object.entries(sent).flat(), body };
}

/** The value of a header of a request. */
export function headerOf(request: WireRequest, name: string): string {
  const index = request.rawHeaders.findIndex(
    (each, at) => at % 2 === 0 && each.toLowerCase() === name,
  );
  if (index === -1) throw new Error(`the request has no ${name}`);
  return request.rawHeaders[index + 1] ?? "";
}

/** The request with one header changed, or taken away. */
export function withHeader(
  request: WireRequest,
  name: string,
  value: string | undefined,
): WireRequest {
  const rawHeaders: string[] = [];
  let isFound = false;
  for (const [each, old] of pairsOf(request.rawHeaders)) {
    const isNamed = each.toLowerCase() === name;
    isFound ||= isNamed;
    if (!isNamed) rawHeaders.push(each, old);
    else if (value !== undefined) rawHeaders.push(each, value);
  }
  if (!isFound && value !== undefined) rawHeaders.push(name, value);
  return { ...request, rawHeaders };
}

/** The request with one header more, whether or not it has one of that name. */
export function withExtraHeader(request: WireRequest, name: string, value: string): WireRequest {
  return { ...request, rawHeaders: [...request.rawHeaders, name, value] };
}

/** The request with its authorization header edited. */
export function withAuthorization(
  request: WireRequest,
  edit: (text: string) => string,
): WireRequest {
  return withHeader(request, "authorization", edit(headerOf(request, "authorization")));
}

interface Forgery {
  readonly date?: string;
  readonly region?: string;
  readonly service?: string;
  readonly terminator?: string;
  readonly signedHeaders?: (names: string[]) => string[];
  readonly headers?: readonly string[];
}

/** Signs again, with the true secret, something that no honest client would sign. */
export function forge(request: WireRequest, signer: Signer, forgery: Forgery): WireRequest {
  const changed = withHeaders(request, forgery.headers ?? []);
  const headers = new Map<string, string>();
  for (const [name, value] of pairsOf(changed.rawHeaders)) headers.set(name.toLowerCase(), value);
  const amzDate = headers.get("x-amz-date") ?? formatAmzDate(signer.now);
  const scope = forgedScope(forgery, { date: amzDate.slice(0, 8), region: signer.region });
  const names = [...headers.keys()].filter((name) => name !== "authorization").toSorted();
  const signedHeaders = forgery.signedHeaders?.(names) ?? names;
  const payloadHash = headers.get("x-amz-content-sha256") ?? payloadModes.unsigned;
  const signable = { ...toSignable(changed, { headers, payloadHash }), signedHeaders };
  const text = stringToSign(canonicalRequest(signable), { amzDate, scope });
  const signature = signText(new SigningKeys(1).derive(signer.secretAccessKey, scope), text);
  const credential = `Credential=${signer.accessKeyId}/${scope.text}`;
  const list = `SignedHeaders=${signedHeaders.join(";")}`;
  const authorization = `${algorithm} ${credential}, ${list}, Signature=${signature}`;
  return withHeader(changed, "authorization", authorization);
}

function forgedScope(forgery: Forgery, honest: { date: string; region: string }): CredentialScope {
  const { date, region, service, terminator } = {
    ...honest,
    service: "s3",
    terminator: "aws4_request",
    ...forgery,
  };
  return { date, region, text: `${date}/${region}/${service}/${terminator}` };
}

function withHeaders(request: WireRequest, rawHeaders: readonly string[]): WireRequest {
  return pairsOf(rawHeaders).reduce(
    (changed, [name, value]) => withHeader(changed, name, value),
    request,
  );
}

function pairsOf(rawHeaders: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return pairs;
}
