import { inspect } from "node:util";
import { ContainerClient } from "@azure/storage-blob";
import { beforeEach, afterEach, expect, test } from "vitest";
import { conformance } from "../../conformance/conformance.ts";
import { runAgainstModel } from "../../conformance/model-run.ts";
import { recorded } from "../../conformance/recorded.test.support.ts";
import { Store } from "../../store.ts";
import { AzureDriver, type AzureDriverOptions } from "./azure-driver.ts";
import { accountKey, azureFixture, type AzureFixture } from "./azure-fixture.test.support.ts";
import type { ScriptedAzure } from "./scripted-azure.test.support.ts";

const blocksStay =
  "Azure keeps blocks that were not committed for a week, invisible, and no request drops them.";

const exceptions = {
  "write.aborted-late": blocksStay,
  "write.race-late": blocksStay,
  "fault.write": blocksStay,
  "name.backslash": "Azure turns a backslash into a slash.",
  "name.controls": "Azure refuses control characters.",
  "name.dots": "Azure drops a dot at the end of a name.",
};

const without = { "refused-keys": "Blobs are deleted one by one, each with an answer of its own." };

await conformance(
  {
    name: "azure, scripted",
    make: () => azureFixture(),
    without,
    exceptions,
    secrets: [accountKey],
  },
  test,
  { results: recorded },
);

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const steps = Number(process.env["HOLDFAST_STORE_STEPS"] ?? 1000);
/** The usual ones without the backslash, which Azure has no room for. */
const names = ["a", "a_b", "axb", "%", "*", "[a]", "?", "a.b", "ü"] as const;

test(`a random run of ${steps} operations comes out as in memory (HOLDFAST_SEED=${seed}, HOLDFAST_STORE_STEPS)`, async () => {
  await runAgainstModel(await remake(), { seed, steps, names });
}, 600_000);

let azure: ScriptedAzure;
let store: Store;
let fixture: AzureFixture;

beforeEach(async () => {
  fixture = await remake();
});

afterEach(() => fixture.end());

async function remake(options: Partial<AzureDriverOptions> = {}): Promise<AzureFixture> {
  await fixture?.end();
  fixture = await azureFixture(options);
  ({ azure, store } = fixture);
  return fixture;
}

const codes: [status: number, code: string, name: string, also?: object][] = [
  [404, "BlobNotFound", "NotFound"],
  [404, "ContainerNotFound", "NotFound"],
  [409, "ContainerBeingDeleted", "NotFound"],
  [403, "AuthorizationFailure", "PermissionDenied"],
  [403, "AuthenticationFailed", "PermissionDenied"],
  [401, "NoAuthenticationInformation", "PermissionDenied"],
  [409, "BlobImmutableDueToPolicy", "PermissionDenied"],
  [412, "LeaseIdMissing", "ResourceLocked"],
  [409, "LeaseAlreadyPresent", "ResourceLocked"],
  [412, "LeaseIdMismatchWithBlobOperation", "ResourceLocked"],
  [409, "PendingCopyOperation", "ResourceLocked"],
  [412, "ConditionNotMet", "PreconditionFailed"],
  [503, "ServerBusy", "Throttled", { retryable: true }],
  [500, "OperationTimedOut", "BackendUnavailable", { retryable: true }],
  [500, "InternalError", "BackendUnavailable", { retryable: true }],
  [400, "Md5Mismatch", "IntegrityError"],
  [400, "InvalidResourceName", "InvalidPath"],
  [409, "SnapshotsPresent", "RemoteStoreError", { retryable: false }],
  [418, "ShortAndStout", "RemoteStoreError", { retryable: false }],
];

test.each(codes)("%i %s is %s to a caller, with Azure's code", async (...row) => {
  const [status, code, name, also] = row;
  azure.failNext({ status, code });
  const said = { name, code, status, requestId: "request-7", path: "k", backend: "azure", ...also };
  await expect(store.delete("k")).rejects.toMatchObject(said);
});

test("a HEAD has no body, and its failure has the code all the same", async () => {
  azure.failNext({ status: 403, code: "AuthorizationPermissionMismatch" });
  const denied = { name: "PermissionDenied", code: "AuthorizationPermissionMismatch" };
  await expect(store.getFileInfo("k")).rejects.toMatchObject(denied);
});

test("an account that cannot be reached is BackendUnavailable, and nothing has happened there", async () => {
  await azure.close();
  const unreached = { name: "BackendUnavailable", retryable: true, ambiguous: false };
  await expect(store.writeText("k", "")).rejects.toMatchObject(unreached);
});

test("a write that Azure carries out and does not answer is ambiguous, and is not sent again", async () => {
  await remake({ attemptsMax: 5 });
  azure.failNext("lost-answer");
  const lost = { name: "BackendUnavailable", retryable: true, ambiguous: true };
  await expect(store.writeText("k", "text")).rejects.toMatchObject(lost);
  expect(azure.requests).toHaveLength(1);
  expect(await store.readText("k")).toBe("text");
});

test("a commit that Azure carries out and does not answer is ambiguous, and is not sent again", async () => {
  await remake({ attemptsMax: 5, blockBytes: 1000 });
  azure.failNext("lost-answer", /comp=blocklist/);
  const lost = { name: "BackendUnavailable", ambiguous: true };
  await expect(store.write("k", new Uint8Array(2500))).rejects.toMatchObject(lost);
  expect(azure.requests.filter(({ line }) => line.includes("blocklist"))).toHaveLength(1);
  expect((await store.getFileInfo("k")).size).toBe(2500);
});

test("a write that Azure was too busy for is sent again, after the time that it asked for", async () => {
  await remake({ attemptsMax: 2 });
  azure.failNext({ status: 503, code: "ServerBusy", retryAfter: 1 });
  const before = performance.now();
  await store.writeText("k", "text");
  expect(performance.now() - before).toBeGreaterThan(990);
  expect(azure.requests).toHaveLength(2);
});

test("a wait that is longer than anyone wants is the caller's, who is told how long", async () => {
  await remake({ attemptsMax: 2 });
  azure.failNext({ status: 503, code: "ServerBusy", retryAfter: 600 });
  const busy = { name: "Throttled", retryable: true, retryAfter: 600 };
  await expect(store.readText("k")).rejects.toMatchObject(busy);
});

test("a read and the blocks of a write are sent again after a reset and a failing service", async () => {
  await remake({ attemptsMax: 2, blockBytes: 1000 });
  azure.failNext("reset", /comp=block&/);
  azure.failNext({ status: 500, code: "InternalError" }, /comp=block&/);
  await store.write("k", Buffer.alloc(3500, "a"));
  azure.failNext("reset", /^GET/);
  expect(await store.readText("k")).toBe("a".repeat(3500));
});

test("a body that breaks off goes on where it was, of the same blob", async () => {
  await remake({ attemptsMax: 3 });
  const bytes = Buffer.from(Array.from({ length: 4000 }, (_, index) => index % 251));
  await store.write("k", bytes);
  azure.failNext("truncated", /^GET/);
  azure.failNext("truncated", /^GET/);
  expect(Buffer.from(await store.readBytes("k", { offset: 10 })).equals(bytes.subarray(10))).toBe(
    true,
  );
  const ranges = azure.requests.slice(1).map(({ headers }) => headers["x-ms-range"]);
  expect(ranges).toEqual(["bytes=10-", "bytes=2005-3999", "bytes=3002-3999"]);
});

test("a body that breaks off is never an end, and of another blob it is ModifiedDuringRead", async () => {
  await store.write("k", new Uint8Array(4000));
  azure.failNext("truncated", /^GET/);
  await expect(store.readBytes("k")).rejects.toMatchObject({ name: "BackendUnavailable" });
  await remake({ attemptsMax: 2 });
  await store.write("k", new Uint8Array(4000));
  azure.failNext("truncated", /^GET/);
  const stream = await store.read("k");
  await store.write("k", new Uint8Array(5000), { overwrite: true });
  await expect(stream.bytes()).rejects.toMatchObject({ name: "ModifiedDuringRead", path: "k" });
});

test("an answer that does not come and a body that stalls are timeouts", async () => {
  await remake({ timeoutMs: 200 });
  azure.failNext("silence");
  const late = { name: "BackendUnavailable", retryable: true, code: "HeadersTimeout" };
  await expect(store.writeText("k", "text")).rejects.toMatchObject({ ...late, ambiguous: true });
  await store.write("k", new Uint8Array(4000));
  azure.failNext("silence", /^GET/);
  await expect(store.readBytes("k")).rejects.toMatchObject({ ...late, ambiguous: false });
  azure.failNext("stall", /^GET/);
  await expect(store.readBytes("k")).rejects.toMatchObject({ code: "IdleTimeout" });
});

test("a signal ends a request that is not answered, and no second one is sent", async () => {
  await remake({ attemptsMax: 5 });
  azure.failNext("silence");
  const read = store.readBytes("k", { signal: AbortSignal.timeout(100) });
  await expect(read).rejects.toMatchObject({ name: "Aborted" });
  expect(azure.requests).toHaveLength(1);
});

test("what a signal ended may have happened once Azure had been asked for it, and says so", async () => {
  await remake({ blockBytes: 1000 });
  await store.writeText("k", "old");
  const calls: [RegExp, (signal: AbortSignal) => Promise<unknown>, boolean][] = [
    [
      /comp=block&/,
      (signal) => store.write("k", new Uint8Array(5000), { overwrite: true, signal }),
      false,
    ],
    [
      /comp=blocklist/,
      (signal) => store.write("k", new Uint8Array(5000), { overwrite: true, signal }),
      true,
    ],
    [/^PUT/, (signal) => store.writeText("k", "new", { overwrite: true, signal }), true],
    [/^DELETE/, (signal) => store.delete("k", { signal }), true],
  ];
  for (const [line, call, ambiguous] of calls) {
    azure.failNext("silence", line);
    const ended = call(AbortSignal.timeout(200));
    await expect(ended, `${line}`).rejects.toMatchObject({ name: "Aborted", ambiguous });
  }
});

test("a signal that ends an upload before its first block ends it before it is sent", async () => {
  await remake({ blockBytes: 1000 });
  const ending = new AbortController();
  const write = store.write("k", new Uint8Array(9000), { overwrite: true, signal: ending.signal });
  ending.abort();
  await expect(write).rejects.toMatchObject({ name: "Aborted", ambiguous: false });
  expect(azure.requests).toEqual([]);
});

test("a range that the blob has and Azure refuses is an error, never empty", async () => {
  await store.writeText("k", "as long as it was when it was looked at");
  for (const part of [{}, { offset: 3, length: 5 }]) {
    azure.failNext({ status: 416, code: "InvalidRange" }, /^GET/);
    const read = store.readText("k", part);
    await expect(read).rejects.toMatchObject({ name: "ModifiedDuringRead", retryable: true });
  }
  expect(await store.readText("k", { offset: 100 })).toBe("");
});

test("another part of a blob than was asked for is refused, also of one that is gone on with", async () => {
  await remake({ attemptsMax: 2 });
  await store.writeText("k", "0123456789");
  const refused = { name: "BackendUnavailable", retryable: false };
  for (const part of [{ offset: 3 }, { length: 5 }, { offset: 3, length: 5 }]) {
    azure.failNext("whole", /^GET/);
    await expect(store.readText("k", part)).rejects.toMatchObject(refused);
  }
  azure.failNext("truncated", /^GET/);
  azure.failNext("whole", /^GET/);
  await expect(store.readText("k")).rejects.toMatchObject(refused);
});

test("what Azure would keep under another name is InvalidPath, and nothing is sent", async () => {
  for (const path of ["a\\b", "a.", "a./b", "a\nb", "\u0081", "n".repeat(1025)]) {
    const invalid = { name: "InvalidPath", path };
    await expect(store.writeText(path, "")).rejects.toMatchObject(invalid);
    await expect(store.read(path)).rejects.toMatchObject(invalid);
    expect(await store.exists(path)).toBe(false);
  }
  expect(azure.requests.filter(({ line }) => !line.includes("comp=list"))).toEqual([]);
});

test("an etag that no blob can have is a condition that is not met, never one that any blob meets", async () => {
  await store.writeText("k", "");
  for (const ifMatch of ["*", 'a"b', "a\r\nb", ""]) {
    const failed = { name: "PreconditionFailed" };
    await expect(store.read("k", { ifMatch })).rejects.toMatchObject(failed);
    await expect(store.writeText("k", "", { ifMatch })).rejects.toMatchObject(failed);
    await expect(store.delete("k", { ifMatch })).rejects.toMatchObject(failed);
  }
});

test("a copy has Azure read the source by a token of its own for an hour", async () => {
  await store.writeText("a b", "text");
  await store.copy("a b", "c");
  const copy = azure.requests.find(({ headers }) => "x-ms-copy-source" in headers);
  const source = new URL(String(copy?.headers["x-ms-copy-source"]));
  expect(source.pathname).toBe("/account/container/a%20b");
  expect(source.searchParams.get("sp")).toBe("r");
  expect(source.searchParams.get("sr")).toBe("b");
});

test("a blob that is too large for one request is copied by blocks, of one and the same source", async () => {
  const source = { contentType: "text/csv", metadata: { author: "Ada" } };
  const large = Buffer.alloc(300 * 2 ** 20);
  await store.write("k", large.subarray(0, 9), source);
  azure.enlarge("k", large);
  await store.copy("k", "l");
  expect(await store.getFileInfo("l")).toMatchObject({ size: 300 * 2 ** 20, ...source });
  expect(azure.requests.filter(({ line }) => line.includes("comp=block&"))).toHaveLength(5);
  azure.failNext({ status: 500, code: "InternalError" }, /comp=blocklist/);
  await expect(store.copy("k", "l", { overwrite: true })).rejects.toMatchObject({
    ambiguous: true,
  });
  expect((await store.getFileInfo("l")).size).toBe(300 * 2 ** 20);
  azure.failNext({ status: 400, code: "InvalidBlockList" }, /comp=blocklist/);
  const exists = { name: "AlreadyExists", cause: { code: "InvalidBlockList" } };
  await expect(store.copy("k", "l")).rejects.toMatchObject(exists);
});

test("with a credential Azure reads the source by its token, and one without a token is PermissionDenied", async () => {
  let token: string | undefined = "the-bearer-token";
  const getToken = async (): Promise<{ token: string; expiresOnTimestamp: number } | null> =>
    token === undefined ? null : { token, expiresOnTimestamp: Date.now() + 3_600_000 };
  // Over plain HTTP the SDK sends no token anywhere: only Azure's reading of the source would.
  await remake({ accountKey: undefined, accountName: undefined, credential: { getToken } });
  await expect(store.readText("k")).rejects.toMatchObject({ backend: "azure" });
  token = undefined;
  await expect(store.copy("k", "l")).rejects.toMatchObject({ backend: "azure" });
});

/** All that anybody could print of an error: by `console.log`, in JSON, with every field that can be reached. */
function printed(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const deep = { depth: 20, showHidden: true };
  return [
    inspect(error, deep),
    inspect(cause, deep),
    JSON.stringify([error, cause]),
    String(error),
  ].join();
}

test("no error, no driver and no store prints the key, the token or a signature", async () => {
  const sasToken = "sv=2024-11-04&sp=r&sig=c2VjcmV0%2Bc2lnbmF0dXJl";
  for (const options of [{}, { accountKey: undefined, accountName: undefined, sasToken }]) {
    await remake(options);
    for (const fault of ["reset", { status: 403, code: "AuthenticationFailed" }] as const) {
      azure.failNext(fault);
      const error = await store.readText("k").catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      const { headers, line } = azure.requests.at(-1) ?? expect.fail("nothing was sent");
      const sent = `${headers.authorization ?? ""} ${line}`;
      const secrets = [accountKey, "c2VjcmV0", /:(.{20,})/.exec(sent)?.[1] ?? "c2VjcmV0"];
      expect(sent).toContain(secrets.at(-1));
      const text = [printed(error), printed(fixture.driver), printed(store)].join();
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
  }
});

test("the SDK's own error would have printed the signature: the test above can fail", async () => {
  azure.failNext({ status: 403, code: "AuthenticationFailed" });
  const client = new ContainerClient(`${azure.url}/container?sp=r&sig=c2VjcmV0`);
  const error = await client
    .getBlobClient("k")
    .delete()
    .catch((thrown: unknown) => thrown);
  expect(printed(error)).toContain("c2VjcmV0");
});

test("options that name no account, two of them or a URL with a token in it are refused, and not repeated", () => {
  const wrong: readonly Partial<AzureDriverOptions>[] = [
    {},
    { accountUrl: "https://a.blob.core.windows.net", connectionString: "AccountKey=c2VjcmV0" },
    { accountUrl: "https://a.blob.core.windows.net", accountKey: "c2VjcmV0", sasToken: "c2VjcmV0" },
    { accountUrl: "https://a.blob.core.windows.net/?sig=c2VjcmV0" },
    { accountUrl: "c2VjcmV0" },
    { accountUrl: "https://a.blob.core.windows.net", container: "" },
  ];
  for (const options of wrong) {
    const made = (): AzureDriver => new AzureDriver({ container: "c", ...options });
    expect(made).toThrow(TypeError);
    expect(made).not.toThrow(/c2VjcmV0/);
  }
});

test("a connection string that cannot be read fails with the first call, and is not repeated", async () => {
  const connectionString = "DefaultEndpointsProtocol=https;AccountName=;AccountKey=c2VjcmV0";
  const broken = Store.over(new AzureDriver({ container: "c", connectionString }));
  const error = await broken.readText("k").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "RemoteStoreError", backend: "azure" });
  expect(printed(error)).not.toContain("c2VjcmV0");
});
