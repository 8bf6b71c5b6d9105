import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@holdfast/client";
import { openEngine } from "@holdfast/engine";
import { openControl, startGateway, type ControlPlane } from "@holdfast/gateway";

const root = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret of the tests" };

/** A gateway whose buckets may be opened to anyone, and which keeps their settings in a database. */
export interface OpenGateway {
  readonly control: ControlPlane;
  readonly s3: S3Client;
  readonly endpoint: string;
  /** What programs of the documentation read from their environment. */
  readonly env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** Starts one with a bucket; `close` takes everything away again. */
export async function startOpenGateway(bucket: string): Promise<OpenGateway> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-open-"));
  const engine = await openEngine({ directory: join(directory, "data") });
  const control = await openControl({
    path: join(directory, "control.db"),
    masterKeys: { file: join(directory, "master.key") },
    root,
  });
  const gateway = await startGateway({
    engine,
    control,
    anonymous: true,
    region: "us-east-1",
    statusProfile: "documented",
    host: "127.0.0.1",
    port: 0,
  });
  const { endpoint } = gateway;
  const s3 = new S3Client({ endpoint, credentials: root });
  await s3.createBucket({ bucket });
  const env = {
    ...process.env,
    S3_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: root.accessKeyId,
    AWS_SECRET_ACCESS_KEY: root.secretAccessKey,
  };
  return {
    control,
    s3,
    endpoint,
    env,
    async close() {
      s3.close();
      await gateway.close({ graceMs: 0 });
      await control.close();
      await engine.close();
      await rm(directory, { recursive: true });
    },
  };
}
