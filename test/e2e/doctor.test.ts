import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run, serve, temporaryFolder } from "./holdfast.ts";

test("a doctor leaves nothing behind and exits 1 for what must be mended", async () => {
  const folder = temporaryFolder();
  const data = join(folder, "data");
  const well = await run(["doctor", "--json", "--data", data, "--listen", "127.0.0.1:0"]);
  expect(JSON.parse(well.stdout)).toMatchObject({ event: "doctor", healthy: true });
  expect(well).toMatchObject({ status: 0, stderr: "" });
  expect(readdirSync(folder)).toEqual([]);
  mkdirSync(data);
  writeFileSync(join(data, "root-credential.json"), "{}", { mode: 0o644 });
  const ill = await run(["doctor", "--data", data, "--listen", "127.0.0.1:0"]);
  expect(ill.status).toBe(1);
  expect(ill.stdout).toMatch(/^fail +credential .*\n +run chmod 600/m);
});

test("a doctor knows the server of its own directory from a stranger on its port", async () => {
  const data = join(temporaryFolder(), "data");
  const server = await serve(["--data", data]);
  const { host } = new URL(server.endpoint);
  const own = await run(["doctor", "--data", data, "--listen", host]);
  expect(own.stdout).toContain(`${host} is served from this directory`);
  const other = await run(["doctor", "--data", temporaryFolder(), "--listen", host]);
  expect(other.status).toBe(1);
  expect(other.stdout).toMatch(/^fail +port .* in use by another process\n +stop that one/m);
});
