import type { Reply, Step } from "./scripted-server.ts";

/** An answer's parts; a head has a date and the two request ids unless they are said to be absent. */
export interface AnswerParts {
  readonly status?: number;
  /** By name as on the wire; `undefined` takes a usual one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Buffer;
  /** How the body's end is told; `none` for an answer that has no body and states none. */
  readonly framing?: "length" | "chunked" | "close" | "none";
}

/** What the server says in the headers of each answer, so that tests can look for it. */
export const headerIds = { requestId: "HDRREQ1", hostId: "HDRHOST1" };

/** What it says in its error documents, which the headers outdo. */
const documentIds = { requestId: "REQ123", hostId: "HOST123" };

/** A whole answer, after which the connection is kept, unless its end is the end of the body. */
export function answer(parts: AnswerParts = {}): Reply {
  const { body = "", framing = "length" } = parts;
  const bytes = Buffer.from(body);
  const steps: Step[] = [{ does: "send", bytes: head(parts, bytes.length) }];
  if (framing === "chunked") steps.push({ does: "send", bytes: chunk(bytes) }, lastChunk);
  else if (bytes.length > 0) steps.push({ does: "send", bytes });
  if (framing === "close") steps.push({ does: "fin" });
  return { after: "body", steps };
}

/** An answer whose head promises `length` bytes, of which the given ones come before something else happens. */
export function brokenAnswer(parts: AnswerParts & { length: number }, then: Step): Reply {
  const steps: Step[] = [{ does: "send", bytes: head(parts, parts.length) }];
  if (parts.body !== undefined) steps.push({ does: "send", bytes: parts.body });
  return { after: "body", steps: [...steps, then] };
}

/** An answer with a body of `bytes` zeros' worth of text that nobody ever holds. */
export function vastAnswer(parts: AnswerParts, bytes: number): Reply {
  const piece = Buffer.from("<p>not the answer</p>\n".repeat(2979));
  const times = Math.ceil(bytes / piece.length);
  const first: Step = { does: "send", bytes: head(parts, piece.length * times) };
  return { after: "body", steps: [first, { does: "fill", piece, times }] };
}

/** No answer at all, and then this. */
export function silence(then: Step, after: Reply["after"] = "body"): Reply {
  return { after, steps: [then] };
}

/** An `<Error>` document as S3 writes it. */
export function errorDocument(code: string, extra: Readonly<Record<string, string>> = {}): string {
  const elements = Object.entries({
    Code: code,
    Message: `${code}, said the server`,
    ...extra,
    RequestId: documentIds.requestId,
    HostId: documentIds.hostId,
  }).map(([name, text]) => `<${name}>${text}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements.join("")}</Error>`;
}

/** A refusal with an `<Error>` document. */
export function refusal(
  status: number,
  code: string,
  extra: { details?: Readonly<Record<string, string>>; headers?: AnswerParts["headers"] } = {},
): Reply {
  const headers = { "Content-Type": "application/xml", ...extra.headers };
  return answer({ status, headers, body: errorDocument(code, extra.details) });
}

const lastChunk: Step = { does: "send", bytes: "0\r\n\r\n" };

function chunk(bytes: Buffer): Buffer {
  if (bytes.length === 0) return bytes;
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from("\r\n"),
  ]);
}

function head({ status = 200, headers, framing = "length" }: AnswerParts, length: number): string {
  const fields: Record<string, string | undefined> = {
    Date: new Date().toUTCString(),
    "x-amz-request-id": headerIds.requestId,
    "x-amz-id-2": headerIds.hostId,
    "Content-Length": framing === "length" ? String(length) : undefined,
    "Transfer-Encoding": framing === "chunked" ? "chunked" : undefined,
    Connection: framing === "close" ? "close" : undefined,
    ...headers,
  };
  const lines = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Scripted\r\n${lines.join("")}\r\n`;
}
