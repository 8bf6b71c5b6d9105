import { Agent, type ClientRequestArgs } from "node:http";
import { Agent as TlsAgent, type RequestOptions } from "node:https";
import type { Duplex } from "node:stream";
import type { RequestPolicyFactory } from "@azure/storage-blob";

/** Keeps connections, and hears each of them fail. */
class HeardAgent extends Agent {
  override createConnection(
    ...connection: Connection<ClientRequestArgs>
  ): Duplex | null | undefined {
    return super.createConnection(...connection)?.on("error", ignore);
  }
}

/** The same with TLS. */
class HeardTlsAgent extends TlsAgent {
  override createConnection(...connection: Connection<RequestOptions>): Duplex | null | undefined {
    return super.createConnection(...connection)?.on("error", ignore);
  }
}

type Connection<T> = [options: T, done?: (error: Error | null, stream: Duplex) => void];

/**
 * Has the SDK's requests go over connections whose errors somebody hears. A server that answers before it has read a
 * body and then ends the connection makes the rest of the body fail when Node's client listens no longer, and an error
 * that nobody hears ends the process.
 */
export function overHeardConnections(): RequestPolicyFactory {
  const agent = new HeardAgent({ keepAlive: true });
  const tlsAgent = new HeardTlsAgent({ keepAlive: true });
  return {
    create: (next) => ({
      sendRequest: (request) => {
        request.agent = request.url.startsWith("https:") ? tlsAgent : agent;
        return next.sendRequest(request);
      },
    }),
  };
}

function ignore(): void {}
