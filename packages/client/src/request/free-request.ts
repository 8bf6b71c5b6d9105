import type { XmlElement } from "@holdfast/protocol";
import { toReplayableBody, type RequestBody } from "../bodies/to-replayable-body.ts";
import type { AnswerBody } from "../bodies/answer-body.ts";
import type { ReplayableBody } from "../bodies/request-body.ts";
import { asS3Error } from "../errors/as-s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import type { CallOptions, Connection } from "./call.ts";
import { checkSignal } from "./check-signal.ts";

/** A request of any kind, to be signed and sent like those of the operations. */
export interface FreeRequest extends CallOptions {
  readonly method: string;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  /** Decoded; an empty value is sent as the name alone. */
  readonly query?: Readonly<Record<string, string | undefined>> | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly body?: RequestBody | undefined;
  /** Of a body that does not know its own, in bytes. */
  readonly contentLength?: number | undefined;
  /** Whether it may be tried again after a failure that does not tell what became of it: GET and HEAD may. */
  readonly idempotent?: boolean | undefined;
  /** The root element of the document to come, or `"stream"` for bytes; without it, an answer without a body. */
  readonly answer?: string | undefined;
}

/** What came of a request. */
export interface FreeAnswer {
  readonly httpStatus: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly document: XmlElement | undefined;
  /** Has to be read to its end or disposed of. */
  readonly body: AnswerBody | undefined;
}

/** Sends a request that no operation has: signed, retried where that does no harm, its failures typed. */
export async function freeRequest(
  connection: Connection,
  request: FreeRequest,
): Promise<FreeAnswer> {
  const { method, bucket, key, signal } = request;
  const sent = await readyBody(request);
  try {
    const { status, headers, document, body } = await connection.send({
      operation: method,
      method,
      bucket,
      key,
      query: Object.entries(request.query ?? {}),
      headers: lowerCase(request.headers),
      body: sent,
      idempotent: request.idempotent ?? (method === "GET" || method === "HEAD"),
      answer: request.answer,
      signal,
    });
    return { httpStatus: status, headers, document, body };
  } finally {
    sent?.end?.();
  }
}

/** The body ready to be sent. Rejects with an `S3Error` for a request that cannot be sent. */
async function readyBody(request: FreeRequest): Promise<ReplayableBody | undefined> {
  const { method, bucket, key, body, contentLength: length, signal } = request;
  try {
    check(request);
    return body === undefined ? undefined : await toReplayableBody(body, { length, signal });
  } catch (error) {
    throw asS3Error(error, { operation: method, bucket, key });
  }
}

function check({ method, signal }: FreeRequest): void {
  checkSignal(signal);
  if (typeof method === "string" && /^[A-Z]+$/.test(method)) return;
  throw new WireFailure({
    code: "InvalidRequest",
    message: "The method must be one of HTTP's, in capitals.",
  });
}

function lowerCase(
  headers: Readonly<Record<string, string | undefined>> = {},
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
