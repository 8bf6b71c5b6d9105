import type { Fault } from "./faults/fault.ts";
import type { FaultHandle } from "./faults/fault-set.ts";
import type { SeenRequest } from "./seen-request.ts";
import { NotHere } from "./wire/control-pages.ts";
import { LabServer } from "./wire/lab-server.ts";
import type { UpstreamAddress } from "./wire/upstream.ts";

export interface LabProxyOptions {
  /** The S3 server behind it: `http://HOST:PORT` or `https://HOST`, without a path. */
  readonly upstream: string;
  /** Decides on everything that is left to chance: same seed, same faults. 1 unless told. */
  readonly seed?: number;
  readonly faults?: readonly Fault[];
  /** Of loopback, and a free port, unless told. */
  readonly host?: string;
  readonly port?: number;
}

/** The faults of a lab before another S3 server, whose objects and credentials stay its own. */
export interface LabProxy {
  /** `http://HOST:PORT`. Clients sign for this host, so the server behind has to take it, as those with path style do. */
  readonly endpoint: string;
  /** What arrived, attempt by attempt: the newest 10,000. */
  readonly requests: readonly SeenRequest[];
  /** Sets a fault; throws a `FaultError` that says what is wrong with one that cannot be. */
  fault(fault: Fault): FaultHandle;
  /** Ends all faults and forgets what arrived. */
  reset(): void;
  /** Ends the connections that no request is on, as servers do after a while; resolves once their peers know. */
  hangUp(): Promise<void>;
  /** The numbers of faults that have befallen nothing. */
  readonly unfired: readonly number[];
  /** Cuts every connection; the server behind stays as it is. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a lab before a server. Every request goes on byte for byte, so signatures hold. Throws a `TypeError` for an
 * upstream that is none.
 */
export async function startLabProxy(options: LabProxyOptions): Promise<LabProxy> {
  const { upstream, seed = 1, faults = [], host = "127.0.0.1", port = 0 } = options;
  const server = await LabServer.start({ upstream: addressOf(upstream), seed, host, port, pages });
  const close = (): Promise<void> => server.close();
  try {
    for (const fault of faults) server.faults.add(fault);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    endpoint: `http://${host.includes(":") ? `[${host}]` : host}:${server.port}`,
    requests: server.requests,
    fault: (fault) => server.faults.add(fault),
    get unfired() {
      return server.faults.unfired;
    },
    reset: () => server.reset(),
    hangUp: () => server.hangUp(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function notHere(what: string): () => never {
  return () => {
    throw new NotHere(
      `${what} of the server behind are not the lab's to know; only holdfast lab serve has them`,
    );
  };
}

const pages = { leftovers: notHere("the leftovers"), skew: notHere("the clock and its skew") };

function addressOf(upstream: string): UpstreamAddress {
  const url = URL.canParse(upstream) ? new URL(upstream) : undefined;
  const protocol = url?.protocol;
  const isPlain = url !== undefined && `${url.pathname}${url.search}${url.hash}` === "/";
  if (!isPlain || (protocol !== "http:" && protocol !== "https:") || url.username !== "") {
    throw new TypeError("an upstream is http://HOST:PORT or https://HOST:PORT, and no more");
  }
  const port = url.port === "" ? { "http:": 80, "https:": 443 }[protocol] : Number(url.port);
  return { protocol, host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port };
}
