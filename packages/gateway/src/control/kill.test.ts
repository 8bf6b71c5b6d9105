import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { expect, test } from "vitest";
import type { ControlPlane } from "./control-plane.ts";
import { PlaneFixture } from "./plane.test.support.ts";

const rounds = 8;
const program = fileURLToPath(
  new URL("../../dist/control/changing-process.test.support.js", import.meta.url),
);

const states = ["enabled", "disabled", "deleted"] as const;
const lineSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ accessKeyId: v.string(), is: v.picklist(states), secretAccessKey: v.string() }),
);
type Said = v.InferOutput<typeof lineSchema>;

/** What a process said before it was killed, in order. */
async function untilKilled(fixture: PlaneFixture): Promise<Said[]> {
  const child = spawn(process.execPath, [program, fixture.path, fixture.keyFile], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: Said[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => said.push(v.parse(lineSchema, line)));
  const ended = once(lines, "close");
  await once(lines, "line");
  await sleep(randomInt(400));
  child.kill("SIGKILL");
  await ended;
  return said;
}

function stateOf(plane: ControlPlane, { accessKeyId, secretAccessKey }: Said): Said["is"] {
  const found = plane.credential(accessKeyId);
  if (found === undefined) return "deleted";
  expect(found.secretAccessKey).toBe(secretAccessKey);
  return found.disabled ? "disabled" : "enabled";
}

test("what a process had acknowledged before it was killed is there, also for one that serves", async () => {
  const fixture = await PlaneFixture.make();
  try {
    const serving = await fixture.open();
    await serving.createTenant({ name: "acme" });
    const known = new Map<string, Said>();
    let acknowledged = 0;
    for (let round = 0; round < rounds; round += 1) {
      const said = await untilKilled(fixture);
      acknowledged += said.length;
      for (const line of said) known.set(line.accessKeyId, line);
      const last = said.at(-1);
      const restarted = await fixture.open();
      serving.refresh();
      for (const line of known.values()) {
        const is = stateOf(restarted, line);
        expect(stateOf(serving, line)).toBe(is);
        // What was being done when it was killed may have been done.
        const next = states[states.indexOf(line.is) + 1];
        if (line === last && is === next) known.set(line.accessKeyId, { ...line, is });
        else expect(is).toBe(line.is);
      }
      const there = [...known.values()].filter(({ is }) => is !== "deleted").length;
      const unsaid = restarted.state().credentials - there;
      expect(unsaid).toBeGreaterThanOrEqual(0);
      expect(unsaid).toBeLessThanOrEqual(round + 1);
      await restarted.close();
    }
    console.log(`${rounds} kills, ${acknowledged} acknowledged changes, all kept`);
  } finally {
    await fixture.remove();
  }
});
