import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { S3Client } from "@holdfast/client";
import { Closed, Registry, RemoteStoreError, Store, type Environment } from "@holdfast/store";
import { settingsOf } from "../../packages/client/src/request/settings.ts";
import { s3Backend } from "../../packages/store/src/registry/s3-backend.ts";
import { startLocalGateway } from "../proofs/local-gateway.ts";
import { region, rootCredential } from "../proofs/root-credential.ts";
import { fixtureOf } from "./sftp/in-test.ts";

const local = await startLocalGateway();
const endpoint = `http://127.0.0.1:${local.port}`;
const s3 = new S3Client({ region, endpoint, credentials: rootCredential });
const folder = await mkdtemp(join(tmpdir(), "holdfast-registry-"));
await local.engine.createBucket("reports");

afterAll(async () => {
  s3.close();
  await local.close();
  await rm(folder, { recursive: true });
});

const env: Environment = {
  ENDPOINT: endpoint,
  KEY_ID: rootCredential.accessKeyId,
  KEY: rootCredential.secretAccessKey,
};

const yaml = `
backends:
  main:
    type: s3
    bucket: reports
    region: ${region}
    endpoint: \${ENDPOINT}
    provider: \${PROVIDER:-holdfast}
    attemptsMax: \${TRIES:-2}
    credentials:
      accessKeyId: \${KEY_ID}
      secretAccessKey: \${KEY}
  elsewhere:
    type: s3
    bucket: no-such-bucket
stores:
  reports: { backend: main, root: reports }
  all: { backend: main }
`;

async function open(): Promise<Registry> {
  const path = join(folder, "stores.yaml");
  await writeFile(path, yaml);
  return Registry.fromFile(path, { env });
}

test("stores of a file work on S3, share one client, and show no secret", async () => {
  await using registry = await open();
  const [reports, all] = [registry.store("reports"), registry.store("all")];
  await reports.writeText("2026/q3.csv", "1;2;3", { overwrite: false });
  const again = reports.writeText("2026/q3.csv", "", { overwrite: false });
  await expect(again).rejects.toMatchObject({ name: "AlreadyExists" });
  expect(await all.readText("reports/2026/q3.csv")).toBe("1;2;3");
  expect(reports.unwrap(S3Client)).toBe(all.unwrap(S3Client));
  const everything = [registry, reports, all, reports.unwrap(S3Client), await again.catch(String)];
  const shown = inspect(everything, { depth: 30, showHidden: true, getters: true });
  expect(shown).not.toContain(rootCredential.secretAccessKey);
});

/** Bytes that keep coming; of many the second half only after something has happened. */
async function* pieces(megabytes: number, happens = Promise.resolve()): AsyncGenerator<Uint8Array> {
  for (let left = megabytes; left > 0; left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (megabytes > 16 && left <= megabytes / 2) await happens;
    yield new Uint8Array(2 ** 20).fill(left);
  }
}

async function uploadsUnderWay(): Promise<number> {
  return (await s3.listMultipartUploads({ bucket: "reports" }).page()).uploads.length;
}

test("what is under way when a registry is closed is done or Closed, and leaves nothing", async () => {
  const rejected: unknown[] = [];
  const note = (reason: unknown): void => void rejected.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const writer = await open();
  const store = writer.store("all");
  await store.write("large", new Uint8Array(2 ** 24));
  const sizes = [0, 1, 4, 9, 40, 60];
  let close = (): void => undefined;
  const closing = new Promise<void>((resolve) => {
    close = resolve;
  });
  const stream = await store.read("large");
  const calls = [
    ...sizes.map((size) => store.write(`w/${size}`, pieces(size, closing))),
    store.readBytes("large"),
    store.copy("large", "copied"),
    store.getFolderInfo(""),
    stream.bytes(),
    store.exists("large"),
  ];
  const ends = Promise.allSettled(calls);
  await expect.poll(uploadsUnderWay).toBeGreaterThan(0);
  const closed = writer.close();
  close();
  await closed;
  const outcomes = await ends;
  const reasons = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  expect(reasons.filter((reason) => !Closed.is(reason))).toEqual([]);
  expect(reasons.length).toBeGreaterThanOrEqual(2);
  await expect(store.exists("large")).rejects.toMatchObject({ name: "Closed" });
  expect(await uploadsUnderWay()).toBe(0);
  for (const [index, size] of sizes.entries()) {
    const isThere = await s3.exists({ bucket: "reports", key: `w/${size}` });
    const outcome = outcomes[index];
    // Whether a request that was cut off was carried out, nobody knows, and the error says so.
    if (outcome?.status === "rejected" && isThere) {
      expect(outcome.reason).toMatchObject({ ambiguous: true });
    } else expect([size, isThere]).toEqual([size, outcome?.status === "fulfilled"]);
  }
  expect(rejected).toEqual([]);
});

test("a signal still ends a write of a registry's store, as Aborted", async () => {
  await using registry = await open();
  const controller = new AbortController();
  const options = { signal: controller.signal };
  const writing = registry.store("all").write("aborted", pieces(40), options);
  setTimeout(() => controller.abort(new Error("enough")), 60);
  await expect(writing).rejects.toMatchObject({ name: "Aborted" });
  const early = registry.store("all").write("aborted", pieces(1), options);
  await expect(early).rejects.toMatchObject({ name: "Aborted" });
  expect(await uploadsUnderWay()).toBe(0);
  expect(await s3.exists({ bucket: "reports", key: "aborted" })).toBe(false);
});

test("wrong keys are PermissionDenied, and a backend that does not answer is BackendUnavailable", async () => {
  const backend = { type: "s3", bucket: "reports", region, endpoint, attemptsMax: 1 } as const;
  const credentials = { ...rootCredential, secretAccessKey: "x".repeat(40) };
  await using registry = Registry.from({
    backends: {
      wrong: { ...backend, credentials },
      anonymous: { ...backend, credentials: { anonymous: true } },
      down: { ...backend, endpoint: "http://127.0.0.1:9", credentials },
    },
    stores: {
      wrong: { backend: "wrong" },
      anonymous: { backend: "anonymous" },
      down: { backend: "down" },
    },
  });
  const nameOf = (name: string): Promise<string> =>
    registry
      .store(name)
      .ping()
      .then(
        () => "no error",
        (error: unknown) => (error instanceof RemoteStoreError ? error.name : String(error)),
      );
  expect(await nameOf("wrong")).toBe("PermissionDenied");
  expect(await nameOf("anonymous")).toBe("PermissionDenied");
  expect(await nameOf("down")).toBe("BackendUnavailable");
  expect(registry.store("down")).toBeInstanceOf(Store);
});

test("the defaults that the reference states are the client's", () => {
  const { attemptsMax, region: signedFor, timeouts } = settingsOf({ credentials: "anonymous" });
  const { keys } = s3Backend;
  expect([keys.attemptsMax.default, keys.region.default]).toEqual([`${attemptsMax}`, signedFor]);
  const stated = Object.entries(keys.timeouts.keys).map(([name, key]) => [name, key.default]);
  expect(Object.fromEntries(stated)).toEqual(
    Object.fromEntries(Object.entries(timeouts).map(([name, value]) => [name, `${value}`])),
  );
});

test("a store of a registry on SFTP works, and its password shows nowhere", async () => {
  const fixture = await fixtureOf();
  const { password, ...options } = fixture.options;
  const path = join(folder, "sftp.json");
  const backend = { ...options, type: "sftp", password: "${SFTP_PASSWORD}" };
  const stores = { letters: { backend: "server", root: "letters" } };
  await writeFile(path, JSON.stringify({ backends: { server: backend }, stores }));
  await using registry = await Registry.fromFile(path, { env: { SFTP_PASSWORD: password } });
  const letters = registry.store("letters");
  await letters.writeText("ada.txt", "Dear Ada", { overwrite: false });
  expect(await fixture.store.readText("letters/ada.txt")).toBe("Dear Ada");
  const shown = inspect([registry, letters], { depth: 30, showHidden: true, getters: true });
  expect(shown).not.toContain(password);
  await registry.close();
  await expect(letters.exists("ada.txt")).rejects.toMatchObject({ name: "Closed" });
});

test("a store of a registry on a web server sends its headers, and shows them nowhere", async () => {
  const token = "Bearer of-the-tests";
  const server = createServer(({ headers }, answer) => {
    const isKnown = headers.authorization === token;
    answer.writeHead(isKnown ? 200 : 401, { "content-length": 8 }).end("Dear Ada");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const backend = { type: "http", baseUrl: `http://127.0.0.1:${port}/letters` } as const;
  await using registry = Registry.from(
    {
      backends: { web: { ...backend, headers: { authorization: "${TOKEN}" } }, bare: backend },
      stores: { web: { backend: "web" }, bare: { backend: "bare" } },
    },
    { env: { TOKEN: token } },
  );
  expect(await registry.store("web").readText("ada.txt")).toBe("Dear Ada");
  const denied = registry.store("bare").readText("ada.txt");
  await expect(denied).rejects.toMatchObject({ name: "PermissionDenied" });
  const shown = inspect([registry, registry.store("web")], { depth: 30, showHidden: true });
  expect(shown).not.toContain(token);
});
