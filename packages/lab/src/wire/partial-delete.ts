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
import { answerOf, type Upstream } from "./upstream.ts";

/** Who asks the server for what the lab itself needs. */
export interface Signing {
  readonly credentials: SigningCredentials;
  readonly region: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: () => number;
}

const bodyBytesMax = 4 * 1024 * 1024;

/** Has a DeleteObjects carried out without the keys that are to be refused; resolves with those that are gone. */
export async function deleteOthers(
  request: IncomingMessage,
  refused: Readonly<Record<string, string>>,
  { upstream, signing }: { readonly upstream: Upstream; readonly signing: Signing },
): Promise<readonly string[]> {
  const keys = childrenNamed(readXml(await bodyOf(request)), "Object")
    .map((object) => childText(object, "Key") ?? "")
    .filter((key) => !Object.hasOwn(refused, key));
  if (keys.length === 0) return [];
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
