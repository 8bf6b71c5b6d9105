import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Node as it is where ssh2 was never installed. */
const hooks = `export async function resolve(specifier, context, next) {
  if (specifier === "ssh2") throw Object.assign(new Error("gone"), { code: "ERR_MODULE_NOT_FOUND" });
  return next(specifier, context);
}`;

const program = `
import { register } from "node:module";
register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hooks)}));
const { Store } = await import("@holdfast/store");
const { SftpDriver } = await import("@holdfast/store/sftp");
const store = Store.over(new SftpDriver({ host: "127.0.0.1", username: "ada" }));
const error = await store.readText("f").catch((failed) => failed);
console.log(JSON.stringify(error));
await store.close();
`;

test("without ssh2 the driver is imported and made, and a call says what to install", async () => {
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program]);
  expect(JSON.parse(stdout)).toMatchObject({
    name: "BackendUnavailable",
    message: "SFTP needs a package that is not installed: npm install ssh2",
    retryable: false,
    path: "f",
  });
});
