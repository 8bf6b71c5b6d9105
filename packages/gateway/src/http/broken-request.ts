import type { Duplex } from "node:stream";
import { s3Error, type S3Error } from "@holdfast/protocol";
import { answerOnSocket } from "./socket-answer.ts";

/** Answers bytes that Node could not read as a request, when anybody is there to read the answer. */
export function answerBrokenRequest(cause: Error, socket: Duplex, hostId: string): void {
  if (socket.writable) answerOnSocket(describe(cause), socket, { hostId, hasDocument: true });
  else socket.destroy();
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
