import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { launch, type Server } from "./server.ts";

const home = dirname(createRequire(import.meta.url).resolve("s3rver/package.json"));

/** The emulator that Holdfast is measured against, silent and without a log. */
export async function startS3rver(directory: string): Promise<Server> {
  const bin = join(home, "bin/s3rver.js");
  const bucket = ["--configure-bucket", "bench"];
  return launch({
    name: "s3rver",
    credential: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
    args: [bin, "-d", directory, "-a", "127.0.0.1", "-p", "0", "--silent", ...bucket],
    port(line) {
      const port = /listening on .*:(\d+)$/.exec(line)?.[1];
      return port === undefined ? undefined : Number(port);
    },
  });
}
