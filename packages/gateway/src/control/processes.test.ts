import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PlaneFixture } from "./plane.test.support.ts";

const rounds = 334;
const program = fileURLToPath(
  new URL("../../dist/control/other-process.test.support.js", import.meta.url),
);

let fixture: PlaneFixture;

beforeEach(async () => {
  fixture = await PlaneFixture.make();
});

afterEach(async () => {
  await fixture.remove();
});

async function asked(child: ChildProcess, accessKeyId: string): Promise<unknown> {
  const answer = once(child, "message");
  child.send(accessKeyId);
  const [found]: unknown[] = await answer;
  return found;
}

test("what one process changed holds for the very next request of another", async () => {
  const plane = await fixture.open();
  await plane.createTenant({ name: "acme" });
  const child = fork(program, [fixture.path, fixture.keyFile], { execArgv: [] });
  await once(child, "message");
  let changes = 0;
  for (let round = 0; round < rounds; round += 1) {
    const { credential, secretAccessKey } = await plane.createCredential({
      tenant: "acme",
      grants: [{ bucket: "*", verbs: ["read"] }],
    });
    const { accessKeyId } = credential;
    expect(await asked(child, accessKeyId)).toEqual({ disabled: false, secretAccessKey });
    await plane.updateCredential(accessKeyId, { disabled: true });
    expect(await asked(child, accessKeyId)).toEqual({ disabled: true, secretAccessKey });
    await plane.deleteCredential(accessKeyId);
    expect(await asked(child, accessKeyId)).toEqual({});
    changes += 3;
  }
  child.disconnect();
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  expect(changes).toBeGreaterThanOrEqual(1000);
  console.log(`${changes} changes in one process, each seen by the next request in another`);
});
