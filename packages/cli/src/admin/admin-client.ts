import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { ConfigError } from "../config/config-error.ts";
import { errorCode } from "../error-code.ts";
import { adminRefusal } from "./admin-refusal.ts";

/** Where the admin listener is, and what opens it. */
export interface AdminAccess {
  /** `http://HOST:PORT`. */
  readonly endpoint: string;
  readonly token: string;
}

interface Asking {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

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
    const { endpoint, token } = this.#access;
    const url = new URL(path, endpoint);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const asked = request(url, {
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
  return new ConfigError(
    `The admin listener at ${endpoint} does not answer (${errorCode(cause) ?? "unknown"})`,
    "start the server, or name another with --admin",
    { cause },
  );
}
