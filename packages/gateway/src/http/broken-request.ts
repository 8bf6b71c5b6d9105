import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { renderErrorDocument, s3Error, type S3Error } from "@holdfast/protocol";
import { newRequestId } from "./request-id.ts";

/** Answers bytes that Node could not read as a request, when anybody is there to read the answer. */
export function answerBrokenRequest(cause: Error, socket: Duplex, hostId: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const error = describe(cause);
  const requestId = newRequestId();
  const body = renderErrorDocument(error, { resource: "", requestId, hostId });
  socket.end(
    [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ""}`,
      "Content-Type: application/xml",
      `Content-Length: ${Buffer.byteLength(body)}`,
      `x-amz-request-id: ${requestId}`,
      `x-amz-id-2: ${hostId}`,
      "Server: Holdfast",
      "Connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}

function describe(cause: Error & { readonly code?: string }): S3Error {
  if (cause.code === "HPE_HEADER_OVERFLOW") {
    return s3Error("RequestHeaderSectionTooLarge", undefined, { cause });
  }
  if (cause.code === "ERR_HTTP_REQUEST_TIMEOUT")
    return s3Error("RequestTimeout", undefined, { cause });
  return s3Error("InvalidRequest", undefined, {
    cause,
    reason: "malformed_request",
    message: "The request is not HTTP/1.1.",
  });
}
