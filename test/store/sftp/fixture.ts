import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Store } from "@holdfast/store";
import type { Fault, Fixture, Subject } from "@holdfast/store/conformance";
import { SftpDriver, type SftpDriverOptions } from "@holdfast/store/sftp";
import { login, SftpServer } from "./sftp-server.ts";

/** A store on a server of its own. */
export interface SftpFixture extends Fixture {
  readonly server: SftpServer;
  readonly driver: SftpDriver;
  /** The directory that the store is on. */
  readonly root: string;
  /** By which another store may be on the same server. */
  readonly options: SftpDriverOptions;
}

/** A server with a store on it. A server of the protocol's version 3 has no extensions. */
export async function fixtureOn(more: Partial<SftpDriverOptions>): Promise<SftpFixture> {
  const home = await mkdtemp(join(tmpdir(), "holdfast-sftp-"));
  const root = join(home, "root");
  await mkdir(root);
  const server = await SftpServer.start(
    more.server === "sftp3" ? { home, extensions: [] } : { home },
  );
  const options: SftpDriverOptions = {
    ...server.address,
    ...login,
    root: "root",
    hostKey: server.fingerprint,
    ...more,
  };
  const driver = new SftpDriver(options);
  const store = Store.over(driver);
  return {
    server,
    driver,
    root,
    options,
    store,
    leftovers: () => leftovers(root, store),
    async seed(files) {
      for (const [path, bytes] of Object.entries(files)) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), bytes);
      }
    },
    dropContainer: () => rm(root, { recursive: true }),
    async denyAll() {
      server.verdict = () => ({ status: 3 });
    },
    async faultNext(fault) {
      server.verdict = faults(fault, server);
    },
    async end() {
      await store.close();
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A server of this process as the subject of the conformance suite. */
export function subjectOn(name: string, more: Partial<SftpDriverOptions>): Subject {
  return {
    name,
    make: () => fixtureOn(more),
    secrets: [login.password],
    without: {
      throttled: "the protocol has no word for it",
      "refused-keys": "the protocol deletes one file at a time",
    },
  };
}

/** A connection that was there is made again once, so it has to break again. */
function faults(fault: Fault, { connections }: SftpServer): SftpServer["verdict"] {
  let left = fault === "reset" && connections > 0 ? 2 : 1;
  return (request) => {
    if (left === 0 || (fault === "truncated" && request !== "read")) return undefined;
    left -= 1;
    return fault === "unavailable" ? { status: 7 } : "cut-before";
  };
}

/** Files that a store does not list, and folders that have none. */
export async function leftovers(root: string, store: Store): Promise<readonly string[]> {
  const listed: string[] = [];
  for await (const { path } of store.listFiles("", { recursive: true })) listed.push(path);
  const entries = await readdir(root, { recursive: true, encoding: "utf8" });
  return entries.filter((path) => !listed.some((one) => `${one}/`.startsWith(`${path}/`)));
}
