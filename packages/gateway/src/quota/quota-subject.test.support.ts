import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine, type Engine } from "@holdfast/engine";
import type { Quota } from "../control/sources.ts";
import type { RequestRecord, StatusProfile } from "../options.ts";
import { startSubject, type Subject } from "../s3-subject.test.support.ts";
import type { SoftQuota } from "../stages/settle.ts";
import { openQuotas, type OpenQuotas } from "./open-quotas.ts";
import type { Quotas } from "./quotas.ts";

/** A gateway whose buckets have quotas, which a test may change while it runs. */
export interface QuotaSubject extends Subject {
  readonly quotas: Quotas;
  /** What they were opened with. */
  readonly quotaOptions: OpenQuotas;
  readonly limits: Map<string, Quota>;
  readonly records: RequestRecord[];
  readonly soft: SoftQuota[];
}

export async function startQuotaSubject(
  profile?: StatusProfile,
  more: Pick<OpenQuotas, "lockWaitMs"> = {},
): Promise<QuotaSubject> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-usage-"));
  const limits = new Map<string, Quota>();
  const records: RequestRecord[] = [];
  const soft: SoftQuota[] = [];
  const engine = await openEngine({ directory: join(directory, "engine") });
  const quotaOptions: OpenQuotas = {
    file: join(directory, "usage.db"),
    engine,
    quotaOf: (bucket) => limits.get(bucket),
    upstreams: undefined,
    attachmentOf: () => undefined,
    ...more,
  };
  const quotas = await openQuotas(quotaOptions);
  const subject = await startSubject(profile, {
    engine,
    quotas,
    limits: { idleTimeoutMs: 1000 },
    log: (record) => records.push(record),
    onSoftQuota: (event) => soft.push(event),
  });
  return {
    ...subject,
    engine,
    quotas,
    quotaOptions,
    limits,
    records,
    soft,
    async close() {
      await subject.close();
      await quotas.close();
      await engine.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** What a bucket holds by its own listings, objects and parts of open uploads. */
export async function heldBytes(engine: Engine, bucket: string): Promise<number> {
  const all = { bucket, prefix: "", delimiter: "", limit: 100_000 };
  const { entries } = await engine.listObjects({ ...all, after: "" });
  let bytes = 0;
  for (const entry of entries) if (entry.type === "object") bytes += entry.object.size;
  const uploads = await engine.listUploads({ ...all, keyMarker: "", uploadIdMarker: "" });
  for (const entry of uploads.entries) {
    if (entry.type !== "upload") continue;
    const { parts } = await engine.listParts(entry.upload, { after: 0, limit: 10_000 });
    for (const { size } of parts) bytes += size;
  }
  return bytes;
}
