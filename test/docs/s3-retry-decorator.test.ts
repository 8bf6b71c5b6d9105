import { expect, test } from "vitest";
import { runTypeScript } from "./run-typescript.ts";

/** A class whose methods are decorated, and one line of JSON for what became of each call. */
const program = `
import { S3Error, s3Retry } from "@holdfast/client";

const reset = () => Object.assign(new Error("reset"), { code: "ECONNRESET" });

class Uploads {
  calls: string[] = [];
  failures: number;

  constructor(failures: number) {
    this.failures = failures;
  }

  @s3Retry({ maxRetries: 2, baseDelay: 0 })
  async put(key: string): Promise<number> {
    this.calls.push(key);
    if (this.calls.length <= this.failures) throw reset();
    return this.calls.length;
  }

  @s3Retry({ baseDelay: 30 })
  async get(input: { key: string; signal: AbortSignal }): Promise<never> {
    this.calls.push(input.key);
    throw reset();
  }
}

const said = (value: unknown) => console.log(JSON.stringify(value));

const two = new Uploads(2);
const value: number = await two.put("a");
said({ value, calls: two.calls, name: two.put.name });

const nine = new Uploads(9);
said(await nine.put("a").catch((error) => ({ code: error.code, tries: error.history.length })));

const aborted = new Uploads(9);
const controller = new AbortController();
setTimeout(() => controller.abort("enough"), 20);
const error: unknown = await aborted.get({ key: "k", signal: controller.signal }).catch((e) => e);
said(S3Error.is(error) && { name: error.name, cause: error.cause, calls: aborted.calls });
`;

test("a method decorated with s3Retry keeps its this, arguments, type and name, and is retried", async () => {
  const lines = (await runTypeScript(program, ["client"])).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { value: 3, calls: ["a", "a", "a"], name: "put" },
    { code: "ECONNRESET", tries: 3 },
    { name: "S3AbortedError", cause: "enough", calls: ["k"] },
  ]);
});

test("a program that does not compile is told so", async () => {
  await expect(runTypeScript(`const n: number = "a";`, ["client"])).rejects.toThrow(/TS2322/);
});
