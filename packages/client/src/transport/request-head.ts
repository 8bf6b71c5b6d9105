import { WireFailure } from "../errors/wire-failure.ts";
import type { TransportRequest } from "./transport.ts";

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const targetGrammar = /^[\x21-\x7e\x80-\xff]+$/;
const unsendable = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * A request's line and fields as they stand on the wire, one character for each byte. Throws a `WireFailure` of
 * `InvalidRequest` for what would be another request there.
 */
export function requestHead({
  method,
  target,
  headers,
  body,
}: Pick<TransportRequest, "method" | "target" | "headers" | "body">): string {
  if (!token.test(method)) throw invalid("its method is none");
  if (!targetGrammar.test(target)) throw invalid("its target has a character that no URL has");
  if (!isFramed(headers, body)) throw invalid("its body is not framed by its length");
  let head = `${method} ${target} HTTP/1.1\r\n`;
  for (const name in headers) {
    const value = headers[name] ?? "";
    if (!token.test(name)) throw invalid("a header's name is none");
    if (unsendable.test(value)) {
      throw invalid(`the header ${name} has a character that cannot be sent`);
    }
    head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}

/** The next request would begin where the other side takes this one to end. */
function isFramed(headers: TransportRequest["headers"], body: TransportRequest["body"]): boolean {
  if (headers["transfer-encoding"] !== undefined) return false;
  const length = headers["content-length"];
  if (body === undefined) return length === undefined || length === "0";
  return body instanceof Uint8Array
    ? length === String(body.byteLength)
    : length !== undefined && /^\d+$/.test(length);
}

function invalid(why: string): WireFailure {
  return new WireFailure({
    code: "InvalidRequest",
    message: `The request cannot be sent: ${why}.`,
  });
}
