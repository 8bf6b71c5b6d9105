// Downloads into a file, slowly; says when it has some of it. With HOLDFAST_WHOLE, to the end and as fast as it can.
import { S3Client } from "@holdfast/client";

const { HOLDFAST_ENDPOINT: endpoint, HOLDFAST_FILE: file, HOLDFAST_WHOLE: whole } = process.env;
const s3 = new S3Client({
  endpoint,
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret of the tests" },
  checksums: "always",
});
let told = false;
await s3.download({
  bucket: "transfers",
  key: "down",
  file,
  resume: true,
  onProgress({ transferredBytes }) {
    if (whole !== undefined) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    if (!told && transferredBytes > 4_000_000) {
      told = true;
      process.stdout.write("some\n");
    }
  },
});
s3.close();
