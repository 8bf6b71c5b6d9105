import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { AdminError } from "./admin-error.ts";
import type { AdminErrorCode } from "./catalogue.ts";
import type { Page, Route } from "./route.ts";

/** An answer that is ready to be sent. */
export interface AdminReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | AsyncIterable<string>;
  /** Of a refusal. */
  readonly code?: AdminErrorCode;
}

const json = { "content-type": "application/json" } as const;

/** What a row's function gave, as an answer. */
export function reply({ status, answer }: Route, result: unknown): AdminReply {
  if (isPage(result)) {
    const { status: own = status, type, headers, text } = result;
    return { status: own, headers: { ...headers, "content-type": type }, text };
  }
  return answer === undefined
    ? { status, headers: {}, text: "" }
    : { status, headers: json, text: `${JSON.stringify(result)}\n` };
}

/** A refusal as an answer. */
export function errorReply(error: AdminError): AdminReply {
  const own =
    error.code === "unauthorized"
      ? { "www-authenticate": "Bearer" }
      : error.code === "method_not_allowed"
        ? { allow: error.detail?.["expects"] ?? "" }
        : {};
  const { status, code } = error;
  return { status, headers: { ...json, ...own }, text: `${JSON.stringify(error)}\n`, code };
}

function isPage(result: unknown): result is Page {
  return typeof result === "object" && result !== null && "type" in result && "text" in result;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
}

/** Sends an answer; a stream goes as fast as it is taken. Rejects when the answer's own source fails. */
export async function sendReply(
  { request, response, requestId }: Exchange,
  { status, headers, text }: AdminReply,
): Promise<void> {
  const all = {
    ...headers,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId,
    // What was not read may be anything: nothing behind it on this connection is a request.
    ...(request.complete ? {} : { connection: "close" }),
  };
  const isHead = request.method === "HEAD";
  if (typeof text === "string") {
    const length = status === 204 ? {} : { "content-length": String(Buffer.byteLength(text)) };
    response.writeHead(status, { ...all, ...length });
    response.end(isHead ? undefined : text);
    return;
  }
  response.writeHead(status, all);
  if (isHead) response.end();
  else await pipeline(Readable.from(text), response);
}
