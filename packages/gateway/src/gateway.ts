import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import { Crowd } from "./http/crowd.ts";
import { connectionBudget, descriptorsFree } from "./http/descriptors.ts";
import { createS3Server } from "./http/server.ts";
import { Limits } from "./limits/limits.ts";
import { TrustedProxies } from "./limits/trusted-proxies.ts";
import type { Gateway, GatewayLimits, GatewayOptions, RequestRecord } from "./options.ts";
import { Metrics } from "./operator/metrics.ts";
import { sampleGateway } from "./operator/gateway-readings.ts";
import { RequestMeter } from "./operator/request-meter.ts";
import { operatorPages } from "./operator/pages.ts";
import { Pipeline } from "./pipeline.ts";

const defaultLimits: GatewayLimits = {
  idleTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 65_000,
  connectionsMax: 2000,
};

const graceMsDefault = 25_000;
const idleSweepMs = 100;

/** Starts the S3 endpoint. Rejects with Node's error, `EADDRINUSE` among them, when it cannot listen. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { now = Date.now, host } = options;
  let isDraining = false;
  const hostId = randomBytes(24).toString("base64");
  const connectionLimits = { ...defaultLimits, ...options.limits };
  const { served, refused } = connectionBudget(descriptorsFree());
  const crowd = new Crowd(
    { served: Math.min(connectionLimits.connectionsMax, served), refused },
    hostId,
  );
  const { health, version, metrics = new Metrics() } = options;
  const meter = new RequestMeter(metrics);
  const log = (record: RequestRecord): void => {
    meter.record(record);
    options.log?.(record);
  };
  const proxies = new TrustedProxies(options.trustedProxies ?? []);
  const limits = new Limits(options.requestLimits ?? {});
  const pipeline = new Pipeline({ ...options, log, now, hostId, proxies, limits });
  const stopReadings = sampleGateway(metrics, { pipeline, crowd, health, version });
  const server = createS3Server({
    pipeline: health === undefined ? pipeline : operatorPages(pipeline, { health, metrics }),
    crowd,
    limits: connectionLimits,
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
      stopReadings();
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
