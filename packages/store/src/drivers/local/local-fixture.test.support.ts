import { readdirSync, readlinkSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fixture, Subject } from "../../conformance/cell.ts";
import { all } from "../../conformance/expect-failure.ts";
import { Store } from "../../store.ts";
import { LocalDriver } from "./local-driver.ts";

/** A store on a directory of its own. */
export interface LocalFixture extends Fixture {
  readonly root: string;
}

/** Makes the directory. */
export async function makeLocal(): Promise<LocalFixture> {
  const above = await mkdtemp(join(tmpdir(), "holdfast-store-"));
  const root = join(above, "root");
  await mkdir(root);
  const driver = new LocalDriver({ root });
  const store = Store.over(driver);
  let giveBack: (() => void) | undefined;
  return {
    root,
    driver,
    store,
    leftovers: async () => [...(await hidden(root, store)), ...(await stillOpen(root))],
    end: async () => {
      giveBack?.();
      await rm(above, { recursive: true, force: true });
    },
    dropContainer: () => rm(root, { recursive: true }),
    denyAll: async () => {
      await chmod(above, 0o755);
      await chmod(root, 0);
      giveBack = withoutPrivilege();
    },
  };
}

const noWire = "a disk fails when it will; see the proofs of the engine's disk faults";

/** A directory of a disk. */
export const localSubject: Subject = {
  name: "local",
  make: makeLocal,
  without: {
    "refused-keys": "a folder is deleted as one",
    reset: noWire,
    throttled: noWire,
    truncated: noWire,
    unavailable: noWire,
  },
};

/** No permission stops root, so root becomes nobody; gives the way back. */
function withoutPrivilege(): () => void {
  const { seteuid, geteuid } = process;
  if (seteuid === undefined || geteuid?.() !== 0) return () => {};
  const nobody = 65534;
  seteuid(nobody);
  return () => seteuid(0);
}

/** Files that the store does not list, and folders that have none. */
async function hidden(root: string, store: Store): Promise<readonly string[]> {
  const listed = await all(store.listFiles("", { recursive: true }));
  const known = new Set(listed.map(({ path }) => path));
  const entries = await readdir(root, { recursive: true, encoding: "utf8" });
  const isKnown = (path: string): boolean =>
    known.has(path) || listed.some((file) => file.path.startsWith(`${path}/`));
  return entries.filter((path) => !isKnown(path));
}

/** Descriptors below the directory, once what is being closed had the time for it. */
async function stillOpen(root: string): Promise<readonly string[]> {
  const triesMax = 1_000;
  let open = descriptorsBelow(root);
  for (let tries = 0; open.length > 0 && tries < triesMax; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    open = descriptorsBelow(root);
  }
  return open;
}

function descriptorsBelow(root: string): readonly string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return path.startsWith(root) ? [`open: ${path}`] : [];
    } catch {
      // It was the descriptor of the listing itself, or closed meanwhile.
      return [];
    }
  });
}
