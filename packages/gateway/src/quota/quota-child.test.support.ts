import { join } from "node:path";
import { openEngine } from "@holdfast/engine";
import { rootControl } from "../access/root-control.ts";
import { startGateway } from "../gateway.ts";
import { openUpstreams } from "../upstream/open-upstreams.ts";
import { openQuotas } from "./open-quotas.ts";

/** A gateway of its own process, which a test kills. Its argument is what it serves. */
export interface QuotaChild {
  readonly directory: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly region: string;
  readonly bucket: string;
  readonly hardBytes: number;
  /** Where the bucket is kept; the child's own engine keeps it without one. */
  readonly endpoint?: string;
}

/** Serves until it is killed, or whoever started it is gone. */
export async function serveQuotas(child: QuotaChild): Promise<void> {
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  const { directory, credentials, region, bucket, hardBytes, endpoint } = child;
  const engine = await openEngine({ directory: join(directory, "engine") });
  const attachment = { bucket, upstream: "far", remoteBucket: bucket, createdAt: 0 };
  const attachmentOf = (name: string): typeof attachment | undefined =>
    endpoint !== undefined && name === bucket ? attachment : undefined;
  const configs = endpoint === undefined ? [] : [{ name: "far", endpoints: [endpoint], region, credentials }]; // prettier-ignore
  const upstreams = openUpstreams(configs);
  const quotas = await openQuotas({
    file: join(directory, "usage.db"),
    engine,
    quotaOf: (name) => (name === bucket ? { hardBytes } : undefined),
    upstreams,
    attachmentOf,
  });
  if (endpoint === undefined) await engine.createBucket(bucket).catch(() => undefined);
  const gateway = await startGateway({
    engine,
    control: { ...rootControl(credentials), attachment: attachmentOf },
    upstreams,
    quotas,
    region,
    statusProfile: "documented",
    host: "127.0.0.1",
    port: 0,
  });
  process.send?.(gateway.port);
}
