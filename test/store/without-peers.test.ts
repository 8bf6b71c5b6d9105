import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Node as it is where a package was never installed. */
function hooks(missing: string): string {
  return `export async function resolve(specifier, context, next) {
  if (specifier === ${JSON.stringify(missing)}) throw Object.assign(new Error("gone"), { code: "ERR_MODULE_NOT_FOUND" });
  return next(specifier, context);
}`;
}

function program(missing: string, entry: string, driver: string): string {
  return `
import { register } from "node:module";
register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hooks(missing))}));
const { Store } = await import("@holdfast/store");
const drivers = await import(${JSON.stringify(entry)});
const store = Store.over(new drivers.${driver});
const error = await store.readText("f").catch((failed) => failed);
console.log(JSON.stringify(error));
await store.close();
`;
}

test.each([
  ["ssh2", "@holdfast/store/sftp", 'SftpDriver({ host: "127.0.0.1", username: "ada" })'],
  [
    "@azure/storage-blob",
    "@holdfast/store/azure",
    'AzureDriver({ container: "c", accountUrl: "http://127.0.0.1:1" })',
  ],
])("without %s its driver is imported and made, and a call says what to install", async (...of) => {
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program(...of)]);
  const [missing] = of;
  expect(JSON.parse(stdout)).toMatchObject({
    name: "BackendUnavailable",
    code: "ERR_MODULE_NOT_FOUND",
    message: expect.stringMatching(new RegExp(`: npm install ${missing}$`)),
    retryable: false,
    path: "f",
  });
});
