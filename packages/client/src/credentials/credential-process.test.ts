import { expect, test } from "vitest";
import { runCredentialProcess } from "./credential-process.ts";
import { failureOf } from "./failure-of.test.support.ts";

test("a program that takes too long is stopped, even if it would rather not be", async () => {
  const script = `process.on("SIGTERM", () => 0);setInterval(() => 0, 1e3)`;
  const value = `'${process.execPath}' -e '${script}'`;
  const began = performance.now();
  const setting = { value, file: "config", where: "config:7", nested: new Map() };
  const failure = await failureOf(runCredentialProcess(setting, 300));
  expect(failure.message).toContain("config:7: ");
  expect(failure.fields.code).toBe("CredentialsUnavailable");
  expect(performance.now() - began).toBeLessThan(10_000);
});
