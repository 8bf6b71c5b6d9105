import type { ServerResponse } from "node:http";
import type { Reply, ReplyStream } from "../context.ts";

/** An answer as it goes out, but for its length. */
interface Answer {
  readonly status: number;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: Reply["body"];
  /** Is called once the client may have the whole body, though what it came from is not closed yet. */
  readonly onWhole?: (() => void) | undefined;
}

/** How an answer ended: what was sent, and whether all of it was. */
export interface Sent {
  readonly bytesOut: number;
  readonly aborted: boolean;
  /** What cut the body short, when it was not the client. */
  readonly cause?: unknown;
}

/** The system takes so much at once; of more, what it did not take would be cut by a stop. */
const atOnceBytesMax = 16 * 1024;

/**
 * Writes an answer and waits until its last byte was handed to the socket. `linger` runs between the
 * answer and the end of the connection: it takes what the client still sends off the wire.
 */
export async function respond(
  response: ServerResponse,
  answer: Answer,
  linger?: () => Promise<void>,
): Promise<Sent> {
  const { body } = answer;
  if (typeof body === "object" && !Buffer.isBuffer(body))
    return respondStream(response, answer, body);
  if (linger === undefined) return respondWhole(response, answer, body);
  return respondLingering(response, { ...answer, body: bytesOf(body ?? "") }, linger);
}

function bytesOf(body: string | Buffer): Buffer {
  return typeof body === "string" ? Buffer.from(body) : body;
}

/** The client has the whole answer before the connection ends, and then nothing unread is left. */
async function respondLingering(
  response: ServerResponse,
  { status, headers, body }: Answer & { readonly body: Buffer },
  linger: () => Promise<void>,
): Promise<Sent> {
  const isHead = response.req.method === "HEAD";
  const ownLength = isHead ? [] : ["content-length", String(body.length)];
  response.writeHead(status, [...headers, ...ownLength]);
  if (isHead || body.length === 0) response.flushHeaders();
  else response.write(body);
  await linger();
  response.end();
  return { bytesOut: isHead ? 0 : body.length, aborted: false };
}

function respondWhole(
  response: ServerResponse,
  { status, headers }: Answer,
  body: string | Buffer | undefined,
): Sent | Promise<Sent> {
  const isHead = response.req.method === "HEAD";
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  const isEmpty = status === 204 || status === 304;
  const ownLength = isEmpty || isHead ? [] : ["content-length", String(length)];
  response.writeHead(status, [...headers, ...ownLength]);
  const sent = { bytesOut: isHead ? 0 : length, aborted: false };
  if (length > atOnceBytesMax && body !== undefined && !isHead)
    return respondSlowly(response, bytesOf(body), sent);
  // Head and body in one write: two small ones meet the peer's delayed acknowledgement.
  if (isHead || body === undefined) response.end();
  // Node joins a string with the head, which is Latin-1: what is ASCII needs no buffer of its own.
  else if (length === body.length) response.end(body, "latin1");
  else response.end(bytesOf(body));
  return sent;
}

async function respondSlowly(response: ServerResponse, bytes: Buffer, sent: Sent): Promise<Sent> {
  if (!(await handOver(response, bytes))) return { bytesOut: 0, aborted: true };
  response.end();
  return sent;
}

async function respondStream(
  response: ServerResponse,
  { status, headers, onWhole }: Answer,
  stream: ReplyStream,
): Promise<Sent> {
  let bytesOut = 0;
  let isLonger = false;
  try {
    // The length stands last: Node writes a content-disposition behind it in another encoding.
    const { length } = stream;
    const ownLength = length === undefined ? [] : ["content-length", String(length)];
    response.writeHead(status, [...headers, ...ownLength]);
    for await (const bytes of stream.read()) {
      isLonger = length !== undefined && bytesOut + bytes.length > length;
      // Asking for the next piece gives this one's memory away.
      if (isLonger || !(await handOver(response, bytes))) break;
      bytesOut += bytes.length;
      if (bytesOut === length) onWhole?.();
    }
    const isWhole = length === undefined ? !response.destroyed : bytesOut === length && !isLonger;
    if (isWhole) {
      // Not with the last piece: until the stream has ended nobody knows that there is no more.
      response.end();
      return { bytesOut, aborted: false };
    }
    response.destroy();
    return { bytesOut, aborted: true };
  } catch (cause) {
    // The status is out: the only honest way to say that the rest is missing is a broken connection.
    response.destroy();
    return { bytesOut, aborted: true, cause };
  } finally {
    await stream.close();
  }
}

/** Resolves once the system has taken the bytes, or with false when the connection is gone. */
function handOver(response: ServerResponse, bytes: Buffer): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const gone = (): void => resolve(false);
    const settle = (error?: Error | null): void => {
      response.off("close", gone);
      resolve(error === undefined || error === null);
    };
    response.on("close", gone);
    response.write(bytes, settle);
  });
}
