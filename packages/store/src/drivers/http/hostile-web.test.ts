import { expect, onTestFinished, test } from "vitest";
import { Store } from "../../store.ts";
import { HttpDriver } from "./http-driver.ts";
import { page, ScriptedWeb, type Reply } from "./scripted-web.test.support.ts";

const bytes = Buffer.alloc(4000, "bytes");

async function serverOf(): Promise<ScriptedWeb> {
  const web = new ScriptedWeb();
  await web.start();
  onTestFinished(() => web.close());
  return web;
}

function storeOf(baseUrl: string): Store {
  const store = Store.over(new HttpDriver({ baseUrl, attemptsMax: 1 }));
  onTestFinished(() => store.close());
  return store;
}

test("a base whose path begins with two slashes is on its own host all the same", async () => {
  const web = await serverOf();
  const baseUrl = web.url.replace("/base", "//base.invalid/base");
  web.next((request, response) =>
    page(response, request.url === "//base.invalid/base/f" ? 410 : 500),
  );
  const doubled = storeOf(baseUrl);
  await expect(doubled.readText("f")).rejects.toMatchObject({ name: "NotFound", status: 410 });
  web.next((_request, response) => page(response, 200));
  await doubled.ping();
  expect(web.requests.map(({ line }) => line)).toEqual([
    "GET //base.invalid/base/f",
    "HEAD //base.invalid/base",
  ]);
});

test("a part that the file has and the server refuses is an error, never empty", async () => {
  const web = await serverOf();
  const store = storeOf(web.url);
  web.files.set("f", bytes);
  const refuses: Reply = (_request, response) =>
    page(response, 416, { "content-range": `bytes */${bytes.length}` });
  for (const part of [{}, { offset: 10 }, { offset: 10, length: 5 }]) {
    web.next(refuses);
    await expect(store.readText("f", part)).rejects.toMatchObject({
      name: "BackendUnavailable",
      status: 416,
    });
  }
  web.next(refuses);
  expect(await store.readText("f", { offset: bytes.length })).toBe("");
});
