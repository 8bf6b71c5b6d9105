import { WireTransport, type BodyPieces, type TransportTimeouts } from "@holdfast/client/transport";
import { AnswerBody } from "./answer-body.ts";
import type { UpstreamConfig, UpstreamLimits } from "./upstream-config.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

/** What one request to an upstream is; the path is sent as it stands. */
export interface Outgoing {
  readonly method: string;
  readonly path: string;
  /** By lower-case name, `host` among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | BodyPieces | undefined;
  /** Ends it once nobody wants its answer. */
  readonly signal: AbortSignal | undefined;
}

/** The head of an upstream's answer, and its body as it comes. */
export interface Answer {
  readonly status: number;
  /** Name, value, name, value: one character for each byte, names in lower case. */
  readonly headers: readonly string[];
  readonly body: AnswerBody;
}

/** Most servers keep a connection for longer; those that say how long are believed. */
const keptMs = 4000;

/** One way to an upstream: its connections, and whether it was reached when it was last tried. */
export class Endpoint {
  readonly url: URL;
  readonly isSecure: boolean;
  readonly #hostname: string;
  readonly #port: number;
  readonly #limits: UpstreamLimits;
  readonly #timeouts: TransportTimeouts;
  readonly #transport: WireTransport;
  #restsUntil = 0;

  constructor(url: string, config: UpstreamConfig, limits: UpstreamLimits) {
    this.url = new URL(url);
    const { protocol, hostname, port } = this.url;
    this.isSecure = protocol === "https:";
    // The brackets of an address are the URL's.
    this.#hostname = hostname.replace(/^\[|\]$/g, "");
    this.#port = port === "" ? (this.isSecure ? 443 : 80) : Number(port);
    this.#limits = limits;
    const { connectMs, headersMs, idleMs } = limits;
    this.#timeouts = { connectMs, headersMs, idleMs };
    this.#transport = new WireTransport({ connectionsMax: limits.connectionsMax, ca: config.ca });
  }

  /** Monotonic milliseconds; in the past when there is no reason to avoid it. */
  get restsUntil(): number {
    return this.#restsUntil;
  }

  /** It could not be reached: for a while the others are asked before it. */
  rest(): void {
    this.#restsUntil = performance.now() + this.#limits.restMs;
  }

  /** Sends a request once, to the endpoint's own host or to a bucket's in front of it. Rejects with an `UpstreamFailure`. */
  async send(bucketHost: string | undefined, outgoing: Outgoing): Promise<Answer> {
    const { method, path, headers, body, signal } = outgoing;
    try {
      const {
        status,
        fields,
        body: bytes,
      } = await this.#transport.send({
        secure: this.isSecure,
        hostname: bucketHost === undefined ? this.#hostname : `${bucketHost}.${this.#hostname}`,
        port: this.#port,
        method,
        target: path,
        headers,
        body,
        timeouts: this.#timeouts,
        isPatient: true,
        keptMs,
        signal,
      });
      return { status, headers: fields, body: new AnswerBody(bytes) };
    } catch (cause) {
      throw UpstreamFailure.of(cause);
    }
  }

  /** Ends every connection, whatever it carries. */
  close(): void {
    this.#transport.close();
  }
}
