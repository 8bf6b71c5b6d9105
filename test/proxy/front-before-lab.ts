import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "@holdfast/engine";
import {
  openUpstreams,
  rootControl,
  startGateway,
  type RequestRecord,
  type UpstreamConfig,
} from "@holdfast/gateway";
import { startLab, type Lab } from "@holdfast/lab";

/** What tenants ask, and the server behind it that fails as it is told. */
export interface FrontBeforeLab {
  readonly lab: Lab;
  /** What a tenant's client is made with. */
  readonly tenant: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** The tenants' name for the bucket `far` of the lab. */
  readonly bucket: string;
  close(): Promise<void>;
}

const credentials = { accessKeyId: "AKIDTENANT", secretAccessKey: "a secret of the tenant's" };
const region = "us-east-1";
const bucket = "near";

/** Starts a gateway before a lab. */
export async function startFrontBeforeLab(options: {
  readonly limits?: UpstreamConfig["limits"];
  readonly log?: (record: RequestRecord) => void;
}): Promise<FrontBeforeLab> {
  const { limits, log = () => {} } = options;
  const undo: (() => unknown)[] = [];
  const directory = await mkdtemp(join(tmpdir(), "holdfast-front-"));
  undo.push(() => rm(directory, { recursive: true }));
  const lab = await startLab({ buckets: ["far"] });
  undo.push(() => lab.close());
  const engine = await openEngine({ directory });
  undo.push(() => engine.close());
  const far = { name: "far", endpoints: [lab.endpoint], region: lab.region, limits };
  const upstreams = openUpstreams([{ ...far, credentials: lab.credentials }]);
  undo.push(() => upstreams.close());
  const attachment = { bucket, upstream: "far", remoteBucket: "far", createdAt: 0 };
  const gateway = await startGateway({
    engine,
    upstreams,
    control: {
      ...rootControl(credentials),
      attachment: (name) => (name === bucket ? attachment : undefined),
    },
    region,
    statusProfile: "documented",
    log,
    host: "127.0.0.1",
    port: 0,
  });
  undo.push(() => gateway.close({ graceMs: 0 }));
  return {
    lab,
    tenant: { endpoint: gateway.endpoint, region, credentials },
    bucket,
    async close() {
      for (const step of undo.toReversed()) await step();
    },
  };
}
