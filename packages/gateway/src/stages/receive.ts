import type { IncomingMessage } from "node:http";
import { s3Error, type S3Error } from "@holdfast/protocol";
import type { Received } from "../context.ts";

/** More header lines than this are refused; AWS allows 8 KiB of them in all. */
const headersMax = 128;

/**
 * Headers that frame the request: twice means that two readers could see two requests. What decides
 * on the operation may not be repeated either; the verifier of the signature sees to that.
 */
const framing: ReadonlySet<string> = new Set([
  "content-length",
  "expect",
  "host",
  "transfer-encoding",
]);

/**
 * Checks what Node lets through but two parties could read differently: repeated headers, an absolute
 * target, a transfer coding other than exactly `chunked`, header names made to confuse.
 */
export function receive(
  request: IncomingMessage,
  own: Pick<Received, "requestId" | "receivedAt" | "address" | "isSecure" | "incoming">,
): Received {
  const { rawHeaders, headers, method = "", url: target = "" } = request;
  if (request.httpVersion !== "1.1" && request.httpVersion !== "1.0") {
    throw malformed("The request is not HTTP/1.1.");
  }
  checkHeaders(rawHeaders);
  const coding = headers["transfer-encoding"];
  if (
    coding !== undefined &&
    (coding.toLowerCase() !== "chunked" || request.httpVersion !== "1.1")
  ) {
    throw malformed("The only transfer coding that is understood is 'chunked', in HTTP/1.1.");
  }
  if (headers.host === undefined) throw malformed("A request needs a Host header.");
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== "100-continue") {
    throw malformed("The only expectation that is understood is '100-continue'.");
  }
  const { requestId, receivedAt, address, isSecure, incoming } = own;
  return { requestId, receivedAt, address, isSecure, incoming, method, target, rawHeaders, headers }; // prettier-ignore
}

function checkHeaders(rawHeaders: readonly string[]): void {
  if (rawHeaders.length > headersMax * 2) {
    throw s3Error("RequestHeaderSectionTooLarge", undefined, { headers: { connection: "close" } });
  }
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    if (framing.has(name) && seen.has(name)) {
      throw malformed(`The header '${name}' stands more than once in the request.`);
    }
    if (name === "__proto__") throw malformed("A header has a name that is not allowed.");
    seen.add(name);
  }
}

function malformed(message: string): S3Error {
  // What comes next on this connection may not begin where we think it does.
  const headers = { connection: "close" };
  return s3Error("InvalidRequest", undefined, { message, headers, reason: "malformed_request" });
}
