import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { KeyDeletion } from "./context.ts";
import { Crowd } from "./http/crowd.ts";
import { connectionBudget, descriptorsFree } from "./http/descriptors.ts";
import { drain, endpointOf, listen, renewTls } from "./http/listening.ts";
import { watchHandshakes } from "./http/handshake-failures.ts";
import { createS3Server } from "./http/server.ts";
import { Limits } from "./limits/limits.ts";
import { TrustedProxies } from "./limits/trusted-proxies.ts";
import type { Gateway, GatewayLimits, GatewayOptions, RequestRecord } from "./options.ts";
import { Metrics } from "./operator/metrics.ts";
import { sampleGateway } from "./operator/gateway-readings.ts";
import { brokenRecord } from "./operator/request-record.ts";
import { RequestMeter } from "./operator/request-meter.ts";
import { metricsPage } from "./operator/page.ts";
import { operatorPages } from "./operator/pages.ts";
import { livenessPage, ownChecks, readinessPage } from "./operator/readiness.ts";
import { Pipeline } from "./pipeline.ts";

const defaultLimits: GatewayLimits = {
  idleTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 65_000,
  connectionsMax: 2000,
};

const graceMsDefault = 25_000;
/** An operation that its client left, and that nothing ends, must not hold up a stop. */
const settleMsMax = 5000;

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
  const { health, audit, metrics = new Metrics() } = options;
  const meter = new RequestMeter(metrics);
  const log = (record: RequestRecord, deletions: readonly KeyDeletion[]): void => {
    meter.record(record);
    audit?.request(record, deletions);
    options.log?.(record);
  };
  const proxies = new TrustedProxies(options.trustedProxies ?? []);
  const limits = new Limits(options.requestLimits ?? {});
  const pipeline = new Pipeline({ ...options, log, now, hostId, proxies, limits });
  const own = ownChecks({
    health,
    audit: audit && (() => audit.state()),
    isDraining: () => isDraining,
  });
  const checks = [...own, ...(options.checks ?? [])];
  const stopReadings = sampleGateway(metrics, { ...options, pipeline, crowd, limits, checks });
  const server = createS3Server({
    pipeline: health === undefined ? pipeline : operatorPages(pipeline, { health, metrics }),
    crowd,
    limits: connectionLimits,
    isDraining: () => isDraining,
    hostId,
    tls: options.tls,
    onBroken: (broken) => {
      // Whom a proxy speaks for stands in a header, and there is none to read.
      const address = proxies.clientOf(broken.remoteAddress, undefined);
      log(brokenRecord(broken, { time: now(), address }), []);
    },
  });
  watchHandshakes(server, (reason) => {
    metrics.count("holdfast_tls_handshake_failures_total", { listener: "s3", reason });
  });
  const port = await listen(server, { host, port: options.port });
  return {
    host,
    port,
    endpoint: endpointOf({ host, port }, options.tls !== undefined),
    renewTls: (identity) => renewTls(server, identity),
    page: (path) => {
      if (path === "/healthz") return livenessPage();
      if (path === "/readyz") return readinessPage(checks);
      return path === "/metrics" ? metricsPage(metrics.text()) : undefined;
    },
    async close({ graceMs = graceMsDefault } = {}) {
      isDraining = true;
      await drain(server, graceMs);
      // What was answered is in the records before whoever keeps them closes them.
      await Promise.race([pipeline.idle(), setTimeout(settleMsMax, undefined, { ref: false })]);
      stopReadings();
    },
  };
}
