import { once } from "node:events";
import { resolve } from "node:path";
import type { Engine, EngineOptions, OpenEngine } from "@holdfast/engine";
import type {
  AdminServer,
  ControlOptions,
  ControlPlane,
  Gateway,
  GatewayOptions,
} from "@holdfast/gateway";
import { S3Error } from "@holdfast/protocol";
import { ConfigError } from "../config/config-error.ts";
import { endpointOf, formatListen, isLoopback } from "../config/listen.ts";
import { readTls } from "../config/read-tls.ts";
import { readUpstreams } from "../config/read-upstreams.ts";
import type { Settings } from "../config/settings.ts";
import { adminTokenPath, readAdminToken } from "../credentials/admin-token.ts";
import {
  ensureRootCredential,
  readRootCredential,
  rootCredentialPath,
  type RootCredential,
} from "../credentials/root-credential.ts";
import { removeEndpoint, writeEndpoint } from "../endpoint-file.ts";
import { packageInfo } from "../package-info.ts";
import { assertCanListen } from "../port.ts";
import type { ExitStatus, Terminal } from "../terminal.ts";
import { healthLog } from "./health-log.ts";
import { openFailure } from "./open-failure.ts";
import { startControl } from "../control/control-server.ts";
import { startUpkeep } from "./upkeep.ts";
import { jsonUpkeepLog, upkeepLog } from "./upkeep-log.ts";
import { Closing } from "./closing.ts";
import { controlFailure } from "./control-failure.ts";
import { controlDatabase, masterKeyFile } from "./control-paths.ts";
import { renewTlsOnReload } from "./renew-tls.ts";
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
  openers?: ServeParts,
): Promise<ExitStatus> {
  refuseLenientParser(terminal.env["NODE_OPTIONS"] ?? "");
  const directory = resolve(settings.data);
  const preset = presetCredential(settings);
  if (preset === undefined) await readRootCredential(directory);
  await readAdminToken(directory);
  const upstreamConfigs = await readUpstreams(settings.upstreams, terminal.env);
  const tls = await readTls(settings);
  await assertCanListen(settings.listen, "--listen");
  await assertCanListen(settings.adminListen, "--admin-listen");
  const { openEngine, openControl, startGateway } = openers ?? (await realParts());
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
    const [{ openRecords }, { openGateway, openAdmin }] = await Promise.all([
      import("./open-records.ts"),
      import("./open-listeners.ts"),
    ]);
    const records = await openRecords({ ...opening, control, upstreamConfigs }, closing);
    const parts = { ...opening, ...records, control, tls };
    const gateway = await openGateway({ ...parts, startGateway }, terminal);
    const admin = await openAdmin({ ...parts, gateway }, terminal).catch(async (cause: unknown) => {
      await gateway.close({ graceMs: 0 });
      throw cause;
    });
    closing.add(() => admin.close());
    if (tls !== undefined) closing.add(renewTlsOnReload({ ...opening, gateway, admin }, terminal));
    await serveRequests({ ...opening, gateway, admin }, terminal);
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
  readonly gateway: Gateway;
  readonly admin: AdminServer;
}

function controlOptions({ settings, directory, credential }: Opening): ControlOptions {
  return {
    path: controlDatabase(settings, directory),
    masterKeys: { file: masterKeyFile(settings, directory) },
    root: credential,
  };
}

/** From the ready line to the last answer. */
async function serveRequests(serving: Serving, terminal: Terminal): Promise<void> {
  const { settings, json, directory, engine, credential, gateway, admin } = serving;
  const served: Served = {
    endpoint: endpointOf(gateway, isSecure(gateway)),
    adminEndpoint: endpointOf(admin, isSecure(admin)),
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

function isSecure({ endpoint }: Pick<Gateway, "endpoint">): boolean {
  return endpoint.startsWith("https:");
}

function warnOfExposure(listen: Gateway | AdminServer, { err }: Terminal): void {
  if (isLoopback(listen.host) || isSecure(listen)) return;
  err(
    `Warning: ${formatListen(listen)} is reachable from other machines and has no TLS, so objects cross the network in the clear; name a certificate with --tls-certificate and --tls-key, or listen on 127.0.0.1.\n`,
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
