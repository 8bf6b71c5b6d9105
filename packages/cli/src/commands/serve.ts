import { once } from "node:events";
import { resolve } from "node:path";
import type { Engine, EngineOptions, OpenEngine } from "@holdfast/engine";
import type { Control, Gateway, GatewayOptions } from "@holdfast/gateway";
import { S3Error } from "@holdfast/protocol";
import { ConfigError } from "../config/config-error.ts";
import { endpointOf, formatListen, isLoopback, type Listen } from "../config/listen.ts";
import type { Settings } from "../config/settings.ts";
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
import { failureLog, jsonLog } from "./request-log.ts";
import { welcome, type Served } from "./welcome.ts";

export interface ServeParts {
  readonly openEngine: (options: EngineOptions) => Promise<OpenEngine>;
  readonly rootControl: (credential: RootCredential) => Control;
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
  await assertCanListen(settings.listen);
  const { openEngine, rootControl, startGateway } = parts ?? (await realParts());

  const engine = await openEngine({
    directory,
    onHealth: healthLog(terminal, json),
  }).catch((cause: unknown) => {
    throw openFailure(cause, directory);
  });
  try {
    const credential = preset ?? (await ensureRootCredential(directory));
    await makeBuckets(engine, settings.buckets);
    const { host, port } = settings.listen;
    const gateway = await startGateway({
      engine,
      health: () => engine.health(),
      control: rootControl(credential),
      region: settings.region,
      statusProfile: settings.statusProfile,
      log: json ? jsonLog(terminal) : failureLog(terminal),
      host,
      port,
    }).catch((cause: unknown) => {
      throw listenFailure(cause, settings.listen);
    });
    const served: Served = {
      endpoint: endpointOf({ host, port: gateway.port }),
      region: settings.region,
      statusProfile: settings.statusProfile,
      dataDirectory: directory,
      recovered: engine.recovered,
    };
    const upkeep = await openUpkeep({ engine, directory, settings, json }, terminal);
    try {
      const { accessKeyId } = credential;
      const { endpoint, region } = served;
      await writeEndpoint(directory, { endpoint, region, accessKeyId });
      warnOfExposure({ host, port: gateway.port }, terminal);
      terminal.out(
        json
          ? readyLine(served, accessKeyId, preset === undefined)
          : welcome(served, credential, packageInfo().version),
      );
      if (!terminal.stop.aborted) await once(terminal.stop, "abort");
    } finally {
      await upkeep.stop();
      const drained = gateway.close();
      if (terminal.stop.aborted) sayStopping(json, terminal);
      await Promise.all([drained, removeEndpoint(directory)]);
    }
  } finally {
    await engine.close();
  }
  return 0;
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
  const [{ openEngine }, { rootControl, startGateway }] = await Promise.all([
    import("@holdfast/engine"),
    import("@holdfast/gateway"),
  ]);
  return { openEngine, rootControl, startGateway };
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
  const secret = kept ? { credentialFile: rootCredentialPath(served.dataDirectory) } : {};
  return `${JSON.stringify({ event: "ready", ...served, accessKeyId, ...secret })}\n`;
}
