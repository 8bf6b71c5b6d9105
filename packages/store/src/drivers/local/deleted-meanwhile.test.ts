import type * as fs from "node:fs/promises";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Store } from "../../store.ts";
import { makeLocal, type LocalFixture } from "./local-fixture.test.support.ts";

/** What another does once a file has its second name and before its first one is taken away. */
let meanwhile: ((from: string) => Promise<void>) | undefined;

vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const link: typeof real.link = async (from, to) => {
    await real.link(from, to);
    await meanwhile?.(String(from));
  };
  return { ...real, link };
});

let fixture: LocalFixture;
let store: Store;

beforeEach(async () => {
  fixture = await makeLocal();
  ({ store } = fixture);
});

afterEach(async () => {
  meanwhile = undefined;
  await fixture.end();
});

test("a file whose folder is deleted once it is there was stored, and then deleted", async () => {
  meanwhile = (temporary) => rm(dirname(temporary), { recursive: true });
  expect(await store.writeText("d/f", "")).toMatchObject({ path: "d/f", size: 0 });
  meanwhile = undefined;
  expect(await store.exists("d")).toBe(false);
});
