import type { Socket } from "node:net";
import { s3Error, type S3Error } from "@holdfast/protocol";
import { newRequestId } from "./request-id.ts";
import { answerOnSocket } from "./socket-answer.ts";

/** Bytes that Node could not read as a request. */
export interface BrokenRequest {
  readonly requestId: string;
  /** Whose connection it came on; undefined when that was gone already. */
  readonly remoteAddress: string | undefined;
  readonly error: S3Error;
  /** Of the document that tells it; 0 when nobody was there to read it. */
  readonly bytesOut: number;
  readonly isAnswered: boolean;
}

/**
 * Answers bytes that Node could not read as a request, when anybody is there to read the answer, and tells of them;
 * undefined when there were none, as of a connection that was opened and left alone.
 */
export function answerBrokenRequest(
  cause: Error & { readonly code?: string },
  socket: Socket,
  hostId: string,
): BrokenRequest | undefined {
  const { remoteAddress, bytesRead, writable: isAnswered } = socket;
  const requestId = newRequestId();
  const error = describe(cause);
  let bytesOut = 0;
  if (isAnswered)
    bytesOut = answerOnSocket(error, socket, { requestId, hostId, hasDocument: true });
  else socket.destroy();
  const isOfBytes = cause.code?.startsWith("HPE_") === true || error.code === "RequestTimeout";
  if (!isOfBytes || bytesRead === 0) return undefined;
  return { requestId, remoteAddress, error, bytesOut, isAnswered };
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
