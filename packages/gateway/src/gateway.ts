import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import { createS3Server } from "./http/server.ts";
import type { Gateway, GatewayLimits, GatewayOptions } from "./options.ts";
import { Pipeline } from "./pipeline.ts";

const defaultLimits: GatewayLimits = {
  idleTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 65_000,
  connectionsMax: 2000,
};

const graceMsDefault = 25_000;

/** Starts the S3 endpoint. Rejects with Node's error, `EADDRINUSE` among them, when it cannot listen. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { now = Date.now, host } = options;
  let isDraining = false;
  const hostId = randomBytes(24).toString("base64");
  const server = createS3Server({
    pipeline: new Pipeline({ ...options, now, hostId }),
    limits: { ...defaultLimits, ...options.limits },
    isDraining: () => isDraining,
    hostId,
  });
  const port = await listen(server, host, options.port);
  const shownHost = host.includes(":") ? `[${host}]` : host;
  return {
    host,
    port,
    endpoint: `http://${shownHost}:${port}`,
    async close({ graceMs = graceMsDefault } = {}) {
      isDraining = true;
      await drain(server, graceMs);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** No new connections; requests under way have until the grace ends. */
function drain(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
