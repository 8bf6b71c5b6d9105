import type { OpenEngine } from "@holdfast/engine";
import type {
  AdminServer,
  AuditEvent,
  ControlPlane,
  Gateway,
  GatewayOptions,
  TlsIdentity,
} from "@holdfast/gateway";
import { adminTokenDigest, startAdmin } from "@holdfast/gateway";
import type { Settings } from "../config/settings.ts";
import { ensureAdminToken } from "../credentials/admin-token.ts";
import { packageInfo } from "../package-info.ts";
import { listenFailure } from "../port.ts";
import type { Terminal } from "../terminal.ts";
import { adminFailureLog } from "./admin-failure-log.ts";
import type { Records } from "./open-records.ts";
import { masterKeyFile } from "./control-paths.ts";
import { failureLog, jsonLog } from "./request-log.ts";

interface Parts extends Records {
  readonly tls: TlsIdentity | undefined;
  readonly settings: Settings;
  readonly json: boolean;
  readonly directory: string;
  readonly engine: OpenEngine;
  readonly control: ControlPlane;
}

interface ForGateway extends Parts {
  readonly startGateway: (options: GatewayOptions) => Promise<Gateway>;
}

interface ForAdmin extends Parts {
  readonly gateway: Gateway;
}

/** Begins to serve S3. Rejects with a `ConfigError` when its address cannot be listened on. */
export function openGateway(parts: ForGateway, terminal: Terminal): Promise<Gateway> {
  const { settings, json, engine, control, audit, metrics, quotas, upstreams, tls } = parts;
  const { listen, region, statusProfile, trustedProxies, limits, anonymous } = settings;
  return parts
    .startGateway({
      engine,
      control,
      audit,
      metrics,
      quotas,
      upstreams,
      anonymous,
      region,
      statusProfile,
      trustedProxies,
      requestLimits: limits,
      health: () => engine.health(),
      version: packageInfo().version,
      checks: [
        // Decided by what was known before, a credential that was taken away would go on being believed.
        { part: "control", isWell: () => control.state().failure === undefined, isVital: true },
        ...parts.upstreamChecks,
      ],
      onSoftQuota: (event) => {
        if (event.hasCrossed) audit.record(softQuotaEvent(event));
      },
      log: json ? jsonLog(terminal) : failureLog(terminal),
      tls,
      ...listen,
    })
    .catch((cause: unknown) => {
      throw listenFailure(cause, listen, "--listen");
    });
}

/** That a write took its bucket over its soft limit. */
function softQuotaEvent({
  request: { bucket, key, requestId, accessKeyId },
  usedBytes,
}: Parameters<NonNullable<GatewayOptions["onSoftQuota"]>>[0]): AuditEvent {
  const operation = "softQuotaCrossed";
  return { kind: "write", operation, bucket, key, requestId, accessKeyId, detail: { usedBytes } };
}

/** Begins to answer operators. Rejects with a `ConfigError` when its address cannot be listened on. */
export async function openAdmin(parts: ForAdmin, terminal: Terminal): Promise<AdminServer> {
  const { settings, json, directory, engine, control, audit, metrics, quotas, gateway, tls } =
    parts;
  const { adminListen, adminHosts, upstreams } = settings;
  return await startAdmin({
    ...adminListen,
    tls,
    hosts: adminHosts,
    tokenDigest: adminTokenDigest(await ensureAdminToken(directory)),
    control,
    engine,
    audit,
    metrics,
    quotas,
    page: (path) => gateway.page(path),
    masterKeyFile: masterKeyFile(settings, directory),
    upstreams: Object.keys(upstreams),
    now: Date.now,
    failed: adminFailureLog(terminal, json),
  }).catch((cause: unknown) => {
    throw listenFailure(cause, adminListen, "--admin-listen");
  });
}
