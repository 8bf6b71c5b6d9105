import type { ErrorCode } from "@holdfast/protocol";
import type { ClientCode } from "./client-codes.ts";

/** The head of an answer that is a failure. */
export interface FailureHead {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly method: string;
}

const byStatus: ReadonlyMap<number, ErrorCode> = new Map([
  [301, "PermanentRedirect"],
  [302, "Redirect"],
  [303, "Redirect"],
  [304, "NotModified"],
  [307, "TemporaryRedirect"],
  [308, "PermanentRedirect"],
  [400, "BadRequest"],
  [401, "Unauthorized"],
  [403, "AccessDenied"],
  [404, "NotFound"],
  [405, "MethodNotAllowed"],
  [408, "RequestTimeout"],
  [411, "MissingContentLength"],
  [412, "PreconditionFailed"],
  [413, "EntityTooLarge"],
  [416, "InvalidRange"],
  [429, "SlowDown"],
  [500, "InternalError"],
  [501, "NotImplemented"],
  [502, "BadGateway"],
  [503, "ServiceUnavailable"],
  [504, "GatewayTimeout"],
  [507, "InsufficientStorage"],
]);

const headersOfS3 = /^x-(?:amzn?|minio|goog|rgw)-/;

/**
 * The code of an answer that names none, as HEAD cannot. A bare 503 of S3 asks for fewer requests, one with a page is a
 * proxy without a server behind it; and a page under a 404 says nothing about the object. A status that no code
 * stands for is its own.
 */
export function inferCode(
  head: FailureHead,
  bodyBytes: number,
): ErrorCode | ClientCode | `${number}` {
  const { status } = head;
  if (status < 300) return "MalformedResponse";
  const page = isPage(head, bodyBytes);
  if (status === 404 && page && !looksLikeS3(head)) return "MalformedResponse";
  if (status === 503 && !page && (head.method === "HEAD" || looksLikeS3(head))) return "SlowDown";
  return byStatus.get(status) ?? `${status}`;
}

/** Whether the answer is meant for a browser, or what is left of one for a HEAD. */
export function isPage({ headers, method }: FailureHead, bodyBytes: number): boolean {
  const type = headers["content-type"] ?? "";
  return method === "HEAD"
    ? /^text\/(?:html|plain)/i.test(type)
    : bodyBytes > 0 && !/xml/i.test(type);
}

function looksLikeS3({ headers }: FailureHead): boolean {
  return Object.keys(headers).some((name) => headersOfS3.test(name));
}
