import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { Store } from "@holdfast/store";
import { conformance, runAgainstModel, type Fixture } from "@holdfast/store/conformance";
import { SftpDriver } from "@holdfast/store/sftp";
import { leftovers } from "../store/sftp/fixture.ts";
import { installMissing } from "./debian.ts";
import { startOpenSsh, type OpenSshServer } from "./openssh-server.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";

const log = (line: string): boolean => process.stdout.write(`interop: ${line}\n`);
const reason = installMissing(log, ["openssh-server"])["openssh-server"];
if (reason !== undefined && process.env["CI"] === "true") throw new Error(reason);

// One of the promises makes some 900 connections, each of them a process of the server's.
vi.setConfig({ testTimeout: 900_000 });

const temporary = makeTemporaryDirectory();
// Every write is synced, and thousands of them would wait for the disk, which is not what is looked at.
const files = await mkdtemp(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "holdfast-sftp-"));
const server = reason === undefined ? await startOpenSsh(temporary.path) : undefined;
let count = 0;

afterAll(async () => {
  await server?.stop();
  temporary.remove();
  await rm(files, { recursive: true });
});

async function make({ stop: _stop, ...login }: OpenSshServer): Promise<Fixture> {
  count += 1;
  const root = join(files, `root-${count}`);
  await mkdir(root);
  const driver = new SftpDriver({ ...login, root });
  const store = Store.over(driver);
  return {
    driver,
    store,
    leftovers: () => leftovers(root, store),
    async seed(contents) {
      for (const [path, bytes] of Object.entries(contents)) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), bytes);
      }
    },
    dropContainer: () => rm(root, { recursive: true }),
    end: () => rm(root, { recursive: true, force: true }),
  };
}

test("Debian's OpenSSH server is there", ({ skip }) => {
  if (reason !== undefined) skip(reason);
  expect(server).toBeDefined();
});

if (server !== undefined) await measure(server);

async function measure(under: OpenSshServer): Promise<void> {
  const elsewhere = "a server that somebody else wrote is not made to fail";
  await conformance(
    {
      name: "openssh",
      make: () => make(under),
      without: {
        denyAll: elsewhere,
        reset: elsewhere,
        throttled: "the protocol has no word for it",
        truncated: elsewhere,
        unavailable: elsewhere,
        "refused-keys": "the protocol deletes one file at a time",
      },
    },
    test,
  );

  const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

  test(`openssh: a random run of 1,000 operations comes out as in memory (HOLDFAST_SEED=${seed})`, async () => {
    const fixture = await make(under);
    await expect(runAgainstModel(fixture, { seed, steps: 1000 })).resolves.toBeUndefined();
    await fixture.store.close();
  });
}
