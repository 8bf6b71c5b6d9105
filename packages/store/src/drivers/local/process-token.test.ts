import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { fateOf, processName, processToken } from "./process-token.ts";

/** This process's token with one of its parts exchanged. */
function tokenWith(part: number, value: string): string {
  return `${processToken().split("-").with(part, value).join("-")}-0`;
}

const [host, boot, namespace, pid, start] = [0, 1, 2, 3, 4];

test("this process is alive, and so is one of another user", () => {
  expect(fateOf(`${processToken()}-0`)).toBe("alive");
  expect(processName(`${processToken()}-0`)).toBe(`process ${process.pid}`);
});

test.runIf(process.platform === "linux")(
  "a process that ended is dead, and so is one whose number another has now",
  async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    const token = tokenWith(pid, (child.pid ?? 0).toString(16));
    await once(child, "close");
    expect(fateOf(token)).toBe("dead");
    expect(fateOf(tokenWith(start, "1"))).toBe("dead");
    expect(fateOf(tokenWith(boot, "1"))).toBe("dead");
  },
);

test("of another container, another machine and what is no token nobody can say", () => {
  const elsewhere = `${["1", "2", ...processToken().split("-").slice(2)].join("-")}-0`;
  for (const token of [tokenWith(namespace, "1"), elsewhere, "", "x", "0-0-0-0-0"]) {
    expect(fateOf(token)).toBe("unknown");
  }
  expect(fateOf(tokenWith(host, "1"))).toBe(process.platform === "linux" ? "alive" : "unknown");
  expect(processName(elsewhere)).toContain("another machine");
  expect(processName("")).toBe("an unknown process");
});
