import {
  Agent,
  request as httpRequest,
  type ClientRequest,
  type ClientRequestArgs,
  type IncomingMessage,
} from "node:http";
import { Agent as TlsAgent, request as httpsRequest, type RequestOptions } from "node:https";
import type { Duplex } from "node:stream";

/** The server that carries out what a lab lets through. */
export interface UpstreamAddress {
  readonly protocol: "http:" | "https:";
  readonly host: string;
  readonly port: number;
}

/** What of a request goes on to the server. */
export interface Passed {
  readonly method: string;
  /** Byte for byte: a signature stands over it. */
  readonly target: string;
  /** Name, value, name, value. */
  readonly rawHeaders: readonly string[];
}

/** Of one connection alone, and so not for the next. */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Shorter than any server's patience with a connection that nothing comes by, in milliseconds. */
const idleMsMax = 1000;

type Connection<T> = [options: T, done?: (error: Error | null, stream: Duplex) => void];

/**
 * Node's client listens no longer to a connection whose request was answered before its body was sent; what then fails
 * would be heard by nobody, and end the process.
 */
class HeardAgent extends Agent {
  override createConnection(
    ...connection: Connection<ClientRequestArgs>
  ): Duplex | null | undefined {
    return super.createConnection(...connection)?.on("error", ignore);
  }
}

class HeardTlsAgent extends TlsAgent {
  override createConnection(...connection: Connection<RequestOptions>): Duplex | null | undefined {
    return super.createConnection(...connection)?.on("error", ignore);
  }
}

/** Sends requests on as they came. */
export class Upstream {
  readonly #address: UpstreamAddress;
  readonly #agent: Agent;

  constructor(address: UpstreamAddress) {
    this.#address = address;
    // A server hangs up on who is idle when it likes, and what is sent to it then is lost: not by a fault that was asked for.
    const options = { keepAlive: true, timeout: idleMsMax };
    this.#agent =
      address.protocol === "https:" ? new HeardTlsAgent(options) : new HeardAgent(options);
  }

  /** The request, open for its body. An error of it that nobody waits for is nobody's. */
  open({ method, target, rawHeaders }: Passed): ClientRequest {
    const { host, port, protocol } = this.#address;
    const send = protocol === "https:" ? httpsRequest : httpRequest;
    const request = send({
      host,
      port,
      method,
      path: target,
      headers: withoutHopByHop(rawHeaders),
      setHost: false,
      agent: this.#agent,
    });
    return request.on("error", ignore);
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Resolves with the head of the answer. */
export function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on("response", (answer) => {
      answer.on("error", ignore);
      // Behind an answer that is whole Node no longer says that a connection takes more, and who waits for that waits forever.
      answer.once("end", () => {
        if (!request.writableFinished) request.destroy();
      });
      resolve(answer);
    });
    request.on("error", reject);
    request.on("close", () =>
      reject(new Error("the server ended the connection before it answered")),
    );
  });
}

/** Name, value, name, value, as far as they are for more than one connection. */
export function withoutHopByHop(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (!hopByHop.has(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] ?? "");
  }
  return kept;
}

function ignore(): void {}
