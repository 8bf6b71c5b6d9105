import { readFile } from "node:fs/promises";
import type { UpstreamConfig } from "@holdfast/gateway";
import * as v from "valibot";
import { errorCode } from "../error-code.ts";
import { readPrivateFile } from "../private-file.ts";
import { ConfigError } from "./config-error.ts";
import type { Settings } from "./settings.ts";

type UpstreamSettings = Settings["upstreams"][string];
type Credentials = UpstreamConfig["credentials"];
type Environment = Readonly<Record<string, string | undefined>>;

const word = v.pipe(v.string(), v.minLength(1), v.maxLength(4000));
const schema = v.strictObject({
  accessKeyId: word,
  secretAccessKey: word,
  sessionToken: v.optional(word),
});

/** The upstreams of the configuration, with what it refers to read. Rejects with a `ConfigError` for what is not there. */
export function readUpstreams(
  upstreams: Settings["upstreams"],
  env: Environment,
): Promise<readonly UpstreamConfig[]> {
  return Promise.all(
    Object.entries(upstreams).map(async ([name, settings]) => {
      const { endpoints, region, addressing, checksumTrailers, caFile } = settings;
      return {
        name,
        endpoints,
        region,
        addressing,
        checksumTrailers,
        credentials: await credentialsOf(name, settings, env),
        ca: caFile === undefined ? undefined : await certificates(caFile),
        limits: limitsOf(settings),
      };
    }),
  );
}

function limitsOf(settings: UpstreamSettings): UpstreamConfig["limits"] {
  const { connectTimeoutMs, headersTimeoutMs, idleTimeoutMs, connectionsMax } = settings;
  return {
    ...(connectTimeoutMs !== undefined && { connectMs: connectTimeoutMs }),
    ...(headersTimeoutMs !== undefined && { headersMs: headersTimeoutMs }),
    ...(idleTimeoutMs !== undefined && { idleMs: idleTimeoutMs }),
    ...(connectionsMax !== undefined && { connectionsMax }),
  };
}

async function credentialsOf(
  name: string,
  { credentialEnv, credentialFile }: UpstreamSettings,
  env: Environment,
): Promise<Credentials> {
  if (credentialEnv !== undefined && credentialFile === undefined) {
    return credentialsIn(env, credentialEnv, name);
  }
  if (credentialFile !== undefined && credentialEnv === undefined) {
    return await credentialsInFile(credentialFile);
  }
  throw new ConfigError(
    `upstreams.${name} has ${credentialEnv === undefined ? "no credential" : "two credentials"}`,
    "give it credentialFile or credentialEnv, and not both",
  );
}

function credentialsIn(env: Environment, prefix: string, name: string): Credentials {
  const accessKeyId = env[`${prefix}_ACCESS_KEY_ID`] ?? "";
  const secretAccessKey = env[`${prefix}_SECRET_ACCESS_KEY`] ?? "";
  const sessionToken = env[`${prefix}_SESSION_TOKEN`] ?? "";
  if (accessKeyId === "" || secretAccessKey === "") {
    const missing = accessKeyId === "" ? "ACCESS_KEY_ID" : "SECRET_ACCESS_KEY";
    throw new ConfigError(
      `${prefix}_${missing} is not set, which upstreams.${name}.credentialEnv asks for`,
      "set it, or name a credentialFile instead",
    );
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken !== "" && { sessionToken }) };
}

async function credentialsInFile(path: string): Promise<Credentials> {
  const text = await readPrivateFile(path, "a secret access key");
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (result.success) return result.output;
  throw new ConfigError(
    `${path} ${text === undefined ? "is not there" : "holds no credential"}`,
    'write it as {"accessKeyId":"…","secretAccessKey":"…"}, with mode 0600',
  );
}

async function certificates(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new ConfigError(
      `The certificates in ${path} cannot be read (${errorCode(cause) ?? "unknown"})`,
      "name a file that can with caFile",
      { cause },
    );
  }
}
