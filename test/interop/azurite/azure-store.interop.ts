import { ContainerClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { Store } from "@holdfast/store";
import { AzureDriver } from "@holdfast/store/azure";
import { conformance, runAgainstModel, type Fixture } from "@holdfast/store/conformance";
import { afterAll, expect, test } from "vitest";
import { startFaultyWire } from "../../store/faulty-wire.ts";
import { account, installAzurite, startAzurite } from "./start-azurite.ts";

const missing = installAzurite();
if (missing !== undefined) throw new Error(missing);
const azurite = await startAzurite();
afterAll(() => azurite.stop());

const wrongKey = Buffer.from("no key of the account").toString("base64");

let containers = 0;

/** A container behind a wire of its own that can be broken. */
async function make(more: { readonly attemptsMax?: number } = {}): Promise<Fixture> {
  containers += 1;
  const container = `store-${containers}`;
  const credential = new StorageSharedKeyCredential(account.name, account.key);
  const client = new ContainerClient(`${azurite.url}/${container}`, credential);
  await client.create();
  const wire = await startFaultyWire(Number(new URL(azurite.url).port));
  const accountUrl = `http://127.0.0.1:${wire.port}/${account.name}`;
  const options = { container, accountUrl, accountName: account.name, ...more };
  const allowed = new AzureDriver({ ...options, accountKey: account.key });
  const refused = new AzureDriver({ ...options, accountKey: wrongKey });
  let isDenied = false;
  const driver = new Proxy(allowed, {
    get(target, name): unknown {
      const current = isDenied ? refused : target;
      const value: unknown = Reflect.get(current, name, current);
      const isMethod = typeof value === "function" && name !== "constructor";
      return isMethod ? value.bind(current) : value;
    },
  });
  return {
    driver,
    store: Store.over(driver),
    leftovers: () => uncommitted(client),
    end: () => wire.close(),
    dropContainer: async () => {
      await client.delete();
    },
    denyAll: async () => {
      isDenied = true;
    },
    faultNext: (fault) => wire.next(fault),
  };
}

/** Blobs that have blocks which were never committed, whether there is more of them or not. */
async function uncommitted(client: ContainerClient): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of client.listBlobsFlat({ includeUncommitedBlobs: true })) {
    const { uncommittedBlocks = [] } = await client
      .getBlockBlobClient(name)
      .getBlockList("uncommitted");
    if (uncommittedBlocks.length > 0) found.push(name);
  }
  return found;
}

const without = { "refused-keys": "Blobs are deleted one by one, each with an answer of its own." };

const blocks = "Azure keeps blocks that were not committed for a week; no request drops them.";

const exceptions = {
  "fault.write": blocks,
  "list.stable": "Azurite writes U+FFFF into its XML, which has no such character.",
  "name.backslash": "Azure turns a backslash into a slash.",
  "name.controls": "Azure refuses control characters.",
  "name.dots": "Azure drops a dot at the end of a name.",
  "write.aborted-late": blocks,
  "write.race-late": blocks,
};

/** What fails by intent is seen to fail: nothing is tried twice. */
const once = (): Promise<Fixture> => make({ attemptsMax: 1 });

await conformance({ name: "azure", make: once, without, exceptions, secrets: [account.key] }, test);

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
/** The usual ones without the backslash, which Azure has no room for. */
const names = ["a", "a_b", "axb", "%", "*", "[a]", "?", "a.b", "ü"] as const;

test(`a random run of 1,000 operations comes out as in memory (HOLDFAST_SEED=${seed})`, async () => {
  const run = runAgainstModel(await make(), { seed, steps: 1000, names });
  await expect(run).resolves.toBeUndefined();
}, 600_000);
