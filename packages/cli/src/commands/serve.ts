import { once } from "node:events";
import { join, resolve } from "node:path";
import type { Engine, EngineOptions, OpenEngine } from "@holdfast/engine";
import type {
  AdminServer,
  Audit,
  ControlOptions,
  ControlPlane,
  Gateway,
  GatewayOptions,
  Metrics,
  OpenUpstreams,
  Quotas,
} from "@holdfast/gateway";
import { S3Error } from "@holdfast/protocol";
import { ConfigError } from "../config/config-error.ts";
import { endpointOf, formatListen, isLoopback, type Listen } from "../config/listen.ts";
import { readUpstreams } from "../config/read-upstreams.ts";
import type { Settings } from "../config/settings.ts";
import { adminTokenPath, ensureAdminToken, readAdminToken } from "../credentials/admin-token.ts";
import {
  ensureRootCredential,
  readRootCredential,
  rootCredentialPath,
  type RootCredential,
} from "../credentials/root-credential.ts";
import { removeEndpoint, writeEndpoint } from "../endpoint-file.ts";
import { packageInfo } from "../package-info.ts";
import { assertCanListen, listenFailure } from "../port.ts";
import type { ExitStatus, Terminal } from "../terminal.ts";
import { healthLog } from "./health-log.ts";
import { openFailure } from "./open-failure.ts";
import { startControl } from "../control/control-server.ts";
import { startUpkeep } from "./upkeep.ts";
import { jsonUpkeepLog, upkeepLog } from "./upkeep-log.ts";
import { adminFailureLog } from "./admin-failure-log.ts";
import { Closing } from "./closing.ts";
import { controlFailure } from "./control-failure.ts";
import { failureLog, jsonLog } from "./request-log.ts";
import { welcome, type Served } from "./welcome.ts";

export interface ServeParts {
  readonly openEngine: (options: EngineOptions) => Promise<OpenEngine>;
  readonly openControl: (options: ControlOptions) => Promise<ControlPlane>;
  readonly startGateway: (options: GatewayOptions) => Promise<Gateway>;
}

export interface ServeOptions {
  readonly settings: Settings;
  /** The first line of stdout is the ready event, and the request log follows it. */
  readonly json: boolean;
}

/** Serves until `terminal.stop`, then drains. What it refuses, it refuses before it changes anything. */
export async function serve(
  { settings, json }: ServeOptions,
  terminal: Terminal,
  parts?: ServeParts,
): Promise<ExitStatus> {
  refuseLenientParser(terminal.env["NODE_OPTIONS"] ?? "");
  const directory = resolve(settings.data);
  const preset = presetCredential(settings);
  if (preset === undefined) await readRootCredential(directory);
  await readAdminToken(directory);
  const upstreamConfigs = await readUpstreams(settings.upstreams, terminal.env);
  await assertCanListen(settings.listen, "--listen");
  await assertCanListen(settings.adminListen, "--admin-listen");
  const { openEngine, openControl, startGateway } = parts ?? (await realParts());
  const closing = new Closing();
  try {
    const engine = await openEngine({
      directory,
      onHealth: healthLog(terminal, json),
    }).catch((cause: unknown) => {
      throw openFailure(cause, directory);
    });
    closing.add(() => engine.close());
    const credential = preset ?? (await ensureRootCredential(directory));
    await makeBuckets(engine, settings.buckets);
    const opening = { settings, json, directory, engine, credential };
    const control = await openControl(controlOptions(opening)).catch((cause: unknown) => {
      throw controlFailure(cause);
    });
    closing.add(() => control.close());
    const { Metrics, openAudit, openQuotas, openUpstreams } = await import("@holdfast/gateway");
    const audit = await openAudit({ directory: join(directory, "audit") });
    closing.add(() => audit.close());
    const upstreams = openUpstreams(upstreamConfigs, {
      attachmentOf: (bucket) => control.attachment(bucket),
    });
    closing.add(() => upstreams.close());
    const quotas = openQuotas({
      file: join(directory, "usage.db"),
      engine,
      quotaOf: (bucket) => control.quota(bucket),
    });
    closing.add(() => quotas.close());
    const metrics = new Metrics();
    const serving = { ...opening, audit, metrics, control, upstreams, quotas, startGateway };
    const admin = await openAdmin(serving, terminal);
    closing.add(() => admin.close());
    await serveRequests(serving, admin, terminal);
  } finally {
    await closing.close();
  }
  return 0;
}

interface Opening extends ServeOptions {
  readonly directory: string;
  readonly engine: OpenEngine;
  readonly credential: RootCredential;
}

interface Serving extends Opening {
  readonly control: ControlPlane;
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly upstreams: OpenUpstreams;
  readonly quotas: Quotas;
  readonly startGateway: ServeParts["startGateway"];
}

function controlOptions({ settings, directory, credential }: Opening): ControlOptions {
  return {
    path: settings.controlDatabase ?? join(directory, "control.db"),
    masterKeys: { file: masterKeyFile(settings, directory) },
    root: credential,
  };
}

function masterKeyFile(settings: Settings, directory: string): string {
  return settings.masterKeyFile ?? join(directory, "master-keys");
}

/** From the ready line to the last answer. */
async function serveRequests(
  serving: Serving,
  admin: AdminServer,
  terminal: Terminal,
): Promise<void> {
  const { settings, json, directory, engine, credential } = serving;
  const gateway = await openGateway(serving, terminal);
  const served: Served = {
    endpoint: endpointOf({ host: gateway.host, port: gateway.port }),
    adminEndpoint: endpointOf({ host: admin.host, port: admin.port }),
    region: settings.region,
    statusProfile: settings.statusProfile,
    dataDirectory: directory,
    recovered: engine.recovered,
  };
  const upkeep = await openUpkeep({ engine, directory, settings, json }, terminal);
  try {
    const { accessKeyId } = credential;
    const { endpoint, adminEndpoint, region } = served;
    await writeEndpoint(directory, { endpoint, adminEndpoint, region, accessKeyId });
    warnOfExposure(gateway, terminal);
    warnOfExposure(admin, terminal);
    terminal.out(
      json
        ? readyLine(served, accessKeyId, presetCredential(settings) === undefined)
        : welcome(served, credential, packageInfo().version),
    );
    if (!terminal.stop.aborted) await once(terminal.stop, "abort");
  } finally {
    await upkeep.stop();
    const drained = gateway.close();
    if (terminal.stop.aborted) sayStopping(json, terminal);
    await Promise.all([drained, removeEndpoint(directory)]);
  }
}

function openGateway(
  { settings, json, engine, control, audit, startGateway, ...rest }: Serving,
  terminal: Terminal,
): Promise<Gateway> {
  const { listen, region, statusProfile, trustedProxies, limits, anonymous } = settings;
  const { metrics, upstreams, quotas } = rest;
  return startGateway({
    engine,
    health: () => engine.health(),
    metrics,
    version: packageInfo().version,
    control,
    upstreams,
    quotas,
    anonymous,
    region,
    statusProfile,
    trustedProxies,
    requestLimits: limits,
    audit,
    // Decided by what was known before, a credential that was taken away would go on being believed.
    checks: [
      { part: "control", isVital: true, isWell: () => control.state().failure === undefined },
    ],
    log: json ? jsonLog(terminal) : failureLog(terminal),
    ...listen,
  }).catch((cause: unknown) => {
    throw listenFailure(cause, listen, "--listen");
  });
}

async function openAdmin(serving: Serving, terminal: Terminal): Promise<AdminServer> {
  const { startAdmin, adminTokenDigest } = await import("@holdfast/gateway");
  const { settings, json, directory, engine, control, audit, metrics, quotas } = serving;
  const { adminListen, adminHosts, upstreams } = settings;
  return await startAdmin({
    ...adminListen,
    hosts: adminHosts,
    tokenDigest: adminTokenDigest(await ensureAdminToken(directory)),
    control,
    engine,
    audit,
    metrics,
    quotas,
    masterKeyFile: masterKeyFile(settings, directory),
    upstreams: Object.keys(upstreams),
    now: Date.now,
    health: () => engine.health(),
    failed: adminFailureLog(terminal, json),
  }).catch((cause: unknown) => {
    throw listenFailure(cause, adminListen, "--admin-listen");
  });
}

interface Upkeep extends ServeOptions {
  readonly engine: OpenEngine;
  readonly directory: string;
}

/** What goes on beside the requests: tasks on a schedule, and those that an operator asks for. */
async function openUpkeep(
  { engine, directory, settings, json }: Upkeep,
  terminal: Terminal,
): Promise<{ readonly stop: () => Promise<void> }> {
  const log = json ? jsonUpkeepLog(terminal) : upkeepLog(terminal);
  // A file system without sockets is no reason not to serve.
  const control = await startControl(directory, engine).catch((error: unknown) => {
    log.failed("control socket", error);
  });
  const stopTasks = startUpkeep({ tasks: engine, settings, log });
  return {
    async stop() {
      await Promise.all([control?.close(), stopTasks()]);
    },
  };
}

async function realParts(): Promise<ServeParts> {
  const [{ openEngine }, { openControl, startGateway }] = await Promise.all([
    import("@holdfast/engine"),
    import("@holdfast/gateway"),
  ]);
  return { openEngine, openControl, startGateway };
}

/** Node would let through requests that a proxy reads differently: one request smuggled in another. */
function refuseLenientParser(nodeOptions: string): void {
  if (!/--insecure[-_]http[-_]parser/.test(nodeOptions)) return;
  throw new ConfigError(
    "NODE_OPTIONS has --insecure-http-parser, which lets one request hide in another",
    "remove it from NODE_OPTIONS",
  );
}

function presetCredential(settings: Settings): RootCredential | undefined {
  const { rootAccessKeyId: accessKeyId, rootSecretAccessKey: secretAccessKey } = settings;
  return accessKeyId === undefined || secretAccessKey === undefined
    ? undefined
    : { accessKeyId, secretAccessKey };
}

async function makeBuckets(engine: Engine, buckets: readonly string[]): Promise<void> {
  for (const bucket of buckets) {
    try {
      await engine.createBucket(bucket);
    } catch (cause) {
      const exists =
        S3Error.is(cause) &&
        (cause.code === "BucketAlreadyOwnedByYou" || cause.code === "BucketAlreadyExists");
      if (!exists) throw cause;
    }
  }
}

function warnOfExposure(listen: Listen, { err }: Terminal): void {
  if (isLoopback(listen.host)) return;
  err(
    `Warning: ${formatListen(listen)} is reachable from other machines and has no TLS, so objects cross the network in the clear; put a TLS proxy in front, or listen on 127.0.0.1.\n`,
  );
}

/** Once no new connection is taken. */
function sayStopping(json: boolean, { out, err }: Terminal): void {
  if (json) out('{"event":"stopping"}\n');
  else err("Stopping: requests under way may end. A second signal stops at once.\n");
}

/** Where the secret is, never the secret: standard output ends up in logs. */
function readyLine(served: Served, accessKeyId: string, kept: boolean): string {
  const { dataDirectory } = served;
  const secret = kept ? { credentialFile: rootCredentialPath(dataDirectory) } : {};
  const adminTokenFile = adminTokenPath(dataDirectory);
  return `${JSON.stringify({ event: "ready", ...served, accessKeyId, ...secret, adminTokenFile })}\n`;
}
