import { readFileSync } from "node:fs";
import { expect, onTestFinished, test, vi } from "vitest";
import { LocalDriver, MemoryDriver, Store } from "@holdfast/store";
import { startGatewayAndClient } from "../client/gateway.ts";
import { codeOfPage } from "./code-of-page.ts";
import { runTypeScript } from "./run-typescript.ts";

test("the code of first-store.md does the same on memory, on a disk and on S3", async () => {
  const running = await startGatewayAndClient();
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await running.close();
  });
  await running.s3.createBucket({ bucket: "photos" });
  vi.stubEnv("S3_ENDPOINT", running.endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", running.credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", running.credentials.secretAccessKey);
  const printed = await runTypeScript(codeOfPage("docs/how-to/store/first-store.md"), ["store"]);
  const tour = [
    "2026/q3.csv 13 day,sum",
    "1,12",
    "",
    "100000 99990",
    "2026/q3.csv 13",
    "AlreadyExists 2026/q3.csv writeText",
    "NotFound false",
    "InvalidPath",
  ];
  const swaps = new LocalDriver({ root: "." }).capabilities.has("conditional_write");
  const [, ...backends] = printed.split("--- ").map((part) => part.trim().split("\n"));
  expect(backends).toEqual([
    ["memory", ...tour, "8", "Closed"],
    ["local", ...tour, ...(swaps ? ["8"] : []), "Closed"],
    ["s3", ...tour, "8", "Closed"],
  ]);
});

const tables = ["move-from-flydrive", "move-from-unstorage"] as const;

test.each([
  ["move-from-flydrive", ["hello", "5", "true"]],
  ["move-from-unstorage", ["{ born: 1815 }", "users/ada", "true"]],
])("the code of %s.md does what the page says", async (page, printed) => {
  const output = await runTypeScript(codeOfPage(`docs/how-to/store/${page}.md`), ["store"]);
  expect(output.trim().split("\n")).toEqual(printed);
});

/** What the code of a page's tables and text calls of a store. */
function methodsIn(page: string): readonly string[] {
  const text = readFileSync(`docs/how-to/store/${page}.md`, "utf8");
  return [...text.matchAll(/`store\.(\w+)\(/g)].map(([, method = ""]) => method);
}

test.each(tables)("every method of a store that %s.md names is one", (page) => {
  const methods = methodsIn(page);
  expect(methods.length).toBeGreaterThan(15);
  const missing = methods.filter((method) => !(method in Store.prototype));
  expect(missing).toEqual([]);
});

test("what the pages say of missing files, folders and overwriting holds", async () => {
  await using store = Store.over(new MemoryDriver());
  await store.writeText("2026/a", "1");
  await store.writeText("2026-old.txt", "1");
  expect([await store.exists("2026"), await store.isFile("2026")]).toEqual([true, false]);
  await expect(store.writeText("2026/a", "2")).rejects.toMatchObject({ name: "AlreadyExists" });
  await expect(store.delete("2026/b")).rejects.toMatchObject({ name: "NotFound" });
  await store.delete("2026/b", { missingOk: true });
  await expect(store.readJson("2026-old.txt/x")).rejects.toMatchObject({ name: "NotFound" });
  await expect(store.deleteFolder("", { recursive: true })).rejects.toMatchObject({
    name: "InvalidPath",
  });
  await store.deleteFolder("2026", { recursive: true, missingOk: true });
  await store.deleteFolder("2026", { recursive: true, missingOk: true });
  expect(await store.isFile("2026-old.txt")).toBe(true);
  await store.write("no-text", new Uint8Array([0xff]));
  await expect(store.readText("no-text")).rejects.toMatchObject({ name: "RemoteStoreError" });
});
