import { createHash } from "node:crypto";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { presign, signRequest, type SigningCredentials } from "@holdfast/protocol";
import type { Question, Signer } from "./question.ts";

/** Where questions go, and who asks. */
export interface Endpoint {
  /** Without a path. */
  readonly url: URL;
  readonly region: string;
  readonly credentials: SigningCredentials;
}

/** What came of a question. */
export type Answered =
  | {
      readonly status: number;
      readonly headers: IncomingMessage["headers"];
      /** The first 256 KiB. */
      readonly body: Buffer;
    }
  /** No answer came: what Node says of it, or `timeout`. */
  | { readonly failed: string };

export type Asked = Pick<
  Question,
  "method" | "target" | "headers" | "body" | "signer" | "skewMs" | "payload" | "expiredUrl"
>;

const timeoutMs = 15_000;
const bodyBytesMax = 256 * 1024;
const hourMs = 3_600_000;

/** Asks with bytes of its own, by no client: one that is kind to servers would hide what is looked for. Never rejects. */
export function ask(endpoint: Endpoint, asked: Asked): Promise<Answered> {
  const { url } = endpoint;
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const { target, headers } = signed(endpoint, asked);
  return new Promise((resolve) => {
    const request = send({
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port,
      method: asked.method,
      path: target,
      headers,
      agent: false,
      timeout: timeoutMs,
    });
    const fail = (failed: string): void => {
      resolve({ failed });
      request.destroy();
    };
    const timer = setTimeout(fail, timeoutMs, "timeout");
    request.on("close", () => {
      clearTimeout(timer);
      fail("ended without an answer");
    });
    request.on("error", (error) => fail(codeOf(error)));
    request.on("response", (response) => {
      read(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        (error: unknown) => fail(codeOf(error)),
      );
    });
    request.end(asked.body ?? "");
  });
}

async function read(response: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    if (!Buffer.isBuffer(piece)) throw new TypeError("an answer's body has to be bytes");
    if (bytes < bodyBytesMax) pieces.push(piece);
    bytes += piece.length;
  }
  return Buffer.concat(pieces).subarray(0, bodyBytesMax);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "broken";
}

interface Signed {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

function signed({ url, region, credentials }: Endpoint, asked: Asked): Signed {
  const { method, target, body = "", signer, skewMs = 0, expiredUrl } = asked;
  const headers = {
    host: url.host,
    ...(method === "PUT" || method === "POST"
      ? { "content-length": String(Buffer.byteLength(body)) }
      : {}),
    ...asked.headers,
  };
  if (signer === "nobody") return { target, headers };
  const { credentials: by, region: place } = signerOf(signer, { region, credentials });
  if (expiredUrl === true) {
    const [path = "", query = ""] = target.split("?", 2);
    const options = { credentials: by, region: place, now: Date.now() - hourMs };
    return {
      target: presign(
        { method, target: query === "" ? path : `${path}?${query}`, headers: { host: url.host } },
        { ...options, expiresSeconds: 1 },
      ),
      headers,
    };
  }
  const payload = asked.payload ?? createHash("sha256").update(body).digest("hex");
  const now = Date.now() + skewMs;
  return {
    target,
    headers: signRequest(
      { method, target, headers },
      { credentials: by, region: place, now, payload },
    ),
  };
}

function signerOf(
  signer: Signer | undefined,
  own: Pick<Endpoint, "region" | "credentials">,
): Pick<Endpoint, "region" | "credentials"> {
  const { region, credentials } = own;
  switch (signer) {
    case "wrong-secret":
      return {
        region,
        credentials: { ...credentials, secretAccessKey: "not the secret of this key" },
      };
    case "unknown-access-key":
      return {
        region,
        credentials: { accessKeyId: "AKIAHOLDFASTNOBODY00", secretAccessKey: "none" },
      };
    case "another-region":
      return { region: region === "eu-west-1" ? "us-west-2" : "eu-west-1", credentials };
    case "nobody":
    case undefined:
      return own;
  }
}
