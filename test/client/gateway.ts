import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client, type S3ClientOptions } from "@holdfast/client";
import { openEngine } from "@holdfast/engine";
import { rootControl, startGateway } from "@holdfast/gateway";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret of the tests" };

/** A gateway on an engine of its own, and a client of it. */
export interface Running {
  /** Empty, and for whatever a test likes. */
  readonly directory: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly s3: S3Client;
  close(): Promise<void>;
}

export const bucket = "transfers";

/** Starts one with a bucket; `close` takes everything away again. */
export async function startGatewayAndClient(
  options: Partial<S3ClientOptions> = {},
): Promise<Running> {
  const base = await mkdtemp(join(tmpdir(), "holdfast-client-"));
  const directory = await mkdtemp(join(tmpdir(), "holdfast-files-"));
  const engine = await openEngine({ directory: base });
  const gateway = await startGateway({
    engine,
    control: rootControl(credentials),
    region: "us-east-1",
    statusProfile: "documented",
    host: "127.0.0.1",
    port: 0,
  });
  const { endpoint } = gateway;
  const s3 = new S3Client({ endpoint, credentials, checksums: "always", ...options });
  await s3.createBucket({ bucket });
  return {
    directory,
    endpoint,
    credentials,
    s3,
    async close() {
      s3.close();
      await gateway.close({ graceMs: 0 });
      await engine.close();
      await Promise.all([base, directory].map((path) => rm(path, { recursive: true })));
    },
  };
}
