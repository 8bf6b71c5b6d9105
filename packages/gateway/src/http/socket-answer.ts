import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { renderErrorDocument, type S3Error } from "@holdfast/protocol";
import { codeHeader } from "../stages/refuse.ts";

interface SocketAnswer {
  readonly requestId: string;
  readonly hostId: string;
  /** Without one to HEAD, and to a request that was not read and may be HEAD. */
  readonly hasDocument: boolean;
}

/** Answers with an error where there is no exchange to answer on, and ends the connection; the bytes of the document. */
export function answerOnSocket(
  error: S3Error,
  socket: Duplex,
  { requestId, hostId, hasDocument }: SocketAnswer,
): number {
  const body = hasDocument ? renderErrorDocument(error, { resource: "", requestId, hostId }) : "";
  const bytes = Buffer.byteLength(body);
  const headers = { ...error.headers, ...(hasDocument ? {} : codeHeader(error)) };
  const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ""}`,
      ...(hasDocument ? ["Content-Type: application/xml"] : []),
      `Content-Length: ${bytes}`,
      `x-amz-request-id: ${requestId}`,
      `x-amz-id-2: ${hostId}`,
      "Server: Holdfast",
      ...own,
      "Connection: close",
      "",
      body,
    ].join("\r\n"),
  );
  return bytes;
}
