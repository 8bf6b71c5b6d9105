import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { tellError } from "../probe/tell-error.ts";
import { NotInstalledError } from "./installed.ts";
import {
  bareEnvironment,
  findProgram,
  makeHome,
  ProgramError,
  runProgram,
  type Command,
} from "./program.ts";

const env = { PATH: process.env["PATH"] ?? "" };
const shell = (script: string): Command => ({
  file: findProgram("sh"),
  args: ["-c", script],
  env,
});

const isAlive = (id: number): boolean => {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
};

test("a program is read to its end, whatever it ends with", async () => {
  const input = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.from("in");
  };
  const ran = await runProgram({ ...shell("cat; echo err >&2; exit 7"), input: input() });
  expect(ran).toEqual({ exitCode: 7, stdout: Buffer.from("in"), stderr: "err\n" });
});

test("a program ends with the signal, and nothing of it stays", async () => {
  const home = await makeHome();
  onTestFinished(() => home.remove());
  const begun = join(home.directory, "begun");
  const abort = new AbortController();
  const script = `echo $$; : > '${begun}'; exec sleep 600`;
  const running = runProgram({ ...shell(script), signal: abort.signal });
  await expect.poll(() => existsSync(begun)).toBe(true);
  const aborted = performance.now();
  abort.abort();
  const ran = await running;
  expect(performance.now() - aborted).toBeLessThan(30_000);
  expect(ran.exitCode).toBe(137);
  const id = Number(ran.stdout.toString());
  expect(id).toBeGreaterThan(1);
  for (let tries = 0; tries < 400 && isAlive(id); tries += 1) await wait(50);
  expect(isAlive(id)).toBe(false);
});

test("a program is given nothing of the user's but the PATH", async () => {
  const home = await makeHome();
  const command = { file: findProgram("env"), args: [], env: bareEnvironment(home) };
  const { stdout } = await runProgram(command);
  const lines = stdout.toString().trim().split("\n");
  const names = lines.map((line) => line.replace(/=.*$/, ""));
  await home.remove();
  expect(names.filter((name) => name !== "_" && name !== "PWD").toSorted()).toEqual([
    "HOME",
    "LANG",
    "PATH",
    "TMPDIR",
  ]);
});

test("what is not on the PATH says so in a sentence", () => {
  expect(() => findProgram("no-such-program")).toThrow(NotInstalledError);
  expect(() => findProgram("no-such-program")).toThrow(/no program no-such-program on the PATH/);
});

test("what stands for a code where an answer has no body is told as the status alone", () => {
  const coded = new ProgramError(1, undefined, { code: "NoSuchKey", status: 404 });
  const wordy = new ProgramError(1, undefined, { code: "Forbidden", status: 403 });
  expect(tellError(coded)).toMatchObject({ codes: ["NoSuchKey"], statuses: [404] });
  expect(tellError(wordy)).toMatchObject({ codes: [], statuses: [403] });
  expect(tellError(coded).names).toContain("PrintedText");
});
