import { ContainerClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { Store } from "@holdfast/store";
import { AzureDriver, type AzureDriverOptions } from "@holdfast/store/azure";
import { conformance, runAgainstModel, type Fixture } from "@holdfast/store/conformance";
import { afterAll, expect, test } from "vitest";
import { account, installAzurite, startAzurite } from "./start-azurite.ts";

const missing = installAzurite();
if (missing !== undefined) throw new Error(missing);
const azurite = await startAzurite();
afterAll(() => azurite.stop());

let containers = 0;

async function make(options: Partial<AzureDriverOptions> = {}): Promise<Fixture> {
  containers += 1;
  const container = `store-${containers}`;
  const credential = new StorageSharedKeyCredential(account.name, account.key);
  const client = new ContainerClient(`${azurite.url}/${container}`, credential);
  await client.create();
  const driver = new AzureDriver({
    container,
    accountUrl: azurite.url,
    accountName: account.name,
    accountKey: account.key,
    attemptsMax: 1,
    ...options,
  });
  return {
    driver,
    store: Store.over(driver),
    leftovers: () => uncommitted(client),
    end: async () => {},
  };
}

/** Blobs of which there is nothing but blocks that were never committed. */
async function uncommitted(client: ContainerClient): Promise<readonly string[]> {
  const namesOf = async (includeUncommitedBlobs: boolean): Promise<readonly string[]> => {
    const names: string[] = [];
    for await (const { name } of client.listBlobsFlat({ includeUncommitedBlobs })) names.push(name);
    return names;
  };
  const committed = new Set(await namesOf(false));
  return (await namesOf(true)).filter((name) => !committed.has(name));
}

await conformance({ name: "azure", make: () => make() }, test);

/** The usual ones without the backslash, which Azure has no room for. */
const names = ["a", "a_b", "axb", "%", "*", "[a]", "?", "a.b", "ü"] as const;

const seed = Number(process.env["HOLDFAST_STORE_SEED"] ?? Date.now() % 2 ** 31);

test(`a random run of 1,000 operations comes out as in memory (HOLDFAST_STORE_SEED=${seed})`, async () => {
  const run = runAgainstModel(await make(), { seed, steps: 1000, names });
  await expect(run).resolves.toBeUndefined();
}, 300_000);
