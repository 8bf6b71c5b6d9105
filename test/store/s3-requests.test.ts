import { afterAll, beforeAll, expect, test } from "vitest";
import { S3Client } from "@holdfast/client";
import { S3Driver, Store } from "@holdfast/store";
import { startLocalGateway, type LocalGateway } from "../proofs/local-gateway.ts";
import { region, rootCredential } from "../proofs/root-credential.ts";

const files = 2001;
let local: LocalGateway;
let client: S3Client;
let store: Store;
let requests = 0;

beforeAll(async () => {
  local = await startLocalGateway();
  const endpoint = `http://127.0.0.1:${local.port}`;
  client = new S3Client({
    region,
    endpoint,
    credentials: rootCredential,
    onEvent: ({ type }) => (requests += type === "attempt" ? 1 : 0),
  });
  store = Store.over(new S3Driver({ client, bucket: "proofs" }));
  const paths = Array.from(
    { length: files },
    (_, index) => `f${index % 7}/d${index % 97}/${index}`,
  );
  const lane = async (): Promise<void> => {
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
      await store.writeText(path, "");
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
}, 300_000);

afterAll(async () => {
  client.close();
  await local.close();
});

/** As the client tells of them: the server's record of a request may come after its answer. */
async function requestsOf(work: () => Promise<unknown>): Promise<number> {
  const before = requests;
  await work();
  return requests - before;
}

async function listed(path: string): Promise<number> {
  let count = 0;
  for await (const _ of store.listFiles(path, { recursive: true })) count += 1;
  return count;
}

test("a recursive listing is one request for each thousand files, however many folders they are in", async () => {
  expect(await requestsOf(async () => expect(await listed("")).toBe(files))).toBe(3);
  expect(await requestsOf(async () => expect(await listed("f0")).toBe(286))).toBe(1);
});

test.each<readonly [string, number, () => Promise<unknown>]>([
  ["a creation", 1, () => store.writeText("a", "1")],
  ["a write over a file", 1, () => store.writeText("a", "2", { overwrite: true })],
  ["a read", 1, () => store.readText("a")],
  ["a look at a file", 1, () => store.getFileInfo("a")],
  ["the answer that a file exists", 1, () => store.exists("a")],
  ["the answer that a folder exists", 2, () => store.exists("f0")],
  ["a copy", 2, () => store.copy("a", "b")],
  ["a deletion", 2, () => store.delete("b")],
])("what %s costs S3 in requests: %i", async (_name, due, work) => {
  expect(await requestsOf(work)).toBe(due);
});
