import type { Server } from "node:http";
import { Server as TlsServer } from "node:tls";
import { tlsOptions, type TlsIdentity } from "./tls.ts";

const idleSweepMs = 100;

/** Resolves with the port, which the system chooses for 0. Rejects with Node's error when it cannot listen. */
export function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** `http://HOST:PORT` or, over TLS, `https://HOST:PORT`, with an IPv6 address in its brackets. */
export function endpointOf(
  { host, port }: { readonly host: string; readonly port: number },
  isSecure: boolean,
): string {
  return `${isSecure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Connections from now on prove themselves with this; throws for an identity that cannot be used. */
export function renewTls(server: Server, identity: TlsIdentity): void {
  if (server instanceof TlsServer) server.setSecureContext(tlsOptions(identity));
}

/** No new connections; requests under way have until the grace ends, in milliseconds. */
export function drain(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = globalThis.setTimeout(() => server.closeAllConnections(), graceMs);
    // An answer that was begun before has told its client that the connection stays.
    const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}
