import { join } from "node:path";
import { S3Client } from "@holdfast/client";
import { openEngine } from "@holdfast/engine";
import { openUpstreams, startGateway, type RequestRecord } from "@holdfast/gateway";
import {
  MemoryControl,
  testCredential,
} from "../../../packages/gateway/src/access/memory-control.test.support.ts";
import type { Client, Driver } from "../client.ts";
import type { Endpoint, StatusProfile } from "../context.ts";
import { makeTemporaryDirectory } from "../temporary-directory.ts";

/** The S3 server that keeps the buckets, and the credential it gave the gateway. */
export interface Upstream {
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Whether it knows checksums that come behind a body; it does unless told. */
  readonly checksumTrailers?: boolean;
}

/** A gateway in front of an upstream. */
export interface Front {
  readonly endpoint: Endpoint;
  readonly records: readonly RequestRecord[];
  /** The client, with buckets that an operator attaches before they are made and takes away after. */
  behind(client: Client): Client;
  stop(): Promise<void>;
}

const region = "us-east-1";
const tenant = testCredential("INTEROPTENANTKEYID", { grants: "all" });

/** Buckets are kept under another name than clients know them by. */
const remoteName = (bucket: string): string => `far-${bucket}`;

/** Starts one, which keeps nothing itself. */
export async function startFront(upstream: Upstream, profile: StatusProfile): Promise<Front> {
  const { url, accessKeyId: id, secretAccessKey: secret, checksumTrailers } = upstream;
  const credentials = { accessKeyId: id, secretAccessKey: secret };
  const temporary = makeTemporaryDirectory();
  const engine = await openEngine({ directory: join(temporary.path, "engine") });
  const control = new MemoryControl(tenant);
  const upstreams = openUpstreams([
    { name: "far", endpoints: [url], region, credentials, checksumTrailers },
  ]);
  const records: RequestRecord[] = [];
  const gateway = await startGateway({
    engine,
    control,
    upstreams,
    region,
    statusProfile: profile,
    log: (record) => void records.push(record),
    host: "127.0.0.1",
    port: 0,
  });
  const operator = new S3Client({ region, endpoint: url, credentials });
  const { accessKeyId, secretAccessKey } = tenant;
  return {
    endpoint: { url: gateway.endpoint, profile, region, accessKeyId, secretAccessKey },
    records,
    behind: (client) => attaching(client, control, operator),
    async stop() {
      operator.close();
      await gateway.close({ graceMs: 0 });
      await upstreams.close();
      await engine.close();
      temporary.remove();
    },
  };
}

function attaching(client: Client, control: MemoryControl, operator: S3Client): Client {
  const open: Client["open"] = (session): Driver => {
    const driver = client.open(session);
    return {
      ...driver,
      createBucket: async (bucket) => {
        const remoteBucket = remoteName(bucket);
        control.attach(bucket, { bucket, upstream: "far", remoteBucket, createdAt: Date.now() });
        await driver.createBucket(bucket);
      },
      // A bucket stays while it is attached, and so no client can take it away.
      removeBucket: async (bucket) => {
        await operator.deleteBucket({ bucket: remoteName(bucket) });
        control.attach(bucket, undefined);
      },
    };
  };
  return { ...client, open };
}
