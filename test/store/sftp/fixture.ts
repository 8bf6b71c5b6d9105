import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Store } from "@holdfast/store";
import type { Fixture } from "@holdfast/store/conformance";
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
    async end() {
      await store.close();
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Files that a store does not list, and folders that have none. */
export async function leftovers(root: string, store: Store): Promise<readonly string[]> {
  const listed: string[] = [];
  for await (const { path } of store.listFiles("", { recursive: true })) listed.push(path);
  const entries = await readdir(root, { recursive: true, encoding: "utf8" });
  return entries.filter((path) => !listed.some((one) => `${one}/`.startsWith(`${path}/`)));
}
