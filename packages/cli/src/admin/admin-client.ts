import { once } from "node:events";
import { request as requestPlain, type IncomingMessage } from "node:http";
import { request as requestSecure } from "node:https";
import { text } from "node:stream/consumers";
import { ConfigError } from "../config/config-error.ts";
import { errorCode } from "../error-code.ts";
import { adminRefusal } from "./admin-refusal.ts";

/** Where the admin listener is, and what opens it. */
export interface AdminAccess {
  /** `http://HOST:PORT` or `https://HOST:PORT`. */
  readonly endpoint: string;
  /** Certificates in PEM that it is trusted by; the system's unless told. */
  readonly ca?: string | undefined;
  readonly token: string;
}

interface Asking {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

/** What Node calls a certificate that it does not trust, beside names that begin with CERT_. */
const mistrust: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** A recount of a large bucket answers when it is done. */
const timeoutMs = 600_000;

/** Asks a server's admin API. What it refuses is a `ConfigError`; what it fails at an `AdminFailure`. */
export class AdminClient {
  readonly #access: AdminAccess;
  readonly #signal: AbortSignal;

  constructor(access: AdminAccess, signal: AbortSignal) {
    this.#access = access;
    this.#signal = signal;
  }

  /** Resolves with the answer's document, as its caller knows it; undefined for an answer without one. */
  async ask<T>(asking: Asking): Promise<T> {
    const response = await this.#send(asking);
    if (response.statusCode !== 204) {
      const document: T = JSON.parse(await text(response));
      return document;
    }
    response.resume();
    return JSON.parse("null");
  }

  /** The answer's text as it comes; ends with an error when the answer breaks off. */
  async *stream(asking: Asking): AsyncIterable<string> {
    const response = await this.#send(asking);
    response.setEncoding("utf8");
    for await (const piece of response) yield String(piece);
  }

  async #send({ method, path, query = {}, body }: Asking): Promise<IncomingMessage> {
    const { endpoint, token, ca } = this.#access;
    const url = new URL(path, endpoint);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const request = url.protocol === "https:" ? requestSecure : requestPlain;
    const asked = request(url, {
      ...(ca !== undefined && { ca }),
      method,
      agent: false,
      signal: this.#signal,
      timeout: timeoutMs,
      headers: {
        authorization: `Bearer ${token}`,
        ...(bytes && { "content-type": "application/json", "content-length": bytes.length }),
      },
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
    asked.end(bytes);
    let response: IncomingMessage;
    try {
      [response] = await once(asked, "response");
    } catch (cause) {
      throw unreachable(endpoint, cause);
    }
    if ((response.statusCode ?? 500) < 400) return response;
    throw await adminRefusal(response);
  }
}

function unreachable(endpoint: string, cause: unknown): ConfigError {
  const code = errorCode(cause) ?? "unknown";
  if (mistrust.has(code) || code.startsWith("CERT_")) {
    return new ConfigError(
      `The certificate of the admin listener at ${endpoint} is not trusted (${code})`,
      "name the certificates that it is trusted by with --ca-file, and the listener by a name in its certificate with --admin",
      { cause },
    );
  }
  return new ConfigError(
    `The admin listener at ${endpoint} does not answer (${code})`,
    "start the server, or name another with --admin",
    { cause },
  );
}
