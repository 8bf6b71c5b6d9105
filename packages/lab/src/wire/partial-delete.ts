import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import {
  childrenNamed,
  childText,
  readXml,
  renderResult,
  signRequest,
  type SigningCredentials,
  type XmlField,
} from "@holdfast/protocol";
import { keyPattern } from "../faults/key-pattern.ts";
import { answerOf, type Upstream } from "./upstream.ts";

/** Who asks the server for what the lab itself needs. */
export interface Signing {
  readonly credentials: SigningCredentials;
  readonly region: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: () => number;
}

const bodyBytesMax = 4 * 1024 * 1024;

/** What became of the keys of a DeleteObjects. */
export interface Deletions {
  readonly gone: readonly string[];
  /** The code of each. */
  readonly refused: ReadonlyMap<string, string>;
}

interface DeletingServer {
  readonly upstream: Upstream;
  /** Without it, only a request whose keys are all refused can be answered. */
  readonly signing: Signing | undefined;
}

/** Has a DeleteObjects carried out without the keys that are to be refused, each pattern of them with its code. */
export async function deleteOthers(
  request: IncomingMessage,
  patterns: Readonly<Record<string, string>>,
  server: DeletingServer,
): Promise<Deletions> {
  const codes = Object.entries(patterns).map(([key, code]) => [keyPattern(key), code] as const);
  const refused = new Map<string, string>();
  const others: string[] = [];
  for (const object of childrenNamed(readXml(await bodyOf(request)), "Object")) {
    const key = childText(object, "Key") ?? "";
    const code = codes.find(([pattern]) => pattern.test(key))?.[1];
    if (code === undefined) others.push(key);
    else refused.set(key, code);
  }
  const gone = others.length === 0 ? [] : await deleteKeys(others, request, server);
  return { gone, refused };
}

async function deleteKeys(
  keys: readonly string[],
  request: IncomingMessage,
  { upstream, signing }: DeletingServer,
): Promise<readonly string[]> {
  if (signing === undefined) throw new TypeError("this lab has no credentials to delete with");
  const body = Buffer.from(
    renderResult("Delete", [
      ["Quiet", true],
      ...keys.map((key): XmlField => ["Object", [["Key", key]]]),
    ]),
  );
  const target = request.url ?? "";
  const headers = signRequest(
    {
      method: "POST",
      target,
      headers: {
        host: request.headers.host ?? "",
        "content-md5": createHash("md5").update(body).digest("base64"),
      },
    },
    { ...signing, now: signing.now(), payload: createHash("sha256").update(body).digest("hex") },
  );
  const rawHeaders = [...Object.entries(headers).flat(), "content-length", String(body.length)];
  const sent = upstream.open({ method: "POST", target, rawHeaders });
  sent.end(body);
  const answer = await answerOf(sent);
  answer.resume();
  await once(answer, "end");
  return answer.statusCode === 200 ? keys : [];
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    if (!Buffer.isBuffer(piece)) throw new TypeError("a request's body has to be bytes");
    bytes += piece.length;
    if (bytes > bodyBytesMax) throw new RangeError("a list of keys cannot be that long");
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
