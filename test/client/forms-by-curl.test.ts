import { execFile, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bucket, startGatewayAndClient, type Running } from "./gateway.ts";

let running: Running;
beforeAll(async () => {
  running = await startGatewayAndClient();
});
afterAll(() => running.close());

const isMissing = spawnSync("curl", ["--version"]).error !== undefined;
if (isMissing) console.log("forms-by-curl.test.ts: skipped, there is no curl");

test.skipIf(isMissing).each([0, 5, 70_000, 3_000_000])(
  "a form that the client presigns and curl sends stores a file of %d bytes",
  async (size) => {
    const path = join(running.directory, `a "file" of ${size}.bin`);
    const bytes = Buffer.alloc(size, "\r\n--------------------------x");
    await writeFile(path, bytes);
    const { url, fields } = await running.s3.presignPost({
      bucket,
      key: `curl/${size}/\${filename}`,
      conditions: [["content-length-range", 0, 3_000_000]],
    });
    const parts = Object.entries(fields).flatMap(([name, value]) => ["--form-string", `${name}=${value}`]); // prettier-ignore
    const quoted = path.replaceAll('"', String.raw`\"`);
    const file = ["-F", `file=@"${quoted}"`];
    const { stdout } = await promisify(execFile)("curl", ["-sS", "-w", "%{http_code}", ...parts, ...file, url]); // prettier-ignore
    expect(stdout).toBe("204");
    const objects: { readonly key: string; readonly size: number }[] = [];
    for await (const one of running.s3.listObjects({ bucket, prefix: `curl/${size}/` })) {
      objects.push(one);
    }
    expect(objects).toMatchObject([{ size }]);
    const stored = await running.s3.getObject({ bucket, key: objects[0]?.key ?? "" });
    expect(Buffer.from(await stored.body.bytes()).equals(bytes)).toBe(true);
  },
);
