import { join } from "node:path";
import type { TestProject } from "vitest/node";
import type { Endpoint, StatusProfile } from "./context.ts";
import { installMissing } from "./debian.ts";
import { makeFixtures } from "./fixtures.ts";
import { type Server, startServer } from "./server.ts";
import { makeTemporaryDirectory, type TemporaryDirectory } from "./temporary-directory.ts";

const profiles: readonly StatusProfile[] = ["documented", "aws"];
const servers: Server[] = [];
let temporary: TemporaryDirectory | undefined;

function log(line: string): void {
  process.stdout.write(`interop: ${line}\n`);
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`HOLDFAST_INTEROP_ENDPOINT needs ${name} beside it`);
  return value;
}

function external(url: string): Endpoint {
  return {
    url,
    profile: process.env["HOLDFAST_INTEROP_PROFILE"] === "documented" ? "documented" : "aws",
    region: process.env["HOLDFAST_INTEROP_REGION"] ?? "us-east-1",
    accessKeyId: variable("HOLDFAST_INTEROP_ACCESS_KEY_ID"),
    secretAccessKey: variable("HOLDFAST_INTEROP_SECRET_ACCESS_KEY"),
  };
}

async function endpoints(home: string): Promise<readonly Endpoint[]> {
  const url = process.env["HOLDFAST_INTEROP_ENDPOINT"];
  if (url !== undefined) return [external(url)];
  for (const profile of profiles)
    servers.push(await startServer(profile, join(home, `data-${profile}`)));
  return servers.map(({ endpoint }) => endpoint);
}

/** Installs clients, makes files, starts a gateway per status profile; an environment variable names another endpoint instead. */
export async function setup(project: TestProject): Promise<void> {
  const missing = installMissing(log);
  for (const reason of Object.values(missing)) log(reason);
  temporary = makeTemporaryDirectory();
  const directory = temporary.path;
  try {
    const fixtures = await makeFixtures(directory);
    const under = await endpoints(directory);
    for (const { url, profile } of under) log(`${url} with status profile ${profile}`);
    project.provide("interop", { endpoints: under, directory, missing, fixtures });
  } catch (error) {
    await teardown();
    throw error;
  }
}

/** Ends every gateway that was started and removes every file. */
export async function teardown(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  temporary?.remove();
  temporary = undefined;
}
