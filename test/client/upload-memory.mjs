// Uploads what it makes as it goes, and says how much memory its buffers had at most, in bytes, beyond those before.
import { S3Client } from "@holdfast/client";

const { HOLDFAST_ENDPOINT: endpoint, HOLDFAST_UPLOAD: options = "{}" } = process.env;
const { bytes, ...input } = JSON.parse(options);
const s3 = new S3Client({
  endpoint,
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret of the tests" },
  checksums: "always",
});
const piece = Buffer.alloc(2 ** 18, "x");
let most = 0;
let given = 0;
async function* body() {
  for (; given < bytes; given += piece.length) {
    yield piece;
    if (given % 2 ** 20 !== 0) continue;
    globalThis.gc();
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
}
globalThis.gc();
const before = process.memoryUsage().arrayBuffers;
await s3.upload({ bucket: "transfers", key: "memory", body: body(), ...input });
s3.close();
process.stdout.write(String(most - before));
